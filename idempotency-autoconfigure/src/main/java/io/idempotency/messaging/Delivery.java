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
 * What a container is about to hand to its listener on this thread: a single message, or
 * several together. A container's edge begins it before the listener is called and ends
 * it afterwards, whatever happens. It belongs to the guarded method that the container
 * calls, and to no other that is called on the way.
 */
public abstract class Delivery {

	private static final ThreadLocal<@Nullable Delivery> CURRENT = new ThreadLocal<>();

	private final Recipient recipient;

	private boolean taken;

	private @Nullable Throwable postponed;

	/**
	 * Describe a delivery.
	 * @param recipient whom the container calls
	 */
	protected Delivery(Recipient recipient) {
		this.recipient = recipient;
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
	 * @param operation the listener's
	 * @return the delivery, which the caller {@linkplain #release() releases}, or
	 * {@code null} if there is none for this call
	 */
	static @Nullable Delivery take(String operation) {
		Delivery delivery = CURRENT.get();
		if (delivery == null || delivery.taken || !delivery.recipient.isCalled(operation)) {
			return null;
		}
		delivery.taken = true;
		return delivery;
	}

	final void release() {
		this.taken = false;
	}

	final Recipient recipient() {
		return this.recipient;
	}

	/**
	 * Note why the listener was not called.
	 * @param failure what the container is not to see, or {@code null} for nothing
	 */
	protected final void postpone(@Nullable Throwable failure) {
		this.postponed = failure;
	}

	/**
	 * Return whether the listener was not called.
	 * @return whether there is something that the container is not to see
	 */
	public final boolean isPostponed() {
		return this.postponed != null;
	}

	/**
	 * Return why a listener was not called by the last attempt to do so, and forget it.
	 * @return the failure that the container did not see, or {@code null}
	 */
	final @Nullable Throwable takePostponed() {
		Throwable failure = this.postponed;
		this.postponed = null;
		return failure;
	}

}
