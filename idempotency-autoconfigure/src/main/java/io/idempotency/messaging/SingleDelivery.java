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
 * A message on its way to a listener.
 */
public abstract class SingleDelivery extends Delivery {

	private final ReceivedMessage message;

	/**
	 * Describe a delivery.
	 * @param recipient whom the container calls
	 * @param message the message
	 */
	protected SingleDelivery(Recipient recipient, ReceivedMessage message) {
		super(recipient);
		this.message = message;
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
	 * Make final what the listener sent through the container's own connection, which
	 * would otherwise become so after the work is recorded, or never. Called when the
	 * listener returned, and before its work is recorded apart from transactions.
	 * @param answers whether it returned something, which the container may yet have to
	 * send
	 * @throws RuntimeException if the broker does not take it; the work has failed then
	 */
	protected void called(boolean answers) {
	}

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
	 * return a primitive value, ends with a {@link Postponed}; in both cases the
	 * container is not to see it as an attempt.
	 * @param failure why the listener was not to be called now
	 * @return whether this delivery sees to it; otherwise the container gets the failure
	 */
	protected boolean postpones(Throwable failure) {
		return false;
	}

}
