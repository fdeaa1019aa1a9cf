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

import io.idempotency.messaging.ReceivedMessage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import org.springframework.kafka.support.KafkaHeaders;

/**
 * A Kafka record as a message. Its identity is the topic, partition and offset where it
 * was first stored; a retry topic carries them on in headers.
 */
record KafkaMessage(ConsumerRecord<?, ?> nativeMessage) implements ReceivedMessage {

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
				KafkaHeaders.ORIGINAL_OFFSET);
		if (original == null) {
			original = original(KafkaHeaders.DLT_ORIGINAL_TOPIC, KafkaHeaders.DLT_ORIGINAL_PARTITION,
					KafkaHeaders.DLT_ORIGINAL_OFFSET);
		}
		return (original != null) ? original
				: position(this.nativeMessage.topic(), this.nativeMessage.partition(), this.nativeMessage.offset());
	}

	/**
	 * Headers may have been copied to a message that somebody else sends. A retry topic
	 * and a dead letter topic have the name of the original with something behind it.
	 */
	private @Nullable String original(String topicHeader, String partitionHeader, String offsetHeader) {
		String topic = header(topicHeader);
		byte[] partition = value(partitionHeader);
		byte[] offset = value(offsetHeader);
		if (topic == null || !this.nativeMessage.topic().startsWith(topic) || partition == null
				|| partition.length != Integer.BYTES || offset == null || offset.length != Long.BYTES) {
			return null;
		}
		return position(topic, ByteBuffer.wrap(partition).getInt(), ByteBuffer.wrap(offset).getLong());
	}

	private static String position(String topic, int partition, long offset) {
		return topic + "-" + partition + "@" + offset;
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
