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

import java.time.Duration;
import java.util.List;

import io.idempotency.messaging.Redelivery;
import org.apache.commons.logging.LogFactory;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;

import org.springframework.core.log.LogAccessor;
import org.springframework.kafka.listener.AfterRollbackProcessor;
import org.springframework.kafka.listener.ContainerProperties.EOSMode;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.kafka.listener.SeekUtils;

/**
 * The same as the {@link RedeliveringErrorHandler} for containers with transactions,
 * where a failure rolls back first.
 */
final class RedeliveringRollbackProcessor<K, V> implements AfterRollbackProcessor<K, V> {

	private static final LogAccessor logger = new LogAccessor(LogFactory.getLog(RedeliveringRollbackProcessor.class));

	private final AfterRollbackProcessor<K, V> delegate;

	RedeliveringRollbackProcessor(AfterRollbackProcessor<K, V> delegate) {
		this.delegate = delegate;
	}

	@Override
	public void process(List<ConsumerRecord<K, V>> records, Consumer<K, V> consumer, MessageListenerContainer container,
			Exception exception, boolean recoverable, EOSMode eosMode) {
		if (!redelivers(records, consumer, container, exception)) {
			this.delegate.process(records, consumer, container, exception, recoverable, eosMode);
		}
	}

	@Override
	public void processBatch(ConsumerRecords<K, V> records, List<ConsumerRecord<K, V>> recordList,
			Consumer<K, V> consumer, MessageListenerContainer container, Exception exception, boolean recoverable,
			EOSMode eosMode) {
		if (!redelivers(recordList, consumer, container, exception)) {
			this.delegate.processBatch(records, recordList, consumer, container, exception, recoverable, eosMode);
		}
	}

	private static <K, V> boolean redelivers(List<ConsumerRecord<K, V>> records, Consumer<K, V> consumer,
			MessageListenerContainer container, Exception exception) {
		Duration pause = Redelivery.after(exception);
		if (pause == null) {
			return false;
		}
		Pauses.pause(container, pause);
		SeekUtils.doSeeksToBegin(List.copyOf(records), consumer, logger);
		return true;
	}

	@Override
	public void clearThreadState() {
		this.delegate.clearThreadState();
	}

	@Override
	public boolean isProcessInTransaction() {
		return this.delegate.isProcessInTransaction();
	}

}
