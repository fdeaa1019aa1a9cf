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

package io.idempotency.messaging.kafka;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.function.BiFunction;

import io.idempotency.TransactionMode;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.engine.OperationSpec;
import io.idempotency.messaging.BatchListenerCheck;
import io.idempotency.method.MethodOperation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.kafka.listener.AbstractMessageListenerContainer;
import org.springframework.kafka.listener.BatchMessageListener;
import org.springframework.kafka.listener.DelegatingMessageListener;
import org.springframework.kafka.listener.adapter.HandlerAdapter;
import org.springframework.kafka.listener.adapter.MessagingMessageListenerAdapter;
import org.springframework.util.ReflectionUtils;

/**
 * Refuses listeners that cannot work in their container:
 * <ul>
 * <li>whose record is committed with the database while what they send is committed with
 * Kafka. One of the two comes first, and a crash in between leaves either a record
 * without the messages or the messages without a record
 * <li>of batches, where more than the messages decides what is done once
 * </ul>
 */
final class KafkaContainerCheck {

	private final KafkaListenerEdge edge;

	private final BiFunction<Method, Class<?>, @Nullable MethodOperation> operations;

	/**
	 * Create the check.
	 * @param edge knows listeners
	 * @param operations finds the operation of a method
	 */
	KafkaContainerCheck(KafkaListenerEdge edge, BiFunction<Method, Class<?>, @Nullable MethodOperation> operations) {
		this.edge = edge;
		this.operations = operations;
	}

	/**
	 * Check a container.
	 * @param container the container
	 * @throws InvalidOperationException if one of its listeners cannot work
	 */
	void check(AbstractMessageListenerContainer<?, ?> container) {
		Object listener = innermost(container.getContainerProperties().getMessageListener());
		Object bean = (listener instanceof MessagingMessageListenerAdapter<?, ?>) ? beanBehind(listener) : listener;
		if (bean == null) {
			return;
		}
		Class<?> type = AopUtils.getTargetClass(bean);
		boolean transactional = container.getContainerProperties().getKafkaAwareTransactionManager() != null;
		for (Method method : ReflectionUtils.getUniqueDeclaredMethods(type)) {
			MethodOperation operation = this.edge.calls(method, type) ? this.operations.apply(method, type) : null;
			if (operation != null && listener instanceof BatchMessageListener<?, ?>) {
				BatchListenerCheck.check(operation, transactional ? "Kafka" : null);
			}
			else if (operation != null && transactional) {
				checkTransaction(operation.spec(), container);
			}
		}
	}

	private static void checkTransaction(OperationSpec operation, AbstractMessageListenerContainer<?, ?> container) {
		if (operation.modeOfItsOwn() != TransactionMode.SEPARATE) {
			throw new InvalidOperationException(operation.name(),
					"is recorded with transaction=" + operation.modeOfItsOwn()
							+ ", in the database's transaction, but its container '" + container.getListenerId()
							+ "' has transactions of Kafka, which cannot be committed together with it: a crash "
							+ "between the two commits loses the messages that the listener sent",
					"Use the outbox pattern: take the transaction manager off the container, write what is to be "
							+ "sent into a table within the database's transaction, and send it from there. Without "
							+ "a database transaction on the listener, or with transaction=SEPARATE and a store of "
							+ "its own, the record is written after Kafka's commit");
		}
	}

	private static @Nullable Object innermost(@Nullable Object listener) {
		Object innermost = listener;
		while (innermost instanceof DelegatingMessageListener<?> delegating) {
			innermost = delegating.getDelegate();
		}
		return innermost;
	}

	/** No getter leads to the method that an adapter calls. */
	private static @Nullable Object beanBehind(Object adapter) {
		Field field = ReflectionUtils.findField(adapter.getClass(), null, HandlerAdapter.class);
		if (field == null) {
			return null;
		}
		ReflectionUtils.makeAccessible(field);
		return (ReflectionUtils.getField(field, adapter) instanceof HandlerAdapter handler) ? handler.getBean() : null;
	}

}
