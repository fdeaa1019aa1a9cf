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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

import io.idempotency.ContextStack;
import io.idempotency.codec.OutcomeCodec;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.LockedRecordException;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.UnreadableRecordException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Makes the work behind a key happen once:
 * <ol>
 * <li>A call to a record that this thread is already working on fails at once; it would
 * wait for itself.
 * <li>The first caller of a key in this JVM leads, the others follow: they wait for its
 * answer here and ask the store only if there is none.
 * <li>The leader claims the record at the store and, if it may, waits for a live owner
 * elsewhere.
 * <li>{@link Decision} tells from the store's answer what the caller gets.
 * <li>The winner of a claim runs the work under a renewed lease, and {@link Settlement}
 * tells from its end what is written into the record.
 * </ol>
 * A caller in a transaction that the store can take part in claims and records in it, and
 * waits in the database for whoever holds the row ({@link Joining}). A caller in any
 * other transaction waits for nobody; what it returns is recorded after its commit. Safe
 * for use by many threads.
 */
public final class IdempotencyEngine implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(IdempotencyEngine.class);

	private final Flights flights;

	private final LongSupplier nanoTime;

	private final Transactions transactions;

	private final Listeners listeners;

	private final Outcomes outcomes;

	private final Duplicates duplicates;

	private final Joining joining;

	private final BackgroundThreads threads;

	private final Claims claims;

	private final Runner runner;

	/**
	 * Create an engine.
	 * @param codec encodes results
	 * @param listeners are told what happens
	 * @param recordFailureMessages whether the messages of failed attempts are recorded
	 * for audit, besides their types
	 */
	public IdempotencyEngine(OutcomeCodec codec, List<IdempotencyListener> listeners, boolean recordFailureMessages) {
		this(codec, Transactions.detect(), listeners, recordFailureMessages, System::nanoTime, new BackgroundThreads());
	}

	IdempotencyEngine(OutcomeCodec codec, Transactions transactions, List<IdempotencyListener> listeners,
			boolean recordFailureMessages, LongSupplier nanoTime, BackgroundThreads threads) {
		this.nanoTime = nanoTime;
		this.transactions = transactions;
		this.listeners = new Listeners(listeners);
		this.outcomes = new Outcomes(codec);
		this.threads = threads;
		this.flights = new Flights(nanoTime);
		this.claims = new Claims(nanoTime, threads);
		this.duplicates = new Duplicates(this.outcomes, this.listeners);
		TransactionRecorder recorder = new TransactionRecorder(this.outcomes, this.listeners);
		this.joining = new Joining(transactions, this.claims::nextOwner, this.duplicates, recorder);
		this.runner = new Runner(transactions, nanoTime, this.outcomes,
				new LeaseKeeper(threads, nanoTime, this.listeners),
				new Settler(threads, this.listeners, recordFailureMessages), recorder, threads);
	}

	/**
	 * Run the work of a call or give its recorded answer.
	 * @param call what is asked for
	 * @param work what happens once
	 * @return the answer; for an asynchronous operation a new {@code CompletableFuture},
	 * through which refusals come too
	 * @throws Throwable what the work threw, the remembered failure, or an
	 * {@link io.idempotency.IdempotencyException}
	 */
	public @Nullable Object execute(GuardedCall call, Work work) throws Throwable {
		return execute(call, (innermost) -> innermost.around(work));
	}

	/**
	 * Run the work of a call, within what an edge has around it, or give its recorded
	 * answer.
	 * @param call what is asked for
	 * @param chain what is around the work
	 * @return the answer; for an asynchronous operation a new {@code CompletableFuture},
	 * through which refusals come too
	 * @throws Throwable what the chain threw, the remembered failure, or an
	 * {@link io.idempotency.IdempotencyException}
	 */
	public @Nullable Object execute(GuardedCall call, Chain chain) throws Throwable {
		Conversation conversation = new Conversation(call, this.transactions.current(), this.nanoTime);
		IdempotencyListener.Observed observed = this.listeners.callStarted(call);
		Object answer;
		try {
			answer = converse(conversation, chain);
		}
		catch (Throwable ex) {
			observed.leaveThread();
			observed.ended(conversation.outcome(), ex);
			throw ex;
		}
		observed.leaveThread();
		if (call.spec().asynchronous() && answer instanceof CompletableFuture<?> future) {
			future.whenComplete((value, ex) -> observed.ended(conversation.outcome(), ex));
		}
		else {
			observed.ended(conversation.outcome(), null);
		}
		return answer;
	}

	/**
	 * Encode a value as the outcome of an operation, for an operator's decision.
	 * @param call the call that is decided
	 * @param result the answer that later callers get
	 * @return the outcome
	 */
	StoredOutcome outcomeOf(GuardedCall call, @Nullable Object result) {
		return this.outcomes.ofResult(call, result);
	}

	StoredOutcome failureOf(String type, String message) {
		return this.outcomes.ofFailure(type, message);
	}

	@Override
	public void close() {
		this.threads.close();
	}

	private @Nullable Object converse(Conversation conversation, Chain chain) throws Throwable {
		if (!conversation.call().spec().asynchronous()) {
			return answer(conversation, chain);
		}
		try {
			Object answer = answer(conversation, chain);
			return (answer instanceof CompletionStage<?> stage) ? stage.toCompletableFuture()
					: CompletableFuture.completedFuture(answer);
		}
		catch (Throwable ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	private @Nullable Object answer(Conversation conversation, Chain chain) throws Throwable {
		refuseCallToItself(conversation.call());
		return switch (conversation.plan()) {
			case REFUSED -> throw Refusals.secondConnection(conversation);
			case JOIN_CALLER, JOIN_METHOD -> this.joining.answer(conversation, chain);
			case SEPARATE, ATOMIC -> claimAndAnswer(conversation, chain);
		};
	}

	private @Nullable Object claimAndAnswer(Conversation conversation, Chain chain) throws Throwable {
		Transactions.Current ambient = conversation.ambient();
		if (ambient != null) {
			Landing.Outcome kept = ambient.kept(conversation.call().id());
			if (kept != null) {
				return this.duplicates.replay(conversation, kept);
			}
		}
		while (true) {
			Flight flight = this.flights.lead(conversation);
			if (flight != null) {
				return lead(conversation, flight, chain);
			}
			Landing landing = this.flights.follow(conversation);
			if (landing instanceof Landing.Outcome outcome) {
				return this.duplicates.replay(conversation, outcome);
			}
			if (landing instanceof Landing.StoreFailed failed) {
				return withoutStore(conversation, chain, failed.cause());
			}
		}
	}

	private @Nullable Object lead(Conversation conversation, Flight flight, Chain chain) throws Throwable {
		Claims.Claimed claimed;
		try {
			claimed = this.claims.claim(conversation, flight);
		}
		catch (StoreFailure ex) {
			flight.land(new Landing.StoreFailed(ex.failure()));
			return withoutStore(conversation, chain, ex.failure());
		}
		catch (Throwable ex) {
			flight.land(Landing.VACANT);
			throw refusal(conversation, ex);
		}
		if (claimed.result() instanceof ClaimResult.Acquired acquired) {
			return runOrAnswer(conversation, flight, chain, acquired, claimed.sentAt());
		}
		return landDuplicate(conversation, flight, claimed.request(), (ClaimResult.Occupied) claimed.result());
	}

	private Throwable refusal(Conversation conversation, Throwable failure) {
		if (failure instanceof LockedRecordException locked) {
			return Refusals.locked(conversation, locked);
		}
		if (failure instanceof UnreadableRecordException unreadable) {
			return Refusals.resultUnavailable(conversation, unreadable);
		}
		return (failure instanceof InterruptedException) ? this.flights.interrupted(conversation) : failure;
	}

	private @Nullable Object runOrAnswer(Conversation conversation, Flight flight, Chain chain,
			ClaimResult.Acquired acquired, long sentAt) throws Throwable {
		Runner.Answer answer = this.runner.run(conversation, flight, chain, acquired, sentAt);
		Landing.Outcome other = answer.ofAnotherRun();
		return (other != null) ? this.duplicates.replay(conversation, other) : answer.value();
	}

	private @Nullable Object landDuplicate(Conversation conversation, Flight flight, ClaimRequest request,
			ClaimResult.Occupied occupied) throws Throwable {
		Landing.Outcome answer;
		try {
			answer = this.duplicates.answer(conversation, request, occupied);
		}
		catch (Throwable ex) {
			flight.land(Landing.VACANT);
			throw ex;
		}
		flight.land(answer);
		return this.duplicates.replay(conversation, answer);
	}

	private @Nullable Object withoutStore(Conversation conversation, Chain chain, RuntimeException cause)
			throws Throwable {
		if (conversation.call().spec().onStoreFailure() == OnStoreFailure.FAIL) {
			throw Refusals.storeUnavailable(conversation, cause);
		}
		logger.warn("The store of " + conversation.call().label() + " failed; on-store-failure=proceed runs the work "
				+ "without protection, at least once", cause);
		conversation.ends(CallOutcome.UNPROTECTED);
		ContextStack.answered(false, Duration.ZERO);
		return chain.proceed(Work::run);
	}

	private static void refuseCallToItself(GuardedCall call) {
		Assert.state(
				!ContextStack.anyMatch((context) -> context instanceof RunContext run && run.id().equals(call.id())),
				() -> "The work of " + call.label() + " calls itself with the same key and would wait for itself. "
						+ "Give the nested call its own operation or key");
	}

}
