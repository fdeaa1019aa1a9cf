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
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

import io.idempotency.ContextStack;
import io.idempotency.codec.OutcomeCodec;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

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

	private final Admission admission;

	private final LongSupplier nanoTime;

	private final Transactions transactions;

	private final Listeners listeners;

	private final Outcomes outcomes;

	private final Duplicates duplicates;

	private final Joining joining;

	private final BackgroundThreads threads;

	private final Runner runner;

	private final Batches batches;

	/**
	 * Create an engine.
	 * @param codec encodes results
	 * @param listeners are told what happens
	 * @param recordFailureMessages whether the messages of failed attempts are recorded
	 * for audit, besides their types
	 */
	public IdempotencyEngine(OutcomeCodec codec, List<IdempotencyListener> listeners, boolean recordFailureMessages) {
		this(codec, listeners, recordFailureMessages, null);
	}

	/**
	 * Create an engine whose runs may have steps.
	 * @param codec encodes results
	 * @param listeners are told what happens
	 * @param recordFailureMessages whether the messages of failed attempts are recorded
	 * @param steps makes the steps of a run, or {@code null} if none has any
	 */
	public IdempotencyEngine(OutcomeCodec codec, List<IdempotencyListener> listeners, boolean recordFailureMessages,
			@Nullable StepsFactory steps) {
		this.nanoTime = System::nanoTime;
		this.transactions = Transactions.detect();
		this.listeners = new Listeners(listeners);
		this.outcomes = new Outcomes(codec);
		this.threads = new BackgroundThreads();
		Claims claims = new Claims(this.nanoTime, this.threads);
		this.duplicates = new Duplicates(this.outcomes, this.listeners);
		Flights flights = new Flights(this.nanoTime);
		this.admission = new Admission(flights, claims, this.duplicates);
		TransactionRecorder recorder = new TransactionRecorder(this.outcomes, this.listeners);
		this.joining = new Joining(this.transactions, claims::nextOwner, this.duplicates, recorder);
		Settler settler = new Settler(this.threads, this.listeners, recordFailureMessages);
		this.runner = new Runner(this.transactions, this.nanoTime, this.outcomes,
				new LeaseKeeper(this.threads, this.nanoTime, this.listeners), settler, recorder, this.threads,
				new Steps(steps, this.outcomes, this.transactions, this.listeners));
		BatchAdmission batchAdmission = new BatchAdmission(flights, claims, this.duplicates, this.admission);
		BatchWave wave = new BatchWave(this.runner, settler, this.outcomes, batchAdmission);
		this.batches = new Batches(batchAdmission, wave, this.transactions, this.listeners, this.nanoTime);
	}

	/**
	 * Run the work of a call or give its recorded answer.
	 * @param call what is asked for
	 * @param work what happens once
	 * @return the answer, {@code null} for a caller that is skipped; for an asynchronous
	 * operation a new {@code CompletableFuture}, through which refusals come too
	 * @throws Throwable what the work threw, the remembered failure, or an
	 * {@link io.idempotency.IdempotencyException}
	 */
	public @Nullable Object execute(GuardedCall call, Work work) throws Throwable {
		return execute(call, (innermost) -> innermost.around(work));
	}

	/**
	 * Run the work of a call, inside of an edge's chain, or give its recorded answer.
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
	 * Open a call whose work the edge does by itself: claim the key and, if that was won,
	 * leave it to the edge to end the run. The call must be of an operation whose records
	 * are {@link io.idempotency.TransactionMode#SEPARATE} from transactions.
	 * @param call what is asked for
	 * @return the run to do, or the recorded answer
	 * @throws io.idempotency.IdempotencyException if there is neither
	 */
	public Opening open(GuardedCall call) {
		Conversation conversation = new Conversation(call, this.transactions.current(), this.nanoTime);
		IdempotencyListener.Observed observed = this.listeners.callStarted(call);
		try {
			refuseToOpen(conversation);
			Opening opening = opening(conversation, this.admission.admit(conversation), observed);
			observed.leaveThread();
			if (!(opening instanceof Opening.Begun)) {
				observed.ended(conversation.outcome(), null);
			}
			return opening;
		}
		catch (RuntimeException | Error ex) {
			observed.leaveThread();
			observed.ended(conversation.outcome(), ex);
			throw ex;
		}
	}

	/**
	 * Open a call like {@link #open(GuardedCall)}, but without a waiting thread where the
	 * store can do so: who gets the key or an answer at once, and who waits for a run in
	 * this JVM. Who waits for a run elsewhere does so on the given threads, as does all
	 * that a store does which can only block.
	 * @param call what is asked for
	 * @param blocking threads that may wait for the store
	 * @return completes with the run to do or the recorded answer, or fails as
	 * {@link #open(GuardedCall)} does; perhaps on a thread that must not block
	 */
	public CompletionStage<Opening> open(GuardedCall call, Executor blocking) {
		Conversation conversation = new Conversation(call, this.transactions.current(), this.nanoTime);
		IdempotencyListener.Observed observed = this.listeners.callStarted(call);
		CompletionStage<Answer<Opening>> opening = Answer.to(() -> {
			refuseToOpen(conversation);
			return this.admission.admit(conversation, blocking)
				.thenApply((admitted) -> opening(conversation, admitted, observed));
		});
		observed.leaveThread();
		CompletableFuture<Opening> given = new CompletableFuture<>();
		opening.thenAccept((answer) -> {
			if (answer.failure() != null || !(answer.get() instanceof Opening.Begun)) {
				observed.ended(conversation.outcome(), answer.failure());
			}
			answer.complete(given);
		});
		return given;
	}

	/** Return the entry for many calls at a time. */
	public Batches batches() {
		return this.batches;
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
		Refusals.refuseCallToItself(conversation.call());
		return switch (conversation.plan()) {
			case REFUSED -> throw Refusals.secondConnection(conversation);
			case JOIN_CALLER, JOIN_METHOD -> this.joining.answer(conversation, chain);
			case SEPARATE, ATOMIC -> claimAndAnswer(conversation, chain);
		};
	}

	private @Nullable Object claimAndAnswer(Conversation conversation, Chain chain) throws Throwable {
		Admission.Admitted admitted = this.admission.admit(conversation);
		if (admitted instanceof Admission.Admitted.Won won) {
			Runner.Answer answer = this.runner.run(conversation, won, chain);
			Landing.Outcome other = answer.ofAnotherRun();
			return (other != null) ? this.duplicates.replay(conversation, other) : answer.value();
		}
		if (admitted instanceof Admission.Admitted.Answered answered) {
			return this.duplicates.replay(conversation, answered.outcome());
		}
		if (admitted == Admission.Admitted.Skipped.INSTANCE) {
			return null;
		}
		((Admission.Admitted.Unclaimed) admitted).proceed(conversation);
		ContextStack.answered(false, Duration.ZERO);
		return chain.proceed(Work::run);
	}

	private static void refuseToOpen(Conversation conversation) {
		Refusals.refuseCallToItself(conversation.call());
		if (conversation.plan() != TransactionPlan.SEPARATE) {
			throw Refusals.secondConnection(conversation);
		}
	}

	private Opening opening(Conversation conversation, Admission.Admitted admitted,
			IdempotencyListener.Observed observed) {
		if (admitted instanceof Admission.Admitted.Won won) {
			return new Opening.Begun(new OpenRun(this.runner.begin(conversation, won), observed,
					this.threads.of(conversation.call().spec().store()).settling()));
		}
		if (admitted instanceof Admission.Admitted.Answered answered) {
			this.duplicates.meet(conversation, answered.outcome());
			return Opening.Recorded.of(answered.outcome());
		}
		((Admission.Admitted.Unclaimed) admitted).proceed(conversation);
		return new Opening.Unprotected();
	}

}
