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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.idempotency.ContextStack;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.store.NonBlockingStore.NonBlockingVerbs;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.Write;
import org.jspecify.annotations.Nullable;

/**
 * What is left to do about one run of the work: to settle it once, and to tell those who
 * wait in this JVM.
 */
final class Run {

	private final Outcomes outcomes;

	private final Settler settler;

	private final LongSupplier nanoTime;

	private final Conversation conversation;

	private final GuardedCall call;

	private final Flight flight;

	private final RunContext context;

	private final LeaseKeeper.Kept lease;

	private final long startedAt;

	Run(Conversation conversation, Flight flight, RunContext context, LeaseKeeper.Kept lease, Settler settler,
			Outcomes outcomes, LongSupplier nanoTime) {
		this.outcomes = outcomes;
		this.settler = settler;
		this.nanoTime = nanoTime;
		this.conversation = conversation;
		this.call = conversation.call();
		this.flight = flight;
		this.context = context;
		this.lease = lease;
		this.startedAt = nanoTime.getAsLong();
		flight.begin(
				new Flight.UnderWay(this.call.fingerprint(), Duration.ZERO, this.call.spec().lease(), this.startedAt));
	}

	/**
	 * Let go of a run that cannot be settled: nobody waits for it or renews its lease any
	 * more, and when that lapses the record's policy decides. Changes nothing about a run
	 * that was settled.
	 */
	void abandon() {
		this.lease.stop();
		this.flight.land(Landing.VACANT);
	}

	RunContext context() {
		return this.context;
	}

	Conversation conversation() {
		return this.conversation;
	}

	void stopRenewing() {
		this.lease.stop();
	}

	/**
	 * Note that the work was done for this caller.
	 */
	void executed() {
		this.conversation.ends(CallOutcome.EXECUTED);
		ContextStack.answered(false, Duration.ZERO);
	}

	Runner.Answer returned(@Nullable Object result) throws Throwable {
		WorkTransaction transaction = this.context.transaction();
		WorkTransaction.Written committed = transaction.committed();
		if (committed != null) {
			return new Runner.Answer(recorded(committed, result), null);
		}
		CompletableFuture<Transactions.End> callersEnd = transaction.pendingEnd();
		if (callersEnd == null) {
			executed();
			return new Runner.Answer(result, settleReturned(result));
		}
		Deferred deferred = defer(result);
		executed();
		transaction.keep(this.call.id(), landing(deferred.outcome()));
		callersEnd.thenAccept(deferred::settle);
		return new Runner.Answer(result, null);
	}

	Runner.Answer threw(Throwable failure) throws Throwable {
		WorkTransaction.Written committed = this.context.transaction().committed();
		if (committed != null) {
			this.conversation.ends(CallOutcome.FAILED);
			landCommitted(committed);
			throw failure;
		}
		Landing.Outcome other;
		try {
			other = (this.context.transaction().lost() || foundOutBy(failure)) ? landOther() : settleThrown(failure);
		}
		catch (IdempotencyLeaseLostException ex) {
			ex.addSuppressed(failure);
			throw ex;
		}
		if (other != null) {
			return new Runner.Answer(null, other);
		}
		throw failure;
	}

	private boolean foundOutBy(Throwable failure) {
		return failure instanceof IdempotencyLeaseLostException && this.context.leaseLost();
	}

	Landing.@Nullable Outcome settleReturned(@Nullable Object result) {
		return settle(this.context.ending(howReturned(result)), () -> this.outcomes.ofResult(this.call, result), null);
	}

	Landing.@Nullable Outcome settleThrown(Throwable failure) {
		this.conversation.ends(CallOutcome.FAILED);
		return settle(this.context.ending(failure), () -> outcome(failure), failure);
	}

	private StoredOutcome outcome(Throwable failure) {
		StoredOutcome decided = this.context.failureForGood();
		return (decided != null) ? decided : this.outcomes.ofFailure(this.call.spec(), failure);
	}

	/**
	 * Encode a result now, to settle it when the caller's transaction has ended.
	 * @param result what the work returned
	 * @return what is left to do then
	 */
	Deferred defer(@Nullable Object result) {
		return new Deferred(this, howReturned(result), this.outcomes.ofResult(this.call, result));
	}

	/**
	 * Settle now.
	 * @param ending how the work ended
	 * @param encoded encodes the outcome, if one is to be recorded
	 * @param failure what the work threw, if it did
	 * @return the answer of whoever took over, if this run's is not the recorded one
	 */
	Landing.@Nullable Outcome settle(Settlement.Ending ending, Supplier<StoredOutcome> encoded,
			@Nullable Throwable failure) {
		Settlement settlement = Settlement.of(ending, this.call.spec().onUnknown());
		StoredOutcome outcome;
		try {
			outcome = settlement.recordsOutcome() ? encoded.get() : null;
		}
		catch (RuntimeException | Error ex) {
			this.flight.land(Landing.VACANT);
			throw ex;
		}
		return settle(settlement, outcome, failure);
	}

	/**
	 * Settle now.
	 * @param settlement what to write
	 * @param outcome the outcome, if one is to be recorded
	 * @param failure what the work threw, if it did
	 * @return the answer of whoever took over, if this run's is not the recorded one
	 */
	Landing.@Nullable Outcome settle(Settlement settlement, @Nullable StoredOutcome outcome,
			@Nullable Throwable failure) {
		return land(outcome, () -> {
			this.lease.stop();
			return this.settler.settle(this.context, this.settler.write(this.context, settlement, outcome, failure));
		});
	}

	/**
	 * Settle without a waiting thread, where the store can do so and nothing is to be
	 * waited for.
	 * @param settlement what to write
	 * @param outcome the outcome, if one is to be recorded
	 * @param failure what the work threw, if it did
	 * @param blocking threads that may wait
	 * @return the answer of whoever took over, if this run's is not the recorded one
	 */
	CompletionStage<Landing.@Nullable Outcome> settle(Settlement settlement, @Nullable StoredOutcome outcome,
			@Nullable Throwable failure, Executor blocking) {
		Write write = this.settler.write(this.context, settlement, outcome, failure);
		NonBlockingVerbs verbs = this.call.spec().nonBlocking();
		if (verbs == null || write == null || !this.lease.tryStop()) {
			return CompletableFuture.supplyAsync(() -> settle(settlement, outcome, failure), blocking);
		}
		return Answer.to(() -> write.by(verbs)).thenCompose((answer) -> {
			Supplier<Landing.@Nullable Outcome> rest = () -> land(outcome,
					() -> this.settler.settle(this.context, write, answer));
			boolean another = answer.failure() == null && !answer.get() && outcome != null;
			// The answer of whoever took over has to be looked up
			return another ? CompletableFuture.supplyAsync(rest, blocking)
					: CompletableFuture.completedFuture(rest.get());
		});
	}

	Landing.@Nullable Outcome land(@Nullable StoredOutcome outcome, BooleanSupplier settling) {
		Landing landing = Landing.VACANT;
		try {
			boolean mine = settling.getAsBoolean();
			if (outcome == null) {
				return null;
			}
			landing = mine ? landing(outcome) : this.settler.answerOfTheNewOwner(this.conversation);
			return mine ? null : (Landing.Outcome) landing;
		}
		finally {
			this.flight.land(landing);
		}
	}

	/**
	 * Return what is written when the work failed outside of any transaction.
	 * @param failure what it threw, or {@code null} if that is not known
	 * @return what to write
	 */
	Settlement failed(@Nullable Throwable failure) {
		Settlement.Ending.Answer answer = (failure != null && this.call.spec().provesNoEffect(failure))
				? Settlement.Ending.Answer.THREW_WITHOUT_EFFECT : Settlement.Ending.Answer.THREW;
		return Settlement.of(new Settlement.Ending(answer, true, Settlement.Ending.TransactionEnd.NONE, false),
				this.call.spec().onUnknown());
	}

	/**
	 * Give the caller the answer that every duplicate will get. What stands between the
	 * work and its caller, inside of the transaction, may have made another one of it.
	 */
	private @Nullable Object recorded(WorkTransaction.Written committed, @Nullable Object given) throws Throwable {
		executed();
		landCommitted(committed);
		if (!committed.differsFrom(given)) {
			return given;
		}
		this.outcomes.warnOfAnother(this.call);
		if (committed.failure() != null) {
			this.conversation.ends(CallOutcome.FAILED);
			throw committed.failure();
		}
		return committed.result();
	}

	private void landCommitted(WorkTransaction.Written committed) {
		StoredOutcome outcome = committed.outcome();
		this.flight.land((outcome != null) ? landing(outcome) : Landing.VACANT);
	}

	private Landing.Outcome landOther() {
		Landing.Outcome other = this.settler.answerOfTheNewOwner(this.conversation);
		this.flight.land(other);
		return other;
	}

	private Landing.Outcome landing(StoredOutcome outcome) {
		Duration age = Duration.ofNanos(this.nanoTime.getAsLong() - this.startedAt);
		return new Landing.Outcome(outcome, this.call.fingerprint(), age);
	}

	boolean forgets(@Nullable Object result) {
		return this.outcomes.forgets(this.call, result);
	}

	Settlement.Ending.Answer howReturned(@Nullable Object result) {
		return forgets(result) ? Settlement.Ending.Answer.RETURNED_TO_FORGET : Settlement.Ending.Answer.RETURNED;
	}

}
