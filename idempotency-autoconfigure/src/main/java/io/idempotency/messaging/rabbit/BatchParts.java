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
 * other on one thread, and share one object of properties until the last.
 */
final class BatchParts {

	private final ThreadLocal<@Nullable Batch> current = new ThreadLocal<>();

	/**
	 * Return the place of a message in its batch.
	 * @param message the message that is delivered now
	 * @return its place, from 1, or 0 if it is a message of its own
	 */
	int placeOf(Message message) {
		MessageProperties properties = message.getMessageProperties();
		if (!properties.getHeaders().containsKey(AmqpHeaders.BATCH_SIZE)
				|| properties.getHeaders().containsKey(MessageProperties.SPRING_BATCH_FORMAT)) {
			return 0;
		}
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
