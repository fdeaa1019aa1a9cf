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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

import io.idempotency.OnConcurrent;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordId;
import org.jspecify.annotations.Nullable;

/**
 * The keys that callers in this JVM are at, so that one claim serves all of them.
 */
final class Flights {

	private final ConcurrentMap<Key, Flight> underWay = new ConcurrentHashMap<>();

	private final LongSupplier nanoTime;

	Flights(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	/**
	 * Try to become the leader of a key. A caller inside a transaction always leads, if
	 * need be a flight that nobody follows: it must not wait for anybody.
	 * @param conversation the caller
	 * @return the flight to lead and to land, or {@code null} if there is one to follow
	 */
	@Nullable Flight lead(Conversation conversation) {
		Key key = Key.of(conversation);
		Flight flight = new Flight((self) -> this.underWay.remove(key, self));
		Flight other = this.underWay.putIfAbsent(key, flight);
		return (other == null || conversation.ambient() != null) ? flight : null;
	}

	/**
	 * Return the flight to follow.
	 * @param conversation the caller, which is not inside a transaction
	 * @return the flight, or {@code null} if it landed meanwhile
	 */
	@Nullable Flight ahead(Conversation conversation) {
		return this.underWay.get(Key.of(conversation));
	}

	/**
	 * Return when {@link #follow} no longer waits.
	 * @param conversation the caller
	 * @param flight the flight
	 * @return completes when the flight tells enough or the caller's time is up
	 */
	CompletionStage<?> untilDecided(Conversation conversation, Flight flight) {
		return flight.untilDecided(
				(work) -> conversation.matches(work.fingerprint()) && conversation.onConcurrent() == OnConcurrent.WAIT)
			.completeOnTimeout(null, Math.max(conversation.remainingNanos(), 1), TimeUnit.NANOSECONDS);
	}

	/**
	 * Wait for a flight.
	 * @param conversation the caller
	 * @param flight the flight
	 * @return what its leader learned
	 */
	Landing follow(Conversation conversation, Flight flight) {
		try {
			Flight.UnderWay underWay = flight.awaitUnderWay(Math.max(conversation.remainingNanos(), 1));
			if (underWay == null) {
				return flight.awaitLanding(1);
			}
			if (!conversation.matches(underWay.fingerprint())) {
				throw Refusals.mismatch(conversation);
			}
			if (conversation.onConcurrent() != OnConcurrent.WAIT) {
				throw inProgress(conversation, underWay);
			}
			conversation.waits();
			return awaitLanding(conversation, flight, underWay);
		}
		catch (TimeoutException ex) {
			throw Refusals.inProgress(conversation, Duration.ZERO, conversation.call().spec().lease());
		}
		catch (InterruptedException ex) {
			throw interrupted(conversation);
		}
	}

	private Landing awaitLanding(Conversation conversation, Flight flight, Flight.UnderWay underWay)
			throws InterruptedException {
		try {
			return flight.awaitLanding(Math.max(conversation.remainingNanos(), 1));
		}
		catch (TimeoutException ex) {
			throw inProgress(conversation, underWay);
		}
	}

	private RuntimeException inProgress(Conversation conversation, Flight.UnderWay underWay) {
		long now = this.nanoTime.getAsLong();
		return Refusals.inProgress(conversation, underWay.ageAt(now), underWay.leaseRemainingAt(now));
	}

	/**
	 * Answer a caller whose wait was interrupted.
	 * @param conversation the caller
	 * @return what it is told
	 */
	RuntimeException interrupted(Conversation conversation) {
		Thread.currentThread().interrupt();
		return Refusals.inProgress(conversation, Duration.ZERO, conversation.call().spec().lease());
	}

	private record Key(IdempotencyStore store, RecordId id) {

		static Key of(Conversation conversation) {
			return new Key(conversation.call().spec().store(), conversation.call().id());
		}

	}

}
