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
import io.idempotency.messaging.jms.JmsListenerEdge;
import io.idempotency.messaging.jms.JmsListenerGuard;
import io.idempotency.messaging.jms.KeyedJmsTemplate;
import io.idempotency.method.MethodOperations;
import jakarta.jms.Message;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.MessageListenerContainer;
import org.springframework.util.function.SingletonSupplier;

/**
 * Guards the listeners of JMS, and lets what they send carry keys of its own.
 */
@AutoConfiguration(after = IdempotencyMessagingAutoConfiguration.class, before = IdempotencyAutoConfiguration.class)
@ConditionalOnClass({ Message.class, MessageListenerContainer.class })
@ConditionalOnProperty(prefix = "idempotency", name = { "enabled", "messaging.enabled" }, havingValue = "true",
		matchIfMissing = true)
public final class IdempotencyJmsAutoConfiguration {

	@Bean
	JmsListenerEdge idempotencyJmsListenerEdge(ObjectProvider<IdempotencyEngine> engine, MessageKey keys,
			Canonicalizer canonicalizer) {
		return new JmsListenerEdge(engine::getObject, keys, canonicalizer);
	}

	@Bean
	JmsListenerGuard idempotencyJmsListenerGuard(JmsListenerEdge edge, ObjectProvider<MethodOperations> operations) {
		return new JmsListenerGuard(edge, operations::getObject);
	}

	/**
	 * The keys are asked for with the first message, so that nothing else is made for a
	 * post-processor's sake.
	 */
	@Bean
	@ConditionalOnProperty(prefix = "idempotency", name = "messaging.send-keys", havingValue = "true",
			matchIfMissing = true)
	static BeanPostProcessor idempotencyJmsTemplates(ObjectProvider<OutboundMessageKeys> keys) {
		SingletonSupplier<OutboundMessageKeys> supplier = SingletonSupplier.of(keys::getObject);
		return new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				return (bean instanceof JmsTemplate template) ? KeyedJmsTemplate.of(template, supplier::obtain) : bean;
			}

		};
	}

}
