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

package io.idempotency.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.idempotency.store.Fingerprint;
import org.jspecify.annotations.Nullable;

/**
 * One key on its way through this JVM: the first caller leads and asks the store, the
 * others follow and wait here, holding no connection. A flight is under way once the
 * leader knows that work is being done, and lands with its answer.
 */
final class Flight {

	private final CompletableFuture<@Nullable UnderWay> underWay = new CompletableFuture<>();

	private final CompletableFuture<Landing> landing = new CompletableFuture<>();

	private final Consumer<Flight> whenLanded;

	Flight(Consumer<Flight> whenLanded) {
		this.whenLanded = whenLanded;
	}

	/**
	 * Tell the followers that work is being done, by the leader or elsewhere.
	 * @param state under what fingerprint and since when
	 */
	void begin(UnderWay state) {
		this.underWay.complete(state);
	}

	/**
	 * End the flight; only the first landing counts.
	 * @param landing what the followers learn
	 */
	void land(Landing landing) {
		this.whenLanded.accept(this);
		this.landing.complete(landing);
		this.underWay.complete(null);
	}

	/**
	 * Wait until the leader knows whether work is being done.
	 * @param nanos for how long
	 * @return the work under way, or {@code null} if the flight landed without any
	 * @throws TimeoutException if the leader does not know yet
	 * @throws InterruptedException if this thread is interrupted
	 */
	@Nullable UnderWay awaitUnderWay(long nanos) throws TimeoutException, InterruptedException {
		return await(this.underWay, nanos);
	}

	/**
	 * Return when a follower can go on without waiting any more.
	 * @param waits whether it waits for the end of such work
	 * @return completes when the flight landed or, for who does not wait for that, is
	 * under way; of its own for each follower
	 */
	CompletableFuture<?> untilDecided(Predicate<UnderWay> waits) {
		return this.underWay.thenCompose((state) -> (state != null && waits.test(state)) ? this.landing.copy()
				: CompletableFuture.completedFuture(Landing.VACANT));
	}

	/**
	 * Wait for the end.
	 * @param nanos for how long
	 * @return what the leader learned
	 * @throws TimeoutException if the flight did not land in time
	 * @throws InterruptedException if this thread is interrupted
	 */
	Landing awaitLanding(long nanos) throws TimeoutException, InterruptedException {
		return await(this.landing, nanos);
	}

	/**
	 * Return the end, if it is there.
	 * @return what the leader learned, or {@code null} as long as it is at it
	 */
	@Nullable Landing landed() {
		return this.landing.getNow(null);
	}

	private static <T extends @Nullable Object> T await(CompletableFuture<T> future, long nanos)
			throws TimeoutException, InterruptedException {
		try {
			return future.get(nanos, TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("A flight never fails", ex);
		}
	}

	/**
	 * Work that is being done.
	 *
	 * @param fingerprint what was asked for, or {@code null} if nothing is compared
	 * @param age how long it had been going on when it was seen
	 * @param leaseRemaining how long its lease then still ran
	 * @param seenAt when it was seen, in this machine's nanoseconds
	 */
	record UnderWay(@Nullable Fingerprint fingerprint, Duration age, Duration leaseRemaining, long seenAt) {

		Duration ageAt(long nanoTime) {
			return this.age.plusNanos(nanoTime - this.seenAt);
		}

		Duration leaseRemainingAt(long nanoTime) {
			Duration remaining = this.leaseRemaining.minusNanos(nanoTime - this.seenAt);
			return remaining.isNegative() ? Duration.ZERO : remaining;
		}

	}

}
