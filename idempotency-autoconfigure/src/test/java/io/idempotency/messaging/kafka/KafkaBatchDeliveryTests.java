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

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import io.idempotency.messaging.Recipient;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.kafka.listener.BatchListenerFailedException;
import org.springframework.messaging.support.GenericMessage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for what a {@link KafkaBatchDelivery} of three records leaves out.
 */
class KafkaBatchDeliveryTests {

	private final List<ConsumerRecord<?, ?>> records = List.of(record(0), record(1), record(2));

	private final KafkaBatchDelivery delivery = new KafkaBatchDelivery(Recipient.of(Set.of()), this.records);

	@Test
	void listsAndRecordsAreShortened() {
		ConsumerRecords<Object, Object> all = new ConsumerRecords<>(
				Map.of(new TopicPartition("orders", 0), List.of(record(0), record(1), record(2))), Map.of());

		assertThat(this.delivery.narrowed(List.of("a", "b", "c"), List.of(0, 2))).isEqualTo(List.of("a", "c"));
		assertThat(this.delivery.narrowed(all, List.of(1))).isInstanceOfSatisfying(ConsumerRecords.class,
				(narrowed) -> assertThat(narrowed.count()).isOne());
	}

	@ParameterizedTest
	@MethodSource("whole")
	void argumentFromWhichNothingCanBeLeftOutIsRefused(Object argument) {
		assertThatIllegalStateException().isThrownBy(() -> this.delivery.narrowed(argument, List.of(1)));
	}

	static Stream<Object> whole() {
		return Stream.of(new long[] { 0, 1, 2 }, Map.of("offsets", List.of(0, 1, 2)),
				new GenericMessage<>(List.of("a", "b", "c")), List.of("a", "b"));
	}

	@Test
	void whatIsNotAboutTheRecordsStays() {
		assertThat(this.delivery.narrowed("group", List.of(1))).isEqualTo("group");
		assertThat(this.delivery.narrowed(null, List.of(1))).isNull();
		assertThat(this.delivery.narrowed(List.of(), List.of(1))).isEqualTo(List.of());
	}

	/** An interceptor may have left out records that the container still counts. */
	@Test
	void recordThatIsNotDoneIsNamedByItself() {
		RuntimeException failure = new IllegalStateException("on purpose");

		Throwable told = this.delivery.settle(Arrays.asList(null, failure, null), true, new Object[0]);

		assertThat(told).isInstanceOfSatisfying(BatchListenerFailedException.class,
				(named) -> assertThat(named.getRecord()).isSameAs(this.records.get(1)));
	}

	private static ConsumerRecord<Object, Object> record(long offset) {
		return new ConsumerRecord<>("orders", 0, offset, "k", "v" + offset);
	}

}
