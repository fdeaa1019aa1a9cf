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

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

import org.springframework.kafka.support.KafkaHeaders;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link KafkaMessage}.
 */
class KafkaMessageTests {

	private static final long TIME = 1_700_000_000_000L;

	@Test
	void recordKeepsItsIdentity() {
		assertThat(identity("orders", 7, TIME)).isEqualTo(identity("orders", 7, TIME));
	}

	@Test
	void recordAtTheSameOffsetOfATopicMadeAnewHasAnotherIdentity() {
		assertThat(identity("orders", 7, TIME)).isNotEqualTo(identity("orders", 7, TIME + 1));
	}

	@Test
	void recordInARetryTopicHasTheIdentityOfTheOriginal() {
		Headers headers = original(KafkaHeaders.ORIGINAL_TOPIC, KafkaHeaders.ORIGINAL_PARTITION,
				KafkaHeaders.ORIGINAL_OFFSET)
			.add(KafkaHeaders.ORIGINAL_TIMESTAMP, bytes(TIME));

		assertThat(retried("orders-retry", 3, TIME + 1000, headers)).isEqualTo(identity("orders", 7, TIME));
	}

	@Test
	void recordsToWhichHeadersWereCopiedKeepTheirOwnIdentities() {
		Headers headers = original(KafkaHeaders.ORIGINAL_TOPIC, KafkaHeaders.ORIGINAL_PARTITION,
				KafkaHeaders.ORIGINAL_OFFSET)
			.add(KafkaHeaders.ORIGINAL_TIMESTAMP, bytes(TIME));

		assertThat(identity("orders-items", 3, TIME, headers)).isEqualTo(identity("orders-items", 3, TIME));
		assertThat(identity("orders-retry-0", 3, TIME, headers)).isEqualTo(identity("orders-retry-0", 3, TIME));
		assertThat(identity("orders", 8, TIME, headers)).isEqualTo(identity("orders", 8, TIME));
		assertThat(retried("items-retry", 3, TIME, headers)).isEqualTo(identity("items-retry", 3, TIME));
	}

	@Test
	void recordInADeadLetterTopicHasTheIdentityOfTheOriginal() {
		Headers headers = original(KafkaHeaders.DLT_ORIGINAL_TOPIC, KafkaHeaders.DLT_ORIGINAL_PARTITION,
				KafkaHeaders.DLT_ORIGINAL_OFFSET)
			.add(KafkaHeaders.DLT_ORIGINAL_TIMESTAMP, bytes(TIME));

		for (String suffix : List.of("-dlt", "-DLT", ".DLT")) {
			assertThat(identity("orders" + suffix, 3, TIME + 1000, headers)).isEqualTo(identity("orders", 7, TIME));
		}
	}

	@Test
	void headersWithoutATimestampNameNoOriginal() {
		Headers headers = original(KafkaHeaders.ORIGINAL_TOPIC, KafkaHeaders.ORIGINAL_PARTITION,
				KafkaHeaders.ORIGINAL_OFFSET);

		assertThat(retried("orders-retry", 3, TIME, headers)).isEqualTo(identity("orders-retry", 3, TIME));
	}

	private static Headers original(String topic, String partition, String offset) {
		return new RecordHeaders().add(topic, "orders".getBytes(StandardCharsets.UTF_8))
			.add(partition, ByteBuffer.allocate(Integer.BYTES).putInt(0).array())
			.add(offset, bytes(7));
	}

	private static byte[] bytes(long value) {
		return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
	}

	private static String identity(String topic, long offset, long timestamp) {
		return identity(topic, offset, timestamp, new RecordHeaders());
	}

	private static String identity(String topic, long offset, long timestamp, Headers headers) {
		return new KafkaMessage(record(topic, offset, timestamp, headers), false).identity();
	}

	private static String retried(String topic, long offset, long timestamp, Headers headers) {
		return new KafkaMessage(record(topic, offset, timestamp, headers), true).identity();
	}

	private static ConsumerRecord<?, ?> record(String topic, long offset, long timestamp, Headers headers) {
		return new ConsumerRecord<>(topic, 0, offset, timestamp, TimestampType.CREATE_TIME, 0, 0, "k", "v", headers,
				Optional.empty());
	}

}
