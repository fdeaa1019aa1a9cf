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
import io.idempotency.IdempotencyContext;
import io.idempotency.codec.OutcomeCodec;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.IdempotencyRecord;
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
 * Safe for use by many threads. Callers inside a transaction never wait for anybody, and
 * what they return is recorded after their commit.
 */
public final class IdempotencyEngine implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(IdempotencyEngine.class);

	private final Flights flights;

	private final LongSupplier nanoTime;

	private final Transactions transactions;

	private final Listeners listeners;

	private final Outcomes outcomes;

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
		this.claims = new Claims(nanoTime, threads.settling());
		this.runner = new Runner(transactions, nanoTime, this.outcomes,
				new LeaseKeeper(threads.renewing(), nanoTime, this.listeners),
				new Settler(threads.settling(), this.listeners, recordFailureMessages), threads.settling());
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
		refuseCallToItself(call);
		Conversation conversation = new Conversation(call, this.transactions.current(), this.nanoTime);
		IdempotencyListener.Observed observed = this.listeners.callStarted(call);
		Object answer;
		try {
			answer = converse(conversation, work);
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
	 * Tell that the work of an operation begins on this thread, after everything that
	 * could still refuse it. Called by the edge from inside the work; a run that never
	 * got here is forgotten if it throws.
	 * @param spec the operation that begins
	 */
	public static void workBegins(OperationSpec spec) {
		workBegins(IdempotencyContext.current().orElse(null), spec);
	}

	/**
	 * Tell that the work of a run begins, for an edge that carries the run along because
	 * the work may begin on another thread.
	 * @param context the context of the run, or {@code null} if none is known
	 * @param spec the operation that begins
	 */
	public static void workBegins(@Nullable IdempotencyContext context, OperationSpec spec) {
		if (context instanceof RunContext run) {
			run.begin(spec);
		}
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

	private @Nullable Object converse(Conversation conversation, Work work) throws Throwable {
		if (!conversation.call().spec().asynchronous()) {
			return answer(conversation, work);
		}
		try {
			Object answer = answer(conversation, work);
			return (answer instanceof CompletionStage<?> stage) ? stage.toCompletableFuture()
					: CompletableFuture.completedFuture(answer);
		}
		catch (Throwable ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	private @Nullable Object answer(Conversation conversation, Work work) throws Throwable {
		Transactions.Current ambient = conversation.ambient();
		if (ambient != null) {
			Landing.Outcome kept = ambient.kept(conversation.call().id());
			if (kept != null) {
				return replay(conversation, kept);
			}
		}
		while (true) {
			Flight flight = this.flights.lead(conversation);
			if (flight != null) {
				return lead(conversation, flight, work);
			}
			Landing landing = this.flights.follow(conversation);
			if (landing instanceof Landing.Outcome outcome) {
				return replay(conversation, outcome);
			}
			if (landing instanceof Landing.StoreFailed failed) {
				return withoutStore(conversation, work, failed.cause());
			}
		}
	}

	private @Nullable Object lead(Conversation conversation, Flight flight, Work work) throws Throwable {
		Claims.Claimed claimed;
		try {
			claimed = this.claims.claim(conversation, flight);
		}
		catch (StoreFailure ex) {
			flight.land(new Landing.StoreFailed(ex.failure()));
			return withoutStore(conversation, work, ex.failure());
		}
		catch (UnreadableRecordException ex) {
			flight.land(Landing.VACANT);
			throw conversation.resultUnavailable(ex);
		}
		catch (InterruptedException ex) {
			flight.land(Landing.VACANT);
			throw this.flights.interrupted(conversation);
		}
		catch (Throwable ex) {
			flight.land(Landing.VACANT);
			throw ex;
		}
		if (claimed.result() instanceof ClaimResult.Acquired acquired) {
			return runOrAnswer(conversation, flight, work, acquired, claimed.sentAt());
		}
		return refuseOrReplay(conversation, flight, claimed);
	}

	private @Nullable Object runOrAnswer(Conversation conversation, Flight flight, Work work,
			ClaimResult.Acquired acquired, long sentAt) throws Throwable {
		Runner.Answer answer = this.runner.run(conversation, flight, work, acquired, sentAt);
		Landing.Outcome other = answer.ofAnotherRun();
		return (other != null) ? replay(conversation, other) : answer.value();
	}

	private @Nullable Object refuseOrReplay(Conversation conversation, Flight flight, Claims.Claimed claimed)
			throws Throwable {
		IdempotencyRecord record = ((ClaimResult.Occupied) claimed.result()).record();
		Decision decision = Decision.of(claimed.result(), claimed.request(), conversation.onConcurrent());
		StoredOutcome outcome = record.outcome();
		if (decision == Decision.REPLAY && outcome != null) {
			Landing.Outcome landing = Landing.Outcome.of(record, outcome);
			flight.land(landing);
			return replay(conversation, landing);
		}
		flight.land(Landing.VACANT);
		throw switch (decision) {
			case REJECT_MISMATCH -> conversation.mismatch();
			case OUTCOME_UNKNOWN -> conversation.outcomeUnknown(record);
			case WAIT, REJECT_IN_PROGRESS -> conversation.inProgress(record);
			case REPLAY, PROCEED -> new IllegalStateException("A completed record has an outcome: " + record.id());
		};
	}

	private @Nullable Object replay(Conversation conversation, Landing.Outcome landing) throws Throwable {
		if (!conversation.matches(landing.fingerprint())) {
			throw conversation.mismatch();
		}
		GuardedCall call = conversation.call();
		conversation.replays(landing.age());
		if (logger.isInfoEnabled()) {
			logger.info("Duplicate of " + call.label() + ": answered by the run that began " + landing.age().toMillis()
					+ " ms ago");
		}
		this.listeners.duplicate(call, landing.age());
		return this.outcomes.replay(conversation, landing.outcome());
	}

	private @Nullable Object withoutStore(Conversation conversation, Work work, RuntimeException cause)
			throws Throwable {
		if (conversation.call().spec().onStoreFailure() == OnStoreFailure.FAIL) {
			throw conversation.storeUnavailable(cause);
		}
		logger.warn("The store of " + conversation.call().label() + " failed; on-store-failure=proceed runs the work "
				+ "without protection, at least once", cause);
		conversation.unprotected();
		ContextStack.answered(false, Duration.ZERO);
		return work.run();
	}

	private static void refuseCallToItself(GuardedCall call) {
		Assert.state(
				!ContextStack.anyMatch((context) -> context instanceof RunContext run && run.id().equals(call.id())),
				() -> "The work of " + call.label() + " calls itself with the same key and would wait for itself. "
						+ "Give the nested call its own operation or key");
	}

}
