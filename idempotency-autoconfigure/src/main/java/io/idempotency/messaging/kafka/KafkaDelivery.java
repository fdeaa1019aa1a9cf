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

import io.idempotency.messaging.Recipient;
import io.idempotency.messaging.SingleDelivery;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import org.springframework.kafka.support.Acknowledgment;

/**
 * A record on its way to a listener, which may acknowledge it by itself.
 */
final class KafkaDelivery extends SingleDelivery {

	private boolean givenBack;

	KafkaDelivery(Recipient recipient, ConsumerRecord<?, ?> record, boolean retried) {
		super(recipient, new KafkaMessage(record, retried));
	}

	@Override
	protected void calling(@Nullable Object[] arguments) {
		this.givenBack = false;
		for (int i = 0; i < arguments.length; i++) {
			if (arguments[i] instanceof Acknowledgment acknowledgment) {
				arguments[i] = new Observed(acknowledgment);
			}
		}
	}

	@Override
	protected void skipped(@Nullable Object[] arguments) {
		acknowledge(arguments);
	}

	/** Acknowledge in the place of a listener that would do so by itself. */
	static void acknowledge(@Nullable Object[] arguments) {
		for (Object argument : arguments) {
			if (argument instanceof Acknowledgment acknowledgment) {
				acknowledgment.acknowledge();
			}
		}
	}

	@Override
	protected boolean givenBack() {
		return this.givenBack;
	}

	/**
	 * The container's acknowledgment, which tells of a negative one.
	 */
	private final class Observed implements Acknowledgment {

		private final Acknowledgment acknowledgment;

		private Observed(Acknowledgment acknowledgment) {
			this.acknowledgment = acknowledgment;
		}

		@Override
		public void acknowledge() {
			this.acknowledgment.acknowledge();
		}

		@Override
		public void nack(Duration sleep) {
			this.acknowledgment.nack(sleep);
			KafkaDelivery.this.givenBack = true;
		}

		@Override
		public void acknowledge(int index) {
			this.acknowledgment.acknowledge(index);
		}

		@Override
		public void nack(int index, Duration sleep) {
			this.acknowledgment.nack(index, sleep);
			KafkaDelivery.this.givenBack = true;
		}

		@Override
		public boolean isOutOfOrderCommit() {
			return this.acknowledgment.isOutOfOrderCommit();
		}

	}

}
