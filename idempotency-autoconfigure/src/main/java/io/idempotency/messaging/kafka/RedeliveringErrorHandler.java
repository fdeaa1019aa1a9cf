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
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.idempotency.messaging.Redelivery;
import org.apache.commons.logging.LogFactory;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.TopicPartition;

import org.springframework.core.log.LogAccessor;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.listener.BatchListenerFailedException;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.ContainerProperties.AckMode;
import org.springframework.kafka.listener.ListenerUtils;
import org.springframework.kafka.listener.LoggingCommitCallback;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.kafka.listener.SeekUtils;
import org.springframework.kafka.support.TopicPartitionOffset;

/**
 * Has a record delivered again, after a pause, whose listener was not to be called now.
 * All else is the affair of the handler that the application has: this one keeps from it
 * what would count as a failed attempt.
 */
final class RedeliveringErrorHandler implements CommonErrorHandler {

	private static final LogAccessor logger = new LogAccessor(LogFactory.getLog(RedeliveringErrorHandler.class));

	private final CommonErrorHandler delegate;

	RedeliveringErrorHandler(CommonErrorHandler delegate) {
		this.delegate = delegate;
	}

	@Override
	public boolean handleOne(Exception thrownException, ConsumerRecord<?, ?> record, Consumer<?, ?> consumer,
			MessageListenerContainer container) {
		Duration pause = Redelivery.after(thrownException);
		if (pause == null) {
			return this.delegate.handleOne(thrownException, record, consumer, container);
		}
		Pauses.pause(container, pause);
		return false;
	}

	@Override
	public void handleRemaining(Exception thrownException, List<ConsumerRecord<?, ?>> records, Consumer<?, ?> consumer,
			MessageListenerContainer container) {
		Duration pause = Redelivery.after(thrownException);
		if (pause == null) {
			this.delegate.handleRemaining(thrownException, records, consumer, container);
			return;
		}
		Pauses.pause(container, pause);
		SeekUtils.seekOrRecover(thrownException, records, consumer, container, false, (record, ex) -> false, logger,
				KafkaException.Level.DEBUG);
	}

	@Override
	public void handleBatch(Exception thrownException, ConsumerRecords<?, ?> data, Consumer<?, ?> consumer,
			MessageListenerContainer container, Runnable invokeListener) {
		if (Redelivery.after(thrownException) != null) {
			throw deliverAgain(thrownException, data, consumer, container);
		}
		try {
			this.delegate.handleBatch(thrownException, data, consumer, container, leaving(invokeListener));
		}
		catch (Refused ex) {
			throw deliverAgain(ex.refusal, data, consumer, container);
		}
	}

	/**
	 * The delegate may call the listener by itself, again and again, and count.
	 */
	private static Runnable leaving(Runnable invokeListener) {
		return () -> {
			try {
				invokeListener.run();
			}
			catch (RuntimeException ex) {
				if (Redelivery.after(ex) != null) {
					throw new Refused(ex);
				}
				throw ex;
			}
		};
	}

	private static KafkaException deliverAgain(Exception refusal, ConsumerRecords<?, ?> data, Consumer<?, ?> consumer,
			MessageListenerContainer container) {
		pause(container, refusal);
		List<ConsumerRecord<?, ?>> records = new ArrayList<>();
		data.forEach(records::add);
		int done = done(refusal, records);
		SeekUtils.doSeeksToBegin(records.subList(done, records.size()), consumer, logger);
		commit(records.subList(0, done), consumer, container);
		return new KafkaException("Delivered again, because it was not to be worked on now", KafkaException.Level.DEBUG,
				refusal);
	}

	private static void pause(MessageListenerContainer container, Exception refusal) {
		Duration pause = Redelivery.after(refusal);
		if (pause != null) {
			Pauses.pause(container, pause);
		}
	}

	/** How many records stand before the one that is not done. */
	private static int done(Exception failure, List<ConsumerRecord<?, ?>> records) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof BatchListenerFailedException named) {
				int index = (named.getRecord() != null) ? place(named.getRecord(), records) : named.getIndex();
				return (index < records.size()) ? Math.max(index, 0) : 0;
			}
		}
		return 0;
	}

	private static int place(ConsumerRecord<?, ?> wanted, List<ConsumerRecord<?, ?>> records) {
		for (int i = 0; i < records.size(); i++) {
			ConsumerRecord<?, ?> record = records.get(i);
			if (record.offset() == wanted.offset() && record.partition() == wanted.partition()
					&& record.topic().equals(wanted.topic())) {
				return i;
			}
		}
		return -1;
	}

	/**
	 * Where the listener acknowledges by itself, what is done is skipped the next time.
	 */
	private static void commit(List<ConsumerRecord<?, ?>> done, Consumer<?, ?> consumer,
			MessageListenerContainer container) {
		AckMode ackMode = container.getContainerProperties().getAckMode();
		if (done.isEmpty() || ackMode == AckMode.MANUAL || ackMode == AckMode.MANUAL_IMMEDIATE) {
			return;
		}
		Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
		done.forEach((record) -> offsets.put(new TopicPartition(record.topic(), record.partition()),
				ListenerUtils.createOffsetAndMetadata(container, record.offset() + 1)));
		try {
			commit(offsets, consumer, container.getContainerProperties());
		}
		catch (RuntimeException ex) {
			logger.warn(ex, "Could not commit records that are done. They are skipped when they come again");
		}
	}

	private static void commit(Map<TopicPartition, OffsetAndMetadata> offsets, Consumer<?, ?> consumer,
			ContainerProperties properties) {
		if (properties.isSyncCommits()) {
			consumer.commitSync(offsets, properties.getSyncCommitTimeout());
			return;
		}
		OffsetCommitCallback callback = properties.getCommitCallback();
		consumer.commitAsync(offsets, (callback != null) ? callback : new LoggingCommitCallback());
	}

	@Override
	public <K, V> ConsumerRecords<K, V> handleBatchAndReturnRemaining(Exception thrownException,
			ConsumerRecords<?, ?> data, Consumer<?, ?> consumer, MessageListenerContainer container,
			Runnable invokeListener) {
		Exception refusal = thrownException;
		if (Redelivery.after(thrownException) == null) {
			try {
				return this.delegate.handleBatchAndReturnRemaining(thrownException, data, consumer, container,
						leaving(invokeListener));
			}
			catch (Refused ex) {
				refusal = ex.refusal;
			}
		}
		pause(container, refusal);
		return allOf(data);
	}

	@SuppressWarnings("unchecked")
	private static <K, V> ConsumerRecords<K, V> allOf(ConsumerRecords<?, ?> data) {
		ConsumerRecords<K, V> records = (ConsumerRecords<K, V>) data;
		return records;
	}

	@Override
	public void handleOtherException(Exception thrownException, Consumer<?, ?> consumer,
			MessageListenerContainer container, boolean batchListener) {
		this.delegate.handleOtherException(thrownException, consumer, container, batchListener);
	}

	@Override
	public boolean seeksAfterHandling() {
		return this.delegate.seeksAfterHandling();
	}

	@Override
	public boolean deliveryAttemptHeader() {
		return this.delegate.deliveryAttemptHeader();
	}

	@Override
	public int deliveryAttempt(TopicPartitionOffset topicPartitionOffset) {
		return this.delegate.deliveryAttempt(topicPartitionOffset);
	}

	@Override
	public void clearThreadState() {
		this.delegate.clearThreadState();
	}

	@Override
	public boolean isAckAfterHandle() {
		return this.delegate.isAckAfterHandle();
	}

	@Override
	public void setAckAfterHandle(boolean ack) {
		this.delegate.setAckAfterHandle(ack);
	}

	@Override
	public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions,
			Runnable publishPause) {
		this.delegate.onPartitionsAssigned(consumer, partitions, publishPause);
	}

	/**
	 * Leaves the loop of a handler that takes any exception for a failed attempt.
	 */
	@SuppressWarnings("serial")
	private static final class Refused extends Error {

		private final RuntimeException refusal;

		private Refused(RuntimeException refusal) {
			super("Not to be worked on now", refusal, false, false);
			this.refusal = refusal;
		}

	}

}
