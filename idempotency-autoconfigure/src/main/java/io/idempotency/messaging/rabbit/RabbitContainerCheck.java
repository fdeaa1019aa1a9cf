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

package io.idempotency.messaging.rabbit;

import java.lang.reflect.Method;
import java.util.function.Supplier;

import io.idempotency.engine.InvalidOperationException;
import io.idempotency.messaging.BatchListenerCheck;
import io.idempotency.method.MethodOperation;
import io.idempotency.method.MethodOperations;

import org.springframework.amqp.core.BatchMessageListener;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.MessageListenerContainer;
import org.springframework.amqp.rabbit.listener.adapter.BatchMessagingMessageListenerAdapter;
import org.springframework.amqp.rabbit.listener.adapter.MessagingMessageListenerAdapter;
import org.springframework.aop.support.AopUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Refuses listeners of batches that cannot work in their container.
 */
final class RabbitContainerCheck {

	private final Supplier<MethodOperations> operations;

	/**
	 * Create the check.
	 * @param operations finds the operation of a listener
	 */
	RabbitContainerCheck(Supplier<MethodOperations> operations) {
		this.operations = operations;
	}

	/**
	 * Check a container.
	 * @param container the container
	 * @throws InvalidOperationException if its listener cannot work
	 */
	void check(AbstractMessageListenerContainer container) {
		// The type that the container itself declares is another in version 3
		Object listener = ((MessageListenerContainer) container).getMessageListener();
		if (listener instanceof BatchMessagingMessageListenerAdapter adapter) {
			// The type of the handler is another in version 3
			Object handler = Reflection.call(MessagingMessageListenerAdapter.class, "getHandlerAdapter", adapter);
			Method method = Reflection.call(handler.getClass(), "getMethodFor", handler, new Object());
			check(method, Reflection.call(handler.getClass(), "getBean", handler), container);
		}
		else if (listener instanceof BatchMessageListener) {
			for (Method method : ReflectionUtils.getUniqueDeclaredMethods(AopUtils.getTargetClass(listener))) {
				if (method.getName().equals("onMessageBatch")) {
					check(method, listener, container);
				}
			}
		}
	}

	private void check(Method method, Object bean, AbstractMessageListenerContainer container) {
		MethodOperation operation = this.operations.get().of(method, AopUtils.getTargetClass(bean));
		if (operation == null) {
			return;
		}
		Object transactions = Reflection.get(AbstractMessageListenerContainer.class, "getTransactionManager",
				container);
		BatchListenerCheck.check(operation, (transactions != null) ? transactions.getClass().getSimpleName() : null);
	}

}
