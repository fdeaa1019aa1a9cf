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

import java.nio.charset.StandardCharsets;
import java.util.List;

import io.idempotency.messaging.ReceivedMessage;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.beans.BeanUtils;

/**
 * A message of RabbitMQ. Its identity is the property {@code message-id}, which its
 * sender has to set: the delivery tag begins anew with each channel.
 *
 * <p>
 * The messages of a batch that the container took apart have the properties of the batch.
 * They are told apart by their place in it, and have no headers of their own.
 *
 * @param nativeMessage the message
 * @param part its place in a batch, 0 if it never was in one, or {@link #UNKNOWN_PLACE}
 */
record RabbitMessage(Message nativeMessage, int part) implements ReceivedMessage {

	/**
	 * That of a part which somebody sent on by itself, without its place.
	 */
	static final int UNKNOWN_PLACE = -1;

	/**
	 * Return by what the channel knows this delivery, with all messages that came in it.
	 * @return the delivery tag
	 */
	long tag() {
		return this.nativeMessage.getMessageProperties().getDeliveryTag();
	}

	/**
	 * Return whether nothing else comes in this delivery.
	 * @return whether it is the last message of its batch, or stands for itself
	 */
	boolean endsDelivery() {
		MessageProperties properties = this.nativeMessage.getMessageProperties();
		return this.part == 0 || properties.isLastInBatch() || !BatchParts.isTakenApart(properties);
	}

	/**
	 * Copy the properties of a message, which may be shared by others.
	 * @param <P> the type of the copy
	 * @param properties the properties
	 * @param copy what gets them
	 * @return the copy
	 */
	static <P extends MessageProperties> P copy(MessageProperties properties, P copy) {
		BeanUtils.copyProperties(properties, copy);
		copy.setReplyTo(properties.getReplyTo()); // its form depends on how it was set
		return copy;
	}

	@Override
	public String destination() {
		String queue = this.nativeMessage.getMessageProperties().getConsumerQueue();
		return (queue != null) ? queue : "";
	}

	@Override
	public @Nullable String header(String name) {
		return (this.part == 0) ? text(this.nativeMessage.getMessageProperties().getHeaders().get(name)) : null;
	}

	private static @Nullable String text(@Nullable Object value) {
		if (value instanceof byte[] bytes) {
			return new String(bytes, StandardCharsets.UTF_8);
		}
		if (value instanceof List<?> values) {
			return values.isEmpty() ? null : text(values.get(values.size() - 1));
		}
		return (value != null) ? value.toString() : null;
	}

	@Override
	public @Nullable String identity() {
		String id = this.nativeMessage.getMessageProperties().getMessageId();
		if (id == null || id.isBlank() || this.part == UNKNOWN_PLACE) {
			return null;
		}
		return (this.part == 0) ? id : id + "#" + this.part;
	}

	@Override
	public Object content() {
		return this.nativeMessage.getBody();
	}

}
