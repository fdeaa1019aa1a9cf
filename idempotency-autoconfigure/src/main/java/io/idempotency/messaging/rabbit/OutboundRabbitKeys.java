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

package io.idempotency.messaging.rabbit;

import java.util.HashMap;
import java.util.Map;

import io.idempotency.messaging.OutboundMessageKeys;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.core.Correlation;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessagePostProcessor;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.support.AmqpHeaders;

/**
 * Gives the messages that guarded work sends their keys. To be added to the processors
 * before publishing of a {@link org.springframework.amqp.rabbit.core.RabbitTemplate}. A
 * batch of messages gets none, because its headers would be those of each of them.
 */
public final class OutboundRabbitKeys implements MessagePostProcessor {

	private final OutboundMessageKeys keys;

	/**
	 * Create it.
	 * @param keys tells the keys
	 */
	public OutboundRabbitKeys(OutboundMessageKeys keys) {
		this.keys = keys;
	}

	@Override
	public Message postProcessMessage(Message message) {
		return message;
	}

	/** A message may be sent again, so the key goes into a copy. */
	@Override
	public Message postProcessMessage(Message message, @Nullable Correlation correlation, String exchange,
			String routingKey) {
		MessageProperties properties = message.getMessageProperties();
		if (properties.getHeaders().containsKey(MessageProperties.SPRING_BATCH_FORMAT)) {
			return message;
		}
		String key = this.keys.keyFor(new RabbitMessage(message, 0).header(this.keys.header()), message.getBody(),
				() -> headers(properties), exchange, routingKey);
		return (key == null) ? message : new Message(message.getBody(), keyed(properties, key));
	}

	private static Map<String, @Nullable Object> headers(MessageProperties properties) {
		Map<String, @Nullable Object> headers = new HashMap<>(properties.getHeaders());
		headers.put("property:type", properties.getType());
		headers.put("property:content-type", properties.getContentType());
		return headers;
	}

	/**
	 * A message with a key of its own is no part of the batch whose properties it has.
	 */
	private MessageProperties keyed(MessageProperties properties, String key) {
		MessageProperties keyed = RabbitMessage.copy(properties, new KeyedProperties(properties));
		keyed.setHeader(this.keys.header(), key);
		keyed.getHeaders().remove(AmqpHeaders.BATCH_SIZE);
		keyed.getHeaders().remove(BatchParts.PLACE);
		return keyed;
	}

	/**
	 * A template sets the user's id after all processors, and does so with the message
	 * that was there before them.
	 */
	@SuppressWarnings("serial")
	private static final class KeyedProperties extends MessageProperties {

		private final MessageProperties original;

		private KeyedProperties(MessageProperties original) {
			this.original = original;
		}

		@Override
		public @Nullable String getUserId() {
			String own = super.getUserId();
			return (own != null) ? own : this.original.getUserId();
		}

	}

}
