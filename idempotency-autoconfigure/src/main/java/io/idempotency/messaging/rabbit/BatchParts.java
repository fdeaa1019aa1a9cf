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

import org.jspecify.annotations.Nullable;

import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.support.AmqpHeaders;

/**
 * Counts the messages of a batch that a container takes apart: they come one after the
 * other on one thread, and share one object of properties until the last. Each gets
 * properties of its own, in which its place is written down: whoever sends a part on by
 * itself, as a {@code RepublishMessageRecoverer} does, sends the place along.
 */
final class BatchParts {

	/** The header that tells the place of a part, from 1. */
	static final String PLACE = "idempotency-batch-place";

	private final ThreadLocal<@Nullable Batch> current = new ThreadLocal<>();

	/**
	 * Describe a message.
	 * @param message the message that is delivered now
	 * @return the message, with its place if it is, or was once, part of a batch
	 */
	RabbitMessage describe(Message message) {
		MessageProperties properties = message.getMessageProperties();
		if (!properties.getHeaders().containsKey(AmqpHeaders.BATCH_SIZE)
				|| properties.getHeaders().containsKey(MessageProperties.SPRING_BATCH_FORMAT)) {
			return new RabbitMessage(message, 0);
		}
		if (!isTakenApart(properties)) {
			return new RabbitMessage(message, (properties.getHeaders().get(PLACE) instanceof Number place)
					? place.intValue() : RabbitMessage.UNKNOWN_PLACE);
		}
		int place = nextPlace(properties);
		return new RabbitMessage(new Message(message.getBody(), at(place, properties)), place);
	}

	/**
	 * Only what the container takes out of a batch is told its length: a message has none
	 * when it comes from the broker.
	 */
	static boolean isTakenApart(MessageProperties properties) {
		return Reflection.<Boolean>call(MessageProperties.class, "isContentLengthSet", properties);
	}

	private int nextPlace(MessageProperties properties) {
		Batch batch = this.current.get();
		if (batch == null || !batch.continuesWith(properties)) {
			batch = new Batch(properties);
			this.current.set(batch);
		}
		batch.place++;
		if (properties.isLastInBatch()) {
			this.current.remove();
		}
		return batch.place;
	}

	private static MessageProperties at(int place, MessageProperties shared) {
		MessageProperties properties = RabbitMessage.copy(shared, new MessageProperties());
		properties.setHeader(PLACE, place);
		return properties;
	}

	/**
	 * Note that the rest of a batch does not come, because a message of it failed.
	 */
	void broken() {
		this.current.remove();
	}

	private static final class Batch {

		private final MessageProperties properties;

		private int place;

		private Batch(MessageProperties properties) {
			this.properties = properties;
		}

		/** The last one has a copy of the properties. */
		private boolean continuesWith(MessageProperties next) {
			return next == this.properties
					|| (next.isLastInBatch() && next.getDeliveryTag() == this.properties.getDeliveryTag());
		}

	}

}
