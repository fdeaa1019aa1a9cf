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

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Keeps a message on the thread of its container, unacknowledged, until its listener may
 * be called: for brokers that count each redelivery as an attempt. It ends when the
 * container is stopped, when the thread is interrupted, and after {@link #LONGEST}. For
 * one message and one thread.
 */
public final class Hold {

	/**
	 * The longest time that a message is kept: a third of what RabbitMQ grants a consumer
	 * by default.
	 */
	public static final Duration LONGEST = Duration.ofMinutes(10);

	/** So long, at most, goes by before a stop is noticed. */
	private static final long SLICE = Duration.ofMillis(20).toNanos();

	private final BooleanSupplier running;

	private final LongSupplier nanoTime;

	private final long start;

	/**
	 * Begin.
	 * @param running whether the container still runs
	 */
	public Hold(BooleanSupplier running) {
		this(running, System::nanoTime);
	}

	Hold(BooleanSupplier running, LongSupplier nanoTime) {
		this.running = running;
		this.nanoTime = nanoTime;
		this.start = nanoTime.getAsLong();
	}

	/**
	 * Call a listener until it may be called, or has an answer.
	 * @param <E> what the listener's container may throw
	 * @param delivery what the listener gets
	 * @param call calls the listener, and all that goes around it
	 * @return {@code null}, or, if the hold ended without a call, why it was not to be
	 * called: what is delivered is then to be given back to the broker
	 * @throws E what the call ended with, if the listener was called
	 */
	public <E extends Throwable> @Nullable Throwable deliver(Delivery delivery, Call<E> call) throws E {
		Throwable postponed = once(delivery, call);
		while (postponed != null && pause(postponed)) {
			postponed = once(delivery, call);
		}
		return postponed;
	}

	private static <E extends Throwable> @Nullable Throwable once(Delivery delivery, Call<E> call) throws E {
		delivery.begin();
		try {
			call.run();
			return delivery.takePostponed();
		}
		catch (Throwable ex) {
			// A transaction around the listener may not be able to commit any more
			Throwable postponed = delivery.takePostponed();
			if (postponed == null) {
				throw ex;
			}
			return postponed;
		}
		finally {
			Delivery.end();
		}
	}

	/**
	 * Pause as long as a failure {@linkplain Redelivery#after asks for}.
	 * @param failure what the call of the listener ended with
	 * @return whether the listener is to be called again; otherwise the message is to be
	 * given back to the broker
	 */
	public boolean pause(@Nullable Throwable failure) {
		Duration pause = Redelivery.after(failure);
		if (pause == null) {
			return false;
		}
		long begun = this.nanoTime.getAsLong();
		while (this.running.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
			long now = this.nanoTime.getAsLong();
			if (now - this.start >= LONGEST.toNanos()) {
				return false;
			}
			long remaining = pause.toNanos() - (now - begun);
			if (remaining <= 0) {
				return true;
			}
			LockSupport.parkNanos(this, Math.min(remaining, SLICE));
		}
		return false;
	}

	/**
	 * Calls a listener with what is delivered.
	 *
	 * @param <E> what it may throw
	 */
	@FunctionalInterface
	public interface Call<E extends Throwable> {

		/**
		 * Call it.
		 * @throws E what it ends with
		 */
		void run() throws E;

	}

}
