/*
 * Copyright 2026 the idempotency-spring-boot-starter authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.idempotency.autoconfigure;

import java.time.Clock;
import java.time.InstantSource;

import io.idempotency.Idempotency;
import io.idempotency.codec.OutcomeCodec;
import io.idempotency.engine.EngineIdempotency;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.Operations;
import io.idempotency.key.Canonicalizer;
import io.idempotency.maintenance.ExpiredRecordPurge;
import io.idempotency.method.IdempotencyAdvice;
import io.idempotency.method.MethodEdge;
import io.idempotency.method.MethodOperations;
import io.idempotency.method.OperationScanner;
import io.idempotency.step.RecordedStepsFactory;
import io.idempotency.observation.ObservingListener;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.aop.Advisor;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

/**
 * Guards {@link io.idempotency.Idempotent} methods, with the store that is there or that
 * {@code idempotency.store} names. The stores, the codec, the engine, the facade, the
 * purge and the observations back off for the application's own.
 */
@AutoConfiguration(
		after = { IdempotencyRedisAutoConfiguration.class, IdempotencyJpaAutoConfiguration.class,
				IdempotencyJdbcAutoConfiguration.class },
		afterName = { "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration",
				"org.springframework.boot.autoconfigure.jackson.JacksonAutoConfiguration",
				"org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration",
				"org.springframework.boot.actuate.autoconfigure.observation.ObservationAutoConfiguration" })
@ConditionalOnProperty(prefix = "idempotency", name = "enabled", havingValue = "true", matchIfMissing = true)
@EnableConfigurationProperties(IdempotencyProperties.class)
@Import(ProxyCreatorRegistrar.class)
public final class IdempotencyAutoConfiguration {

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static IdempotencyAdvice idempotencyAdvice(ObjectProvider<IdempotencyEngine> engine,
			ObjectProvider<MethodOperations> operations, ObjectProvider<InstantSource> clock) {
		return new IdempotencyAdvice(engine::getObject, operations::getObject, () -> clock(clock));
	}

	/**
	 * The order comes from the environment, because binding the properties for an advisor
	 * would create them before other beans can be post-processed.
	 */
	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static Advisor idempotencyAdvisor(IdempotencyAdvice idempotencyAdvice, Environment environment) {
		return idempotencyAdvice
			.outerAdvisor(environment.getProperty("idempotency.order", Integer.class, IdempotencyAdvice.DEFAULT_ORDER));
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static BeanPostProcessor idempotencyInnerAdvice(IdempotencyAdvice idempotencyAdvice) {
		return idempotencyAdvice.innerAdvicePostProcessor();
	}

	@Bean
	@Lazy
	@ConditionalOnMissingBean
	MemoryIdempotencyStore memoryIdempotencyStore() {
		return new MemoryIdempotencyStore();
	}

	@Bean
	Stores idempotencyStores(ConfigurableListableBeanFactory beanFactory, IdempotencyProperties properties,
			ObjectProvider<StorePrecedence> precedence, ObjectProvider<StorePreparation> preparations,
			ObjectProvider<MemoryInSlices> memoryInSlices) {
		return new Stores(beanFactory, properties.store(), memoryInSlices.getIfAvailable() != null,
				precedence.stream().toList(), preparations.orderedStream().toList());
	}

	@Bean
	Operations idempotentOperations(IdempotencyProperties properties, Stores stores,
			ObjectProvider<MemoryInSlices> memoryInSlices) {
		MemoryInSlices slice = memoryInSlices.getIfAvailable();
		return (slice != null)
				? new Operations(properties.globalSettings(), properties.operationSettings(), stores, slice::forStore)
				: new Operations(properties.globalSettings(), properties.operationSettings(), stores);
	}

	@Bean
	@ConditionalOnMissingBean
	OutcomeCodec idempotencyOutcomeCodec(ConfigurableListableBeanFactory beanFactory) {
		return OutcomeCodecs.ofMapperIn(beanFactory);
	}

	@Bean
	Canonicalizer idempotencyCanonicalizer() {
		return new Canonicalizer();
	}

	@Bean
	@ConditionalOnMissingBean
	IdempotencyEngine idempotencyEngine(OutcomeCodec codec, ObjectProvider<IdempotencyListener> listeners,
			IdempotencyProperties properties, ListableBeanFactory beanFactory) {
		return new IdempotencyEngine(codec, listeners.orderedStream().toList(), properties.recordFailureMessages(),
				new RecordedStepsFactory(beanFactory));
	}

	@Bean
	MethodOperations idempotentMethodOperations(Operations operations, Canonicalizer canonicalizer,
			ConfigurableListableBeanFactory beanFactory, IdempotencyProperties properties,
			ObjectProvider<MethodEdge> edges) {
		return new MethodOperations(operations, canonicalizer, beanFactory,
				properties.defaultKey() == IdempotencyProperties.DefaultKey.FORBID, edges.orderedStream().toList());
	}

	@Bean
	OperationsAtStartup idempotentOperationsAtStartup(ConfigurableListableBeanFactory beanFactory,
			MethodOperations operations, IdempotencyProperties properties, Stores stores,
			ObjectProvider<MemoryInSlices> memoryInSlices) {
		return new OperationsAtStartup(new OperationScanner(beanFactory, operations, new MockedBeans()), properties,
				stores, memoryInSlices.getIfAvailable() != null);
	}

	@Bean
	@ConditionalOnMissingBean
	Idempotency idempotency(IdempotencyEngine engine, Operations operations, Canonicalizer canonicalizer,
			ObjectProvider<InstantSource> clock) {
		return new EngineIdempotency(engine, operations, canonicalizer, clock(clock));
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnProperty(prefix = "idempotency.sql.purge", name = "enabled", havingValue = "true",
			matchIfMissing = true)
	ExpiredRecordPurge idempotencyExpiredRecordPurge(Stores stores, IdempotencyProperties properties) {
		return IdempotencyProperties.valid("idempotency.sql.purge", properties.sql().purge(),
				(purge) -> new ExpiredRecordPurge(stores::inUse, purge.interval(), purge.batchSize(),
						purge.batchPause()));
	}

	static InstantSource clock(ObjectProvider<InstantSource> clock) {
		return clock.getIfUnique(Clock::systemUTC);
	}

	/**
	 * Observations, where Micrometer is there.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ObservationRegistry.class)
	@ConditionalOnBean(ObservationRegistry.class)
	static class ObservationConfiguration {

		@Bean
		@ConditionalOnMissingBean
		ObservingListener idempotencyObservingListener(ObservationRegistry registry) {
			return new ObservingListener(registry);
		}

	}

}
