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
import io.idempotency.messaging.Delivery;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;

/**
 * A message on its way to a listener, which may settle it by itself through its channel.
 */
final class RabbitDelivery extends Delivery implements Held {

	private final long tag;

	private final Channel channel;

	private final Settling settling;

	private final boolean endsBatch;

	private final WatchedChannel watch;

	private @Nullable Throwable postponed;

	RabbitDelivery(Message message, int part, Channel channel, Settling settling) {
		super(new RabbitMessage(message, part));
		this.tag = message.getMessageProperties().getDeliveryTag();
		this.channel = channel;
		this.settling = settling;
		this.endsBatch = part == 0 || endsBatch(message);
		this.watch = new WatchedChannel(channel, this.tag);
	}

	/**
	 * The messages of a batch have one tag, which takes all of them off the queue. One
	 * that was sent on by itself has the headers of its batch, but no length: only the
	 * parts of a batch get one from the container.
	 */
	private static boolean endsBatch(Message message) {
		MessageProperties properties = message.getMessageProperties();
		return properties.isLastInBatch() || properties.getContentLength() != message.getBody().length;
	}

	@Override
	protected void calling(@Nullable Object[] arguments) {
		for (int i = 0; i < arguments.length; i++) {
			if (arguments[i] instanceof Channel) {
				arguments[i] = this.watch.channel();
			}
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
		this.postponed = failure;
		return true;
	}

	boolean isPostponed() {
		return this.postponed != null;
	}

	@Override
	public void finish() {
		Delivery.end();
	}

	@Override
	public @Nullable Throwable takePostponed() {
		Throwable failure = this.postponed;
		this.postponed = null;
		return failure;
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
