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
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.idempotency.ContextStack;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.TransactionMode;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.TransactionalStore.JoinedVerbs;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * One run of the work, from the won claim to its settlement.
 */
final class Run {

	private static final Log logger = LogFactory.getLog(Run.class);

	private final Outcomes outcomes;

	private final Settler settler;

	private final LongSupplier nanoTime;

	private final Conversation conversation;

	private final GuardedCall call;

	private final Flight flight;

	private final RunContext context;

	private final LeaseKeeper.Kept lease;

	private final long startedAt;

	Run(Conversation conversation, Flight flight, RunContext context, LeaseKeeper keeper, Settler settler,
			Outcomes outcomes, LongSupplier nanoTime) {
		this.outcomes = outcomes;
		this.settler = settler;
		this.nanoTime = nanoTime;
		this.conversation = conversation;
		this.call = conversation.call();
		this.flight = flight;
		this.context = context;
		this.lease = keeper.keep(context);
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

	/**
	 * Note that the work returned a stage: it has begun, on whatever thread, and its
	 * answer comes later.
	 */
	void returnedStage() {
		this.context.reach();
		this.conversation.executed();
		ContextStack.answered(false, Duration.ZERO);
	}

	RunContext context() {
		return this.context;
	}

	Conversation conversation() {
		return this.conversation;
	}

	/**
	 * Go around the work itself.
	 * @param work what happens once
	 * @param recorder writes the end into the transaction that was opened for the work
	 * @return its result
	 * @throws Throwable what the work throws
	 */
	@Nullable Object around(Work work, TransactionRecorder recorder) throws Throwable {
		this.context.begin();
		JoinedVerbs transaction = transaction();
		if (transaction == null) {
			return work.run();
		}
		if (transaction.isSnapshot()) {
			this.lease.stop();
		}
		Object result;
		try {
			result = work.run();
		}
		catch (Throwable ex) {
			if (!this.conversation.rollsBackOn(ex)) {
				this.lease.stop();
				recorder.threw(this.context, transaction, ex);
			}
			throw ex;
		}
		this.lease.stop();
		recorder.returned(this.context, transaction, result);
		return result;
	}

	/**
	 * Return the transaction in which the end is recorded.
	 * @return the transaction that was opened for the work, or {@code null} if the end is
	 * recorded apart from it
	 */
	private @Nullable JoinedVerbs transaction() {
		if (this.conversation.plan() != TransactionPlan.ATOMIC) {
			return null;
		}
		JoinedVerbs transaction = this.context.ownTransaction() ? this.conversation.transaction() : null;
		if (transaction == null && this.call.spec().transaction() == TransactionMode.ATOMIC) {
			this.context.unreached();
			throw this.conversation.noTransactionToJoin();
		}
		return transaction;
	}

	Runner.Answer returned(@Nullable Object result) {
		RunContext.Written committed = this.context.committed();
		if (committed != null) {
			this.conversation.executed();
			ContextStack.answered(false, Duration.ZERO);
			landCommitted(committed);
			return new Runner.Answer(result, null);
		}
		Settlement.Ending.Answer answer = howReturned(result);
		this.conversation.executed();
		ContextStack.answered(false, Duration.ZERO);
		Transactions.Current pending = this.context.pendingTransaction();
		if (pending == null) {
			Landing.Outcome other = settle(this.context.ending(answer), () -> this.outcomes.ofResult(this.call, result),
					null);
			return new Runner.Answer(result, other);
		}
		StoredOutcome outcome = this.outcomes.ofResult(this.call, result);
		pending.keep(this.call.id(), landing(outcome));
		pending.afterCompletion((end) -> settleAfter(end, answer, outcome));
		return new Runner.Answer(result, null);
	}

	Runner.Answer threw(Throwable failure) throws Throwable {
		RunContext.Written committed = this.context.committed();
		if (committed != null) {
			this.conversation.failed();
			landCommitted(committed);
			throw failure;
		}
		Landing.Outcome other;
		try {
			other = this.context.lostInTransaction() ? landOther() : settleThrown(failure);
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

	Landing.@Nullable Outcome settleReturned(@Nullable Object result) {
		return settle(this.context.ending(howReturned(result)), () -> this.outcomes.ofResult(this.call, result), null);
	}

	Landing.@Nullable Outcome settleThrown(Throwable failure) {
		this.conversation.failed();
		return settle(this.context.ending(answer(failure)), () -> this.outcomes.ofFailure(this.call.spec(), failure),
				failure);
	}

	/**
	 * Encode a result now and settle it when the caller's transaction has ended.
	 * @param result what the work returned
	 * @return settles it, given how the transaction ended
	 */
	Consumer<Transactions.End> settleLater(@Nullable Object result) {
		Settlement.Ending.Answer answer = howReturned(result);
		StoredOutcome outcome = this.outcomes.ofResult(this.call, result);
		return (end) -> settleAfter(end, answer, outcome);
	}

	/**
	 * Settle now.
	 * @param ending how the work ended
	 * @param encoded encodes the outcome, if one is to be recorded
	 * @param failure what the work threw, if it did
	 * @return the answer of whoever took over, if this run's is not the recorded one
	 */
	private Landing.@Nullable Outcome settle(Settlement.Ending ending, Supplier<StoredOutcome> encoded,
			@Nullable Throwable failure) {
		Landing landing = Landing.VACANT;
		try {
			Settlement settlement = Settlement.of(ending, this.call.spec().onUnknown());
			StoredOutcome outcome = settlement.recordsOutcome() ? encoded.get() : null;
			this.lease.stop();
			boolean mine = this.settler.settle(this.context, settlement, outcome, failure);
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

	private void settleAfter(Transactions.End end, Settlement.Ending.Answer answer, StoredOutcome outcome) {
		Settlement.Ending.TransactionEnd transactionEnd = switch (end) {
			case COMMITTED -> Settlement.Ending.TransactionEnd.COMMITTED;
			case ROLLED_BACK -> Settlement.Ending.TransactionEnd.ROLLED_BACK;
			case UNKNOWN -> Settlement.Ending.TransactionEnd.UNKNOWN;
		};
		try {
			settle(new Settlement.Ending(answer, this.context.reached(), transactionEnd, false), () -> outcome, null);
		}
		catch (RuntimeException ex) {
			logger.warn("The caller's transaction is complete, but " + this.call.label()
					+ " was settled by somebody else meanwhile", ex);
		}
	}

	private void landCommitted(RunContext.Written committed) {
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

	private Settlement.Ending.Answer howReturned(@Nullable Object result) {
		return this.outcomes.forgets(this.call, result) ? Settlement.Ending.Answer.RETURNED_TO_FORGET
				: Settlement.Ending.Answer.RETURNED;
	}

	private Settlement.Ending.Answer answer(Throwable failure) {
		OperationSpec spec = this.call.spec();
		if (spec.remembers(failure)) {
			return Settlement.Ending.Answer.THREW_REMEMBERED;
		}
		return spec.provesNoEffect(failure) ? Settlement.Ending.Answer.THREW_WITHOUT_EFFECT
				: Settlement.Ending.Answer.THREW;
	}

}
