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
import java.util.Arrays;
import java.util.Objects;
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
import org.springframework.kafka.listener.adapter.BatchToRecordAdapter;
import org.springframework.kafka.listener.adapter.FilteringBatchMessageListenerAdapter;
import org.springframework.kafka.listener.adapter.HandlerAdapter;
import org.springframework.kafka.listener.adapter.MessagingMessageListenerAdapter;
import org.springframework.messaging.handler.invocation.InvocableHandlerMethod;
import org.springframework.util.ReflectionUtils;

/**
 * Refuses listeners that cannot work in their container:
 * <ul>
 * <li>whose record is committed with the database while what they send is committed with
 * Kafka. One of the two comes first, and a crash in between leaves either a record
 * without the messages or the messages without a record
 * <li>of batches, where more than the messages decides what is done once, or from which
 * what was done before cannot be kept
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
		Object outermost = container.getContainerProperties().getMessageListener();
		Object listener = innermost(outermost);
		boolean adapter = listener instanceof MessagingMessageListenerAdapter<?, ?>;
		HandlerAdapter handler = adapter ? field(Objects.requireNonNull(listener), null, HandlerAdapter.class) : null;
		Object bean = !adapter ? listener : (handler != null) ? handler.getBean() : null;
		if (bean == null) {
			return;
		}
		Class<?> type = AopUtils.getTargetClass(bean);
		boolean transactional = container.getContainerProperties().getKafkaAwareTransactionManager() != null;
		for (Method method : ReflectionUtils.getUniqueDeclaredMethods(type)) {
			MethodOperation operation = calls(handler, method, type) ? this.operations.apply(method, type) : null;
			if (operation != null && listener instanceof BatchMessageListener<?, ?>) {
				checkAdapters(operation.spec().name(), outermost);
				BatchListenerCheck.check(operation, transactional ? "Kafka" : null);
				BatchParameters.check(operation);
			}
			else if (operation != null && transactional) {
				checkTransaction(operation.spec(), container);
			}
		}
	}

	/** One bean may have several listeners, of which a container calls one. */
	private boolean calls(@Nullable HandlerAdapter handler, Method method, Class<?> type) {
		if (!this.edge.calls(method, type)) {
			return false;
		}
		InvocableHandlerMethod invoked = (handler != null) ? field(handler, null, InvocableHandlerMethod.class) : null;
		if (invoked == null) {
			return true;
		}
		Method called = AopUtils.getMostSpecificMethod(invoked.getMethod(), type);
		return called.getName().equals(method.getName())
				&& Arrays.equals(called.getParameterTypes(), method.getParameterTypes());
	}

	private static void checkAdapters(String operation, @Nullable Object outermost) {
		Object listener = outermost;
		while (listener instanceof DelegatingMessageListener<?> delegating) {
			if (listener instanceof FilteringBatchMessageListenerAdapter<?, ?>) {
				throw new InvalidOperationException(operation,
						"is a listener of batches behind a RecordFilterStrategy, so that it would get other records "
								+ "than those that are claimed for it",
						"Remove the filter, and pass over records in the listener, or take single records");
			}
			listener = delegating.getDelegate();
		}
		if (listener != null && field(listener, "batchToRecordAdapter", BatchToRecordAdapter.class) != null) {
			throw new InvalidOperationException(operation,
					"is a listener behind a BatchToRecordAdapter, whose first call would count for all records of "
							+ "the batch",
					"Take a List of records, or make the container's listener one of single records");
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

	/** No getter leads to what an adapter calls. */
	private static <T> @Nullable T field(Object owner, @Nullable String name, Class<T> type) {
		Field field = ReflectionUtils.findField(owner.getClass(), name, type);
		if (field == null) {
			return null;
		}
		ReflectionUtils.makeAccessible(field);
		return type.cast(ReflectionUtils.getField(field, owner));
	}

}
