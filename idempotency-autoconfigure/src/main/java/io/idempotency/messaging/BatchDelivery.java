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

package io.idempotency.messaging;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a container is about to hand together to a listener on this thread. A container's
 * edge begins it before the listener is called and ends it afterwards, whatever happens.
 */
public abstract class BatchDelivery {

	private static final ThreadLocal<@Nullable BatchDelivery> CURRENT = new ThreadLocal<>();

	private final List<ReceivedMessage> messages;

	/**
	 * Describe a delivery.
	 * @param messages the messages, in the order in which the listener gets them
	 */
	protected BatchDelivery(List<? extends ReceivedMessage> messages) {
		this.messages = List.copyOf(messages);
	}

	/**
	 * Return the delivery of this thread.
	 * @return the delivery, or {@code null} if no listener of batches is being called
	 */
	public static @Nullable BatchDelivery current() {
		return CURRENT.get();
	}

	/**
	 * Begin a delivery on this thread, in place of any former one.
	 */
	public final void begin() {
		CURRENT.set(this);
	}

	/**
	 * End the delivery of this thread, if there is one.
	 */
	public static void end() {
		CURRENT.remove();
	}

	final List<ReceivedMessage> messages() {
		return this.messages;
	}

	/**
	 * Leave some messages out of an argument of the listener. What the listener says by
	 * it about its messages is kept until {@link #settle}.
	 * @param argument what the listener would get
	 * @param positions those of the messages that stay, in that order
	 * @return what it gets; the argument itself if it is not about the messages
	 */
	protected abstract @Nullable Object narrowed(@Nullable Object argument, List<Integer> positions);

	/**
	 * Return which messages the listener gave back, to have them delivered again. Their
	 * work then does not count as done.
	 * @return the index of the first among those that it got, or their number
	 */
	protected abstract int givenBackFrom();

	/**
	 * Pass on what the listener said about its messages.
	 * @param notDone the position of the first message that is not done, or their number
	 * @return whether the container knows by that from where to deliver again
	 */
	protected abstract boolean settle(int notDone);

	/**
	 * Do what the listener would have done to settle the messages, because it is not
	 * called: the work of all of them was done before.
	 * @param arguments what the listener would have got
	 */
	protected abstract void skipped(@Nullable Object[] arguments);

	/**
	 * Return which message a listener names as the one that failed.
	 * @param failure what the listener threw
	 * @param given the positions of the messages that it got
	 * @return the index among those, or -1 if it names none
	 */
	protected abstract int failedAt(Throwable failure, List<Integer> given);

	/**
	 * Return why the named message failed.
	 * @param failure what the listener threw
	 * @return the failure of that message
	 */
	protected abstract Throwable causeOf(Throwable failure);

	/**
	 * Tell the container which message is the first that is not done.
	 * @param position of the message
	 * @param failure why it is not done
	 * @return what to throw
	 */
	protected abstract Throwable failed(int position, Throwable failure);

}
