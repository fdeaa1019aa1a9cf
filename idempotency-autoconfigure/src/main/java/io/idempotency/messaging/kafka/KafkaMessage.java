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

import io.idempotency.messaging.ReceivedMessage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import org.springframework.kafka.support.KafkaHeaders;

/**
 * A Kafka record as a message. Its identity is the topic, partition and offset where it
 * was first stored, and its timestamp, because a topic that is made anew begins with the
 * same offsets; a retry topic carries them on in headers.
 *
 * <p>
 * These headers are believed in a container of a retry topic, and in a topic that has the
 * name of the original and {@code .DLT}, {@code -dlt} or {@code -DLT} behind it.
 * Elsewhere they may have been copied to messages that somebody else sends.
 *
 * @param nativeMessage the record
 * @param retried whether the container reads what the container of another topic sent on
 */
record KafkaMessage(ConsumerRecord<?, ?> nativeMessage, boolean retried) implements ReceivedMessage {

	private static final List<String> DEAD_LETTERS = List.of(".DLT", "-dlt", "-DLT");

	@Override
	public String destination() {
		return this.nativeMessage.topic();
	}

	@Override
	public @Nullable String header(String name) {
		byte[] value = value(name);
		return (value != null) ? new String(value, StandardCharsets.UTF_8) : null;
	}

	@Override
	public String identity() {
		String original = original(KafkaHeaders.ORIGINAL_TOPIC, KafkaHeaders.ORIGINAL_PARTITION,
				KafkaHeaders.ORIGINAL_OFFSET, KafkaHeaders.ORIGINAL_TIMESTAMP);
		if (original == null) {
			original = original(KafkaHeaders.DLT_ORIGINAL_TOPIC, KafkaHeaders.DLT_ORIGINAL_PARTITION,
					KafkaHeaders.DLT_ORIGINAL_OFFSET, KafkaHeaders.DLT_ORIGINAL_TIMESTAMP);
		}
		ConsumerRecord<?, ?> record = this.nativeMessage;
		return (original != null) ? original
				: position(record.topic(), record.partition(), record.offset(), record.timestamp());
	}

	private @Nullable String original(String topicHeader, String partitionHeader, String offsetHeader,
			String timestampHeader) {
		String topic = header(topicHeader);
		byte[] partition = value(partitionHeader);
		Long offset = number(offsetHeader);
		Long timestamp = number(timestampHeader);
		if (topic == null || !carriesOn(topic) || partition == null || partition.length != Integer.BYTES
				|| offset == null || timestamp == null) {
			return null;
		}
		return position(topic, ByteBuffer.wrap(partition).getInt(), offset, timestamp);
	}

	private boolean carriesOn(String original) {
		String topic = this.nativeMessage.topic();
		return this.retried ? topic.startsWith(original)
				: DEAD_LETTERS.stream().anyMatch((suffix) -> topic.equals(original + suffix));
	}

	private static String position(String topic, int partition, long offset, long timestamp) {
		return topic + "-" + partition + "@" + offset + "/" + timestamp;
	}

	private @Nullable Long number(String header) {
		byte[] value = value(header);
		return (value != null && value.length == Long.BYTES) ? ByteBuffer.wrap(value).getLong() : null;
	}

	private byte @Nullable [] value(String header) {
		Header last = this.nativeMessage.headers().lastHeader(header);
		return (last != null) ? last.value() : null;
	}

	@Override
	public Object content() {
		return new Content(this.nativeMessage.key(), this.nativeMessage.value());
	}

	/**
	 * What a record says.
	 *
	 * @param key what it is about
	 * @param value what is said of that
	 */
	record Content(@Nullable Object key, @Nullable Object value) {

	}

}
