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
import io.idempotency.messaging.rabbit.OutboundRabbitKeys;
import io.idempotency.messaging.rabbit.RabbitListenerEdge;
import io.idempotency.messaging.rabbit.RabbitListenerGuard;
import io.idempotency.method.MethodOperations;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.core.Correlation;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessagePostProcessor;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.util.function.SingletonSupplier;

/**
 * Guards the listeners of RabbitMQ, and lets what they send carry keys of its own.
 */
@AutoConfiguration(after = IdempotencyMessagingAutoConfiguration.class, before = IdempotencyAutoConfiguration.class)
@ConditionalOnClass(RabbitTemplate.class)
@ConditionalOnProperty(prefix = "idempotency", name = { "enabled", "messaging.enabled" }, havingValue = "true",
		matchIfMissing = true)
public final class IdempotencyRabbitAutoConfiguration {

	@Bean
	RabbitListenerEdge idempotencyRabbitListenerEdge(ObjectProvider<IdempotencyEngine> engine, MessageKey keys,
			Canonicalizer canonicalizer) {
		return new RabbitListenerEdge(engine::getObject, keys, canonicalizer);
	}

	@Bean
	RabbitListenerGuard idempotencyRabbitListenerGuard(RabbitListenerEdge edge,
			ObjectProvider<MethodOperations> operations) {
		return new RabbitListenerGuard(edge, operations::getObject);
	}

	/**
	 * The keys are asked for with the first message, so that nothing else is made for a
	 * post-processor's sake.
	 */
	@Bean
	@ConditionalOnProperty(prefix = "idempotency", name = "messaging.send-keys", havingValue = "true",
			matchIfMissing = true)
	static BeanPostProcessor idempotencyRabbitTemplates(ObjectProvider<OutboundMessageKeys> keys) {
		SingletonSupplier<OutboundRabbitKeys> processor = SingletonSupplier
			.of(() -> new OutboundRabbitKeys(keys.getObject()));
		return new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				if (bean instanceof RabbitTemplate template) {
					template.addBeforePublishPostProcessors(new Late(processor));
				}
				return bean;
			}

		};
	}

	/**
	 * Asks for the keys when a message is sent.
	 */
	private record Late(SingletonSupplier<OutboundRabbitKeys> keys) implements MessagePostProcessor {

		@Override
		public Message postProcessMessage(Message message) {
			return message;
		}

		@Override
		public Message postProcessMessage(Message message, @Nullable Correlation correlation, String exchange,
				String routingKey) {
			return this.keys.obtain().postProcessMessage(message, correlation, exchange, routingKey);
		}

	}

}
