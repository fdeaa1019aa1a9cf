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

import java.io.IOException;

import com.rabbitmq.client.Channel;
import io.idempotency.messaging.Recipient;
import io.idempotency.messaging.SingleDelivery;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.rabbit.connection.RabbitUtils;

/**
 * A message on its way to a listener, which may settle it by itself through its channel.
 */
final class RabbitDelivery extends SingleDelivery implements Held {

	private final long tag;

	private final Channel channel;

	private final Settling settling;

	private final boolean locallyTransacted;

	private final boolean endsBatch;

	private final WatchedChannel watch;

	RabbitDelivery(Recipient recipient, RabbitMessage message, Channel channel, Settling settling,
			boolean locallyTransacted) {
		super(recipient, message);
		this.tag = message.tag();
		this.channel = channel;
		this.settling = settling;
		this.locallyTransacted = locallyTransacted;
		this.endsBatch = message.endsDelivery();
		this.watch = new WatchedChannel(channel, this.tag);
	}

	@Override
	protected void calling(@Nullable Object[] arguments) {
		for (int i = 0; i < arguments.length; i++) {
			if (arguments[i] instanceof Channel) {
				arguments[i] = this.watch.channel();
			}
		}
	}

	/** What the container commits later is its acknowledgment. */
	@Override
	protected void called(boolean answers) {
		if (this.locallyTransacted && !givenBack()) {
			RabbitUtils.commitIfNecessary(this.channel);
		}
	}

	@Override
	protected void skipped(@Nullable Object[] arguments) throws IOException {
		if (this.settling == Settling.BY_LISTENER && this.endsBatch) {
			this.channel.basicAck(this.tag, false);
		}
	}

	@Override
	protected boolean givenBack() {
		return this.watch.givenBack();
	}

	@Override
	protected boolean postpones(Throwable failure) {
		postpone(failure);
		return true;
	}

	@Override
	public boolean giveBack() throws IOException {
		if (this.settling == Settling.BY_CONTAINER) {
			return false;
		}
		if (!this.watch.settled()) {
			this.channel.basicNack(this.tag, false, true);
		}
		return true;
	}

	/**
	 * Who tells the broker that a message was worked on.
	 */
	enum Settling {

		/** The container, when the listener returned. */
		BY_CONTAINER,

		/** The listener, through its channel. */
		BY_LISTENER,

		/** The container's adapter, when the listener's future result is there. */
		BY_ADAPTER

	}

}
