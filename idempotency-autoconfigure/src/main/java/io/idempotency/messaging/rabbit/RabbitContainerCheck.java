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

import java.util.List;

import io.idempotency.engine.InvalidOperationException;
import io.idempotency.messaging.BatchListenerCheck;
import io.idempotency.method.MethodOperation;

import org.springframework.amqp.core.BatchMessageListener;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.MessageListenerContainer;
import org.springframework.amqp.rabbit.listener.adapter.BatchMessagingMessageListenerAdapter;

/**
 * Refuses listeners of batches that cannot work in their container.
 */
final class RabbitContainerCheck {

	private RabbitContainerCheck() {
	}

	/**
	 * Check a container.
	 * @param container the container
	 * @param operations the guarded operations that it calls
	 * @throws InvalidOperationException if its listener cannot work
	 */
	static void check(AbstractMessageListenerContainer container, List<MethodOperation> operations) {
		// The type that the container itself declares is another in version 3
		Object listener = ((MessageListenerContainer) container).getMessageListener();
		Object transactions = Reflection.get(AbstractMessageListenerContainer.class, "getTransactionManager",
				container);
		for (MethodOperation operation : operations) {
			if (listener instanceof BatchMessagingMessageListenerAdapter || (listener instanceof BatchMessageListener
					&& operation.method().getName().equals("onMessageBatch"))) {
				BatchListenerCheck.check(operation,
						(transactions != null) ? transactions.getClass().getSimpleName() : null);
			}
		}
	}

}
