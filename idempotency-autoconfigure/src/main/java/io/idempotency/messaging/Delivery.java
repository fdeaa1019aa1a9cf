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

import org.jspecify.annotations.Nullable;

/**
 * What a container is about to hand to a listener on this thread. A container's edge
 * begins it before the listener is called and ends it afterwards, whatever happens.
 */
public abstract class Delivery {

	private static final ThreadLocal<@Nullable Delivery> CURRENT = new ThreadLocal<>();

	private final ReceivedMessage message;

	private boolean taken;

	/**
	 * Describe a delivery.
	 * @param message the message
	 */
	protected Delivery(ReceivedMessage message) {
		this.message = message;
	}

	/**
	 * Return the delivery of this thread.
	 * @return the delivery, or {@code null} if no listener is being called
	 */
	public static @Nullable Delivery current() {
		return CURRENT.get();
	}

	/**
	 * Begin a delivery on this thread, in place of any former one.
	 */
	public final void begin() {
		this.taken = false;
		CURRENT.set(this);
	}

	/**
	 * End the delivery of this thread, if there is one.
	 */
	public static void end() {
		CURRENT.remove();
	}

	/**
	 * Take the delivery of this thread for the call of a listener. While that is at work,
	 * what it calls is not called by the container.
	 * @return the delivery, which the caller {@linkplain #release() releases}, or
	 * {@code null} if there is none for this call
	 */
	static @Nullable Delivery take() {
		Delivery delivery = CURRENT.get();
		if (delivery == null || delivery.taken) {
			return null;
		}
		delivery.taken = true;
		return delivery;
	}

	final void release() {
		this.taken = false;
	}

	final ReceivedMessage message() {
		return this.message;
	}

	/**
	 * Take part in the call of the listener before it is made.
	 * @param arguments what the listener gets; what is put there, it gets instead
	 */
	protected abstract void calling(@Nullable Object[] arguments);

	/**
	 * Do what the listener would have done to settle the message, because the listener is
	 * not called: its work was done before. Where the container acknowledges by itself
	 * there is nothing to do.
	 * @param arguments what the listener would have got
	 * @throws Exception if the broker does not take it
	 */
	protected abstract void skipped(@Nullable Object[] arguments) throws Exception;

	/**
	 * Return whether the listener gave the message back, to have it delivered again. Its
	 * work then does not count as done.
	 * @return whether it did
	 */
	protected abstract boolean givenBack();

	/**
	 * Take it upon itself to have the message delivered again. Asked where the listener
	 * was not called and nothing was done. The call then returns, or, where it has to
	 * return a primitive value, ends with the failure; in both cases the container is not
	 * to see it as an attempt.
	 * @param failure why the listener was not to be called now
	 * @return whether this delivery sees to it; otherwise the container gets the failure
	 */
	protected boolean postpones(Throwable failure) {
		return false;
	}

}
