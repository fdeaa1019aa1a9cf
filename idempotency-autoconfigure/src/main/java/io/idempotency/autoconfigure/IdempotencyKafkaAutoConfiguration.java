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

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.key.Canonicalizer;
import io.idempotency.messaging.MessageKey;
import io.idempotency.messaging.OutboundMessageKeys;
import io.idempotency.messaging.kafka.KafkaListenerEdge;
import io.idempotency.messaging.kafka.KafkaListenerGuard;
import io.idempotency.messaging.kafka.OutboundKafkaKeys;
import io.idempotency.method.MethodOperations;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.ProducerFactory;
import org.springframework.kafka.listener.MessageListenerContainer;

/**
 * Guards the listeners of Kafka, and lets what they send carry keys of its own.
 */
@AutoConfiguration(after = IdempotencyMessagingAutoConfiguration.class, before = IdempotencyAutoConfiguration.class)
@ConditionalOnClass({ MessageListenerContainer.class, ProducerFactory.class })
@ConditionalOnProperty(prefix = "idempotency", name = { "enabled", "messaging.enabled" }, havingValue = "true",
		matchIfMissing = true)
public final class IdempotencyKafkaAutoConfiguration {

	@Bean
	KafkaListenerEdge idempotencyKafkaListenerEdge(ObjectProvider<IdempotencyEngine> engine, MessageKey keys,
			Canonicalizer canonicalizer) {
		return new KafkaListenerEdge(engine::getObject, keys, canonicalizer);
	}

	@Bean
	KafkaListenerGuard idempotencyKafkaListenerGuard(KafkaListenerEdge edge,
			ObjectProvider<MethodOperations> operations) {
		return new KafkaListenerGuard(edge, operations::getObject);
	}

	/**
	 * The keys are asked for with the first producer factory, so that nothing else is
	 * made for a post-processor's sake.
	 */
	@Bean
	@ConditionalOnProperty(prefix = "idempotency", name = "messaging.send-keys", havingValue = "true",
			matchIfMissing = true)
	static BeanPostProcessor idempotencyKafkaProducers(ObjectProvider<OutboundMessageKeys> keys) {
		return new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				if (bean instanceof DefaultKafkaProducerFactory<?, ?> factory) {
					sendKeys(factory, keys);
				}
				return bean;
			}

		};
	}

	private static <K, V> void sendKeys(DefaultKafkaProducerFactory<K, V> factory,
			ObjectProvider<OutboundMessageKeys> keys) {
		factory.addPostProcessor((producer) -> new OutboundKafkaKeys<K, V>(keys.getObject()).apply(producer));
	}

}
