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
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.IdempotencyInProgressException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
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

	private final MockConsumer<String, String> consumer = new MockConsumer<>("earliest");

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
