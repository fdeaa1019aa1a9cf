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

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import io.idempotency.messaging.OutboundMessageKeys;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

import org.springframework.kafka.core.ProducerPostProcessor;

/**
 * Gives the records that guarded work sends their keys. To be added to a
 * {@link org.springframework.kafka.core.ProducerFactory}, whose templates then do so.
 *
 * @param <K> the type of the records' keys
 * @param <V> the type of the records' values
 */
public final class OutboundKafkaKeys<K, V> implements ProducerPostProcessor<K, V> {

	/** What Spring writes about the other headers. */
	private static final String TYPES_OF_HEADERS = "spring_json_header_types";

	private final OutboundMessageKeys keys;

	/**
	 * Create it.
	 * @param keys tells the keys
	 */
	public OutboundKafkaKeys(OutboundMessageKeys keys) {
		this.keys = keys;
	}

	@Override
	@SuppressWarnings("unchecked")
	public Producer<K, V> apply(Producer<K, V> producer) {
		return (Producer<K, V>) Proxy.newProxyInstance(OutboundKafkaKeys.class.getClassLoader(),
				new Class<?>[] { Producer.class }, new Keyed(producer));
	}

	private final class Keyed implements InvocationHandler {

		private final Producer<?, ?> producer;

		private Keyed(Producer<?, ?> producer) {
			this.producer = producer;
		}

		@Override
		public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] args) throws Throwable {
			if (args != null && args.length > 0 && args[0] instanceof ProducerRecord<?, ?> record) {
				args[0] = keyed(record);
			}
			try {
				return method.invoke(this.producer, args);
			}
			catch (InvocationTargetException ex) {
				throw ex.getTargetException();
			}
		}

		private static Map<String, byte[]> headers(ProducerRecord<?, ?> record) {
			Map<String, byte[]> headers = new HashMap<>();
			record.headers().forEach((header) -> headers.put(header.key(), header.value()));
			headers.remove(TYPES_OF_HEADERS);
			return headers;
		}

		/** A record may be sent again, and its headers are fixed once it was sent. */
		private ProducerRecord<?, ?> keyed(ProducerRecord<?, ?> record) {
			Header present = record.headers().lastHeader(OutboundKafkaKeys.this.keys.header());
			String key = OutboundKafkaKeys.this.keys.keyFor(
					(present != null) ? new String(present.value(), StandardCharsets.UTF_8) : null,
					new KafkaMessage.Content(record.key(), record.value()), () -> headers(record), record.topic());
			if (key == null) {
				return record;
			}
			RecordHeaders headers = new RecordHeaders(record.headers().toArray());
			headers.remove(OutboundKafkaKeys.this.keys.header());
			headers.add(OutboundKafkaKeys.this.keys.header(), key.getBytes(StandardCharsets.UTF_8));
			return new ProducerRecord<>(record.topic(), record.partition(), record.timestamp(), record.key(),
					record.value(), headers);
		}

	}

}
