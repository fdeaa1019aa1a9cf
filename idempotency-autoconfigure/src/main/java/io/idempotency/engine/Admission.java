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

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.LockedRecordException;
import io.idempotency.store.UnreadableRecordException;

/**
 * Lets one caller of a key through to the work, and has an answer for all others: the
 * first in this JVM asks the store and, if it may, waits for an owner elsewhere; those
 * behind it wait for what it learns.
 */
final class Admission {

	private final Flights flights;

	private final Claims claims;

	private final Duplicates duplicates;

	Admission(Flights flights, Claims claims, Duplicates duplicates) {
		this.flights = flights;
		this.claims = claims;
		this.duplicates = duplicates;
	}

	/**
	 * Admit a caller, or answer it.
	 * @param conversation the caller
	 * @return what it gets
	 * @throws RuntimeException why it is refused, an
	 * {@link io.idempotency.IdempotencyException} for the most part
	 */
	Admitted admit(Conversation conversation) {
		Transactions.Current ambient = conversation.ambient();
		if (ambient != null) {
			Landing.Outcome kept = ambient.kept(conversation.call().id());
			if (kept != null) {
				return new Admitted.Answered(kept);
			}
		}
		while (true) {
			Flight flight = this.flights.lead(conversation);
			if (flight != null) {
				return lead(conversation, flight);
			}
			Landing landing = this.flights.follow(conversation);
			if (landing instanceof Landing.Outcome outcome) {
				return new Admitted.Answered(outcome);
			}
			if (landing instanceof Landing.StoreFailed failed) {
				return new Admitted.Unclaimed(failed.cause());
			}
		}
	}

	private Admitted lead(Conversation conversation, Flight flight) {
		Claims.Claimed claimed;
		try {
			claimed = this.claims.claim(conversation, flight);
		}
		catch (StoreFailure ex) {
			flight.land(new Landing.StoreFailed(ex.failure()));
			return new Admitted.Unclaimed(ex.failure());
		}
		catch (InterruptedException ex) {
			flight.land(Landing.VACANT);
			throw this.flights.interrupted(conversation);
		}
		catch (RuntimeException ex) {
			flight.land(Landing.VACANT);
			throw refusal(conversation, ex);
		}
		catch (Error ex) {
			flight.land(Landing.VACANT);
			throw ex;
		}
		if (claimed.result() instanceof ClaimResult.Acquired acquired) {
			return new Admitted.Won(flight, acquired, claimed.sentAt());
		}
		return answered(conversation, flight, claimed.request(), (ClaimResult.Occupied) claimed.result());
	}

	private static RuntimeException refusal(Conversation conversation, RuntimeException failure) {
		if (failure instanceof LockedRecordException locked) {
			return Refusals.locked(conversation, locked);
		}
		return (failure instanceof UnreadableRecordException) ? Refusals.resultUnavailable(conversation, failure)
				: failure;
	}

	private Admitted answered(Conversation conversation, Flight flight, ClaimRequest request,
			ClaimResult.Occupied occupied) {
		Landing.Outcome answer;
		try {
			answer = this.duplicates.answer(conversation, request, occupied);
		}
		catch (Throwable ex) {
			flight.land(Landing.VACANT);
			throw ex;
		}
		flight.land(answer);
		return new Admitted.Answered(answer);
	}

	/**
	 * What a caller gets.
	 */
	sealed interface Admitted {

		/**
		 * The key: it runs the work, and lands the flight.
		 *
		 * @param flight those who wait for it in this JVM
		 * @param claim the won claim
		 * @param sentAt when the claim was sent, in this machine's nanoseconds
		 */
		record Won(Flight flight, ClaimResult.Acquired claim, long sentAt) implements Admitted {

		}

		/**
		 * A recorded answer, to be replayed if the caller asked for the same.
		 *
		 * @param outcome the answer
		 */
		record Answered(Landing.Outcome outcome) implements Admitted {

		}

		/**
		 * Nothing: the store could not be asked.
		 *
		 * @param cause what the store threw
		 */
		record Unclaimed(RuntimeException cause) implements Admitted {

		}

	}

}
