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

import java.util.List;

import io.idempotency.TransactionMode;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.engine.OperationSpec;
import io.idempotency.messaging.BatchListenerCheck;
import io.idempotency.messaging.ListenerOperations;
import io.idempotency.method.MethodOperation;
import org.jspecify.annotations.Nullable;

import org.springframework.kafka.listener.AbstractMessageListenerContainer;
import org.springframework.kafka.listener.BatchMessageListener;
import org.springframework.kafka.listener.DelegatingMessageListener;
import org.springframework.kafka.listener.adapter.BatchToRecordAdapter;
import org.springframework.kafka.listener.adapter.FilteringBatchMessageListenerAdapter;

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

	private KafkaContainerCheck() {
	}

	/**
	 * Check a container.
	 * @param container the container
	 * @param operations the guarded operations that it calls
	 * @throws InvalidOperationException if one of its listeners cannot work
	 */
	static void check(AbstractMessageListenerContainer<?, ?> container, List<MethodOperation> operations) {
		Object listener = container.getContainerProperties().getMessageListener();
		boolean transactional = container.getContainerProperties().getKafkaAwareTransactionManager() != null;
		for (MethodOperation operation : operations) {
			if (ListenerOperations.innermost(listener) instanceof BatchMessageListener<?, ?>) {
				checkAdapters(operation.spec().name(), listener);
				BatchListenerCheck.check(operation, transactional ? "Kafka" : null);
				BatchParameters.check(operation);
			}
			else if (transactional) {
				checkTransaction(operation.spec(), container);
			}
		}
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
		if (listener != null && ListenerOperations.field(listener, BatchToRecordAdapter.class) != null) {
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

}
