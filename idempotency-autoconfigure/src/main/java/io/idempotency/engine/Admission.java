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

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

import io.idempotency.IdempotencyInProgressException;
import io.idempotency.OnConcurrent;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.LockedRecordException;
import io.idempotency.store.NonBlockingStore.NonBlockingVerbs;
import io.idempotency.store.UnreadableRecordException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Lets one caller of a key through to the work, and has an answer for all others: the
 * first in this JVM asks the store and, if it may, waits for an owner elsewhere; those
 * behind it wait for what it learns.
 */
final class Admission {

	private static final Log logger = LogFactory.getLog(IdempotencyEngine.class);

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
		try {
			return await(conversation);
		}
		catch (IdempotencyInProgressException ex) {
			if (conversation.onConcurrent() != OnConcurrent.SKIP) {
				throw ex;
			}
			conversation.ends(CallOutcome.SKIPPED);
			return Admitted.Skipped.INSTANCE;
		}
	}

	private Admitted await(Conversation conversation) {
		Landing.Outcome kept = kept(conversation);
		if (kept != null) {
			return new Admitted.Answered(kept);
		}
		while (true) {
			Flight flight = this.flights.lead(conversation);
			if (flight != null) {
				return lead(conversation, flight, this.claims.inTurn(conversation));
			}
			Flight ahead = this.flights.ahead(conversation);
			Admitted learned = (ahead != null) ? follow(conversation, ahead) : null;
			if (learned != null) {
				return learned;
			}
		}
	}

	/**
	 * Wait for whoever is ahead in this JVM.
	 * @param conversation the caller
	 * @param ahead the flight to follow
	 * @return what the caller gets, or {@code null} if it has to ask itself
	 * @throws RuntimeException why it is refused
	 */
	@Nullable Admitted follow(Conversation conversation, Flight ahead) {
		return learned(this.flights.follow(conversation, ahead));
	}

	/**
	 * Admit a caller, or answer it, without a waiting thread: unless the store has
	 * nothing but blocking verbs, or work elsewhere is to be waited for.
	 * @param conversation the caller
	 * @param blocking threads that may wait
	 * @return what it gets; fails with why it is refused
	 */
	CompletionStage<Admitted> admit(Conversation conversation, Executor blocking) {
		Landing.Outcome kept = kept(conversation);
		if (kept != null) {
			return CompletableFuture.completedFuture(new Admitted.Answered(kept));
		}
		Flight flight = this.flights.lead(conversation);
		if (flight != null) {
			return lead(conversation, flight, blocking);
		}
		Flight ahead = this.flights.ahead(conversation);
		return (ahead != null) ? follow(conversation, ahead, blocking) : admit(conversation, blocking);
	}

	private CompletionStage<Admitted> follow(Conversation conversation, Flight flight, Executor blocking) {
		return this.flights.untilDecided(conversation, flight).thenCompose((unused) -> {
			Admitted learned = follow(conversation, flight);
			return (learned != null) ? CompletableFuture.completedFuture(learned) : admit(conversation, blocking);
		});
	}

	private CompletionStage<Admitted> lead(Conversation conversation, Flight flight, Executor blocking) {
		NonBlockingVerbs verbs = conversation.call().spec().nonBlocking();
		if (verbs == null) {
			return on(blocking, flight, () -> lead(conversation, flight, this.claims.inTurn(conversation)));
		}
		return this.claims.send(conversation, verbs).thenCompose((sent) -> {
			Supplier<Admitted> rest = () -> lead(conversation, flight, sent);
			return Claims.waits(conversation, sent) ? on(blocking, flight, rest)
					: CompletableFuture.completedFuture(rest.get());
		});
	}

	private static CompletionStage<Admitted> on(Executor blocking, Flight flight, Supplier<Admitted> rest) {
		try {
			return CompletableFuture.supplyAsync(rest, blocking);
		}
		catch (RuntimeException ex) {
			flight.land(Landing.VACANT);
			throw ex;
		}
	}

	private static Landing.@Nullable Outcome kept(Conversation conversation) {
		Transactions.Current ambient = conversation.ambient();
		return (ambient != null) ? ambient.kept(conversation.call().id()) : null;
	}

	private static @Nullable Admitted learned(Landing landing) {
		if (landing instanceof Landing.Outcome outcome) {
			return new Admitted.Answered(outcome);
		}
		return (landing instanceof Landing.StoreFailed failed) ? new Admitted.Unclaimed(failed.cause()) : null;
	}

	private Admitted lead(Conversation conversation, Flight flight, Sent first) {
		Claims.Claimed claimed;
		try {
			claimed = this.claims.claim(conversation, flight, first);
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

	static RuntimeException refusal(Conversation conversation, RuntimeException failure) {
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

			/**
			 * Note that the work runs without protection.
			 * @param conversation the caller
			 * @throws io.idempotency.IdempotencyStoreUnavailableException unless the
			 * operation allows that
			 */
			void proceed(Conversation conversation) {
				requirePermission(conversation);
				warn(List.of(conversation.call()));
			}

			void requirePermission(Conversation conversation) {
				if (conversation.call().spec().onStoreFailure() == OnStoreFailure.FAIL) {
					throw Refusals.storeUnavailable(conversation, this.cause);
				}
				conversation.ends(CallOutcome.UNPROTECTED);
			}

			void warn(List<GuardedCall> calls) {
				logger.warn("The store of " + GuardedCall.label(calls) + " failed; on-store-failure=proceed runs "
						+ "the work without protection, at least once", this.cause);
			}

		}

		/**
		 * Nothing, and without a refusal: somebody else is at work.
		 */
		enum Skipped implements Admitted {

			INSTANCE

		}

	}

}
