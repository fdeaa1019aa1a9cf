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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.IdempotencyInProgressException;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.BatchListenerFailedException;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.util.backoff.FixedBackOff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link RedeliveringErrorHandler}, on batches of three records that were
 * polled.
 */
class RedeliveringErrorHandlerTests {

	private static final TopicPartition PARTITION = new TopicPartition("orders", 0);

	private static final int RETRIES = 2;

	private final RecordingConsumer consumer = new RecordingConsumer();

	private final Container container = new Container();

	private final List<Object> recovered = new ArrayList<>();

	private final AtomicInteger calls = new AtomicInteger();

	private final DefaultErrorHandler delegate = new DefaultErrorHandler(
			(record, ex) -> this.recovered.add(record.value()), new FixedBackOff(0, RETRIES));

	private final RedeliveringErrorHandler handler = new RedeliveringErrorHandler(this.delegate);

	private ConsumerRecords<String, String> records = ConsumerRecords.empty();

	@BeforeEach
	void poll() {
		this.consumer.assign(List.of(PARTITION));
		this.consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
		for (int offset = 0; offset < 3; offset++) {
			this.consumer.addRecord(new ConsumerRecord<>("orders", 0, offset, null, "v" + offset));
		}
		this.records = this.consumer.poll(Duration.ZERO);
		assertThat(this.consumer.position(PARTITION)).isEqualTo(3);
	}

	@Test
	void refusalWhileAFailedBatchIsTriedAgainIsNoAttempt() {
		assertThatExceptionOfType(KafkaException.class).isThrownBy(() -> this.handler.handleBatch(failure(),
				this.records, this.consumer, this.container, () -> run(refusedAt(1))));

		assertThat(this.calls).hasValue(1);
		assertThat(this.recovered).isEmpty();
		assertThat(this.consumer.position(PARTITION)).isEqualTo(1);
		assertThat(this.consumer.paused()).isEmpty();
	}

	@Test
	void refusalWhileAFailedBatchIsTriedAgainIsNoAttemptWithoutSeeks() {
		this.delegate.setSeekAfterError(false);

		ConsumerRecords<Object, Object> remaining = this.handler.handleBatchAndReturnRemaining(failure(), this.records,
				this.consumer, this.container, () -> run(refusedAt(1)));

		assertThat(this.calls).hasValue(1);
		assertThat(this.recovered).isEmpty();
		assertThat(remaining).hasSize(3);
	}

	@Test
	void failureWhileAFailedBatchIsTriedAgainIsAnAttempt() {
		this.handler.handleBatch(failure(), this.records, this.consumer, this.container, () -> run(failure()));

		assertThat(this.calls).hasValue(RETRIES);
		assertThat(this.recovered).containsExactly("v0", "v1", "v2");
	}

	@Test
	void recordsThatAreDoneAreCommittedAndTheOthersDeliveredAgain() {
		assertThatExceptionOfType(KafkaException.class).isThrownBy(() -> refuse(2));

		assertThat(this.consumer.position(PARTITION)).isEqualTo(2);
		assertThat(this.consumer.committed).containsExactly(Map.of(PARTITION, 2L));
		assertThat(this.consumer.committedLater).isEmpty();
	}

	/** Its place among those that the listener got may be another. */
	@Test
	void recordThatIsNamedIsFoundInWhatWasPolled() {
		IdempotencyInProgressException busy = new IdempotencyInProgressException("on", "in progress",
				Duration.ofMillis(1), Duration.ofMillis(1));
		ConsumerRecord<String, String> copy = new ConsumerRecord<>("orders", 0, 2, null, "changed on the way");

		assertThatExceptionOfType(KafkaException.class)
			.isThrownBy(() -> this.handler.handleBatch(new BatchListenerFailedException("not done", busy, copy),
					this.records, this.consumer, this.container, () -> {
					}));

		assertThat(this.consumer.position(PARTITION)).isEqualTo(2);
		assertThat(this.consumer.committed).containsExactly(Map.of(PARTITION, 2L));
	}

	@Test
	void recordsAreDeliveredAgainWhereTheCommitFails() {
		this.consumer.commitFailure = new CommitFailedException("on purpose");

		assertThatExceptionOfType(KafkaException.class).isThrownBy(() -> refuse(1));

		assertThat(this.consumer.position(PARTITION)).isEqualTo(1);
	}

	@Test
	void commitIsAsynchronousWhereThoseOfTheContainerAre() {
		this.container.getContainerProperties().setSyncCommits(false);
		AtomicInteger told = new AtomicInteger();
		this.container.getContainerProperties().setCommitCallback((offsets, ex) -> told.incrementAndGet());

		assertThatExceptionOfType(KafkaException.class).isThrownBy(() -> refuse(2));

		assertThat(this.consumer.committed).isEmpty();
		assertThat(this.consumer.committedLater).containsExactly(Map.of(PARTITION, 2L));
		assertThat(told).hasValue(1);
	}

	private void refuse(int index) {
		this.handler.handleBatch(refusedAt(index), this.records, this.consumer, this.container, () -> {
		});
	}

	private void run(RuntimeException failure) {
		this.calls.incrementAndGet();
		throw failure;
	}

	private static RuntimeException failure() {
		return new IllegalStateException("on purpose");
	}

	private static RuntimeException refusedAt(int index) {
		IdempotencyInProgressException cause = new IdempotencyInProgressException("on", "in progress",
				Duration.ofMillis(1), Duration.ofMillis(1));
		return new BatchListenerFailedException("not done", cause, index);
	}

	/** Keeps apart how it was told to commit. */
	private static final class RecordingConsumer extends MockConsumer<String, String> {

		private final List<Map<TopicPartition, Long>> committed = new ArrayList<>();

		private final List<Map<TopicPartition, Long>> committedLater = new ArrayList<>();

		private @Nullable RuntimeException commitFailure;

		private RecordingConsumer() {
			super("earliest");
		}

		@Override
		public synchronized void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
			if (this.commitFailure != null) {
				throw this.commitFailure;
			}
			this.committed.add(offsetsOf(offsets));
		}

		@Override
		public synchronized void commitAsync(Map<TopicPartition, OffsetAndMetadata> offsets,
				OffsetCommitCallback callback) {
			this.committedLater.add(offsetsOf(offsets));
			callback.onComplete(offsets, null);
		}

		private static Map<TopicPartition, Long> offsetsOf(Map<TopicPartition, OffsetAndMetadata> offsets) {
			Map<TopicPartition, Long> values = new HashMap<>();
			offsets.forEach((partition, offset) -> values.put(partition, offset.offset()));
			return values;
		}

	}

	/** A container that counts as running, though nobody started it. */
	private static final class Container extends KafkaMessageListenerContainer<String, String> {

		private Container() {
			super(new DefaultKafkaConsumerFactory<>(Map.of()), new ContainerProperties("orders"));
		}

		@Override
		public boolean isRunning() {
			return true;
		}

		@Override
		public MessageListenerContainer getContainerFor(String topic, int partition) {
			return this;
		}

	}

}
