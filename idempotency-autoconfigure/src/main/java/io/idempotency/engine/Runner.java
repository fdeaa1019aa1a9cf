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
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;

import io.idempotency.ContextStack;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.StoredOutcome;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Runs the work of a won claim and sees to it that the run is settled exactly once: when
 * the work returned or threw, when its stage completed, or when the caller's transaction
 * completed.
 */
final class Runner {

	private static final Log logger = LogFactory.getLog(Runner.class);

	private final Transactions transactions;

	private final LongSupplier nanoTime;

	private final Outcomes outcomes;

	private final LeaseKeeper keeper;

	private final Settler settler;

	private final Executor executor;

	Runner(Transactions transactions, LongSupplier nanoTime, Outcomes outcomes, LeaseKeeper keeper, Settler settler,
			Executor executor) {
		this.transactions = transactions;
		this.nanoTime = nanoTime;
		this.outcomes = outcomes;
		this.keeper = keeper;
		this.settler = settler;
		this.executor = executor;
	}

	Answer run(Conversation conversation, Flight flight, Work work, ClaimResult.Acquired claim, long claimSentAt)
			throws Throwable {
		RunContext context = new RunContext(conversation, claim, this.transactions, this.nanoTime, claimSentAt);
		Run run = new Run(conversation, flight, context);
		try {
			return run(run, context, work);
		}
		catch (Throwable ex) {
			run.abandon();
			throw ex;
		}
	}

	private Answer run(Run run, RunContext context, Work work) throws Throwable {
		Object result;
		try (ContextStack.Running frame = ContextStack.open(context)) {
			result = work.run();
		}
		catch (Throwable ex) {
			return run.threw(ex);
		}
		if (context.call().spec().asynchronous() && result instanceof CompletionStage<?> stage) {
			return run.returnedStage(stage);
		}
		return run.returned(result);
	}

	/**
	 * What a run came to for its caller: its own result, or the answer of whoever took
	 * the key over.
	 *
	 * @param value the run's own result
	 * @param ofAnotherRun the recorded answer that counts instead
	 */
	record Answer(@Nullable Object value, Landing.@Nullable Outcome ofAnotherRun) {

	}

	private final class Run {

		private final Conversation conversation;

		private final GuardedCall call;

		private final Flight flight;

		private final RunContext context;

		private final LeaseKeeper.Kept lease;

		private final long startedAt;

		private Run(Conversation conversation, Flight flight, RunContext context) {
			this.conversation = conversation;
			this.call = conversation.call();
			this.flight = flight;
			this.context = context;
			this.lease = Runner.this.keeper.keep(context);
			this.startedAt = Runner.this.nanoTime.getAsLong();
			flight.begin(new Flight.UnderWay(this.call.fingerprint(), Duration.ZERO, this.call.spec().lease(),
					this.startedAt));
		}

		/**
		 * Let go of a run that cannot be settled: nobody waits for it or renews its lease
		 * any more, and when that lapses the record's policy decides. Changes nothing
		 * about a run that was settled.
		 */
		private void abandon() {
			this.lease.stop();
			this.flight.land(Landing.VACANT);
		}

		private Answer returned(@Nullable Object result) {
			Settlement.Ending.Answer answer = howReturned(result);
			this.conversation.executed();
			ContextStack.answered(false, Duration.ZERO);
			StoredOutcome outcome = Runner.this.outcomes.ofResult(this.call, result);
			Transactions.Current pending = this.context.pendingTransaction();
			if (pending == null) {
				Landing.Outcome other = settle(this.context.ending(answer), outcome, null);
				return new Answer(result, other);
			}
			pending.keep(this.call.id(), landing(outcome));
			pending.afterCompletion((end) -> settleAfter(end, answer, outcome));
			return new Answer(result, null);
		}

		private Answer threw(Throwable failure) throws Throwable {
			this.conversation.failed();
			StoredOutcome outcome = Runner.this.outcomes.ofFailure(this.call.spec(), failure);
			Landing.Outcome other;
			try {
				other = settle(this.context.ending(answer(failure)), outcome, failure);
			}
			catch (IdempotencyLeaseLostException ex) {
				ex.addSuppressed(failure);
				throw ex;
			}
			if (other != null) {
				return new Answer(null, other);
			}
			throw failure;
		}

		private Answer returnedStage(CompletionStage<?> stage) {
			this.conversation.executed();
			ContextStack.answered(false, Duration.ZERO);
			CompletableFuture<@Nullable Object> answer = new CompletableFuture<>();
			Transactions.Current pending = this.context.pendingTransaction();
			CompletableFuture<Transactions.End> callersEnd = new CompletableFuture<>();
			if (pending != null) {
				pending.afterCompletion(callersEnd::complete);
			}
			stage.whenComplete((value, failure) -> offThread(() -> {
				if (pending != null && failure == null) {
					completeStageBefore(callersEnd, answer, value);
				}
				else {
					completeStage(answer, value, failure);
				}
			}));
			return new Answer(answer, null);
		}

		/**
		 * Give the value now, because the caller may need it to go on to its commit, and
		 * record it after that.
		 */
		private void completeStageBefore(CompletableFuture<Transactions.End> callersEnd,
				CompletableFuture<@Nullable Object> answer, @Nullable Object value) {
			Settlement.Ending.Answer how = howReturned(value);
			StoredOutcome outcome = Runner.this.outcomes.ofResult(this.call, value);
			answer.complete(value);
			callersEnd.thenAccept((end) -> settleAfter(end, how, outcome));
		}

		private void completeStage(CompletableFuture<@Nullable Object> answer, @Nullable Object value,
				@Nullable Throwable failure) {
			try {
				Landing.Outcome other;
				if (failure == null) {
					other = settle(this.context.ending(howReturned(value)),
							Runner.this.outcomes.ofResult(this.call, value), null);
				}
				else {
					Throwable cause = (failure instanceof CompletionException && failure.getCause() != null)
							? failure.getCause() : failure;
					this.conversation.failed();
					other = settle(this.context.ending(answer(cause)),
							Runner.this.outcomes.ofFailure(this.call.spec(), cause), cause);
				}
				deliver(answer, other, value, failure);
			}
			catch (Throwable ex) {
				abandon();
				answer.completeExceptionally(ex);
			}
		}

		private void deliver(CompletableFuture<@Nullable Object> answer, Landing.@Nullable Outcome other,
				@Nullable Object value, @Nullable Throwable failure) throws Throwable {
			if (other != null) {
				answer.complete(Runner.this.outcomes.replay(this.conversation, other.outcome()));
			}
			else if (failure != null) {
				answer.completeExceptionally(failure);
			}
			else {
				answer.complete(value);
			}
		}

		/**
		 * Settle now.
		 * @return the answer of whoever took over, if this run's is not the recorded one
		 */
		private Landing.@Nullable Outcome settle(Settlement.Ending ending, StoredOutcome outcome,
				@Nullable Throwable failure) {
			Landing landing = Landing.VACANT;
			try {
				Settlement settlement = Settlement.of(ending, this.call.spec().onUnknown());
				this.lease.stop();
				boolean mine = Runner.this.settler.settle(this.context, settlement, outcome, failure);
				if (!settlement.recordsOutcome()) {
					return null;
				}
				landing = mine ? landing(outcome) : Runner.this.settler.answerOfTheNewOwner(this.conversation);
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
				settle(new Settlement.Ending(answer, this.context.reached(), transactionEnd, false), outcome, null);
			}
			catch (RuntimeException ex) {
				logger.warn("The caller's transaction is complete, but " + this.call.label()
						+ " was settled by somebody else meanwhile", ex);
			}
		}

		private void offThread(Runnable task) {
			try {
				Runner.this.executor.execute(task);
			}
			catch (RejectedExecutionException ex) {
				task.run();
			}
		}

		private Landing.Outcome landing(StoredOutcome outcome) {
			Duration age = Duration.ofNanos(Runner.this.nanoTime.getAsLong() - this.startedAt);
			return new Landing.Outcome(outcome, this.call.fingerprint(), age);
		}

		private Settlement.Ending.Answer howReturned(@Nullable Object result) {
			return toForget(result) ? Settlement.Ending.Answer.RETURNED_TO_FORGET : Settlement.Ending.Answer.RETURNED;
		}

		private boolean toForget(@Nullable Object result) {
			try {
				return this.call.unless().test(result);
			}
			catch (RuntimeException | LinkageError | StackOverflowError ex) {
				logger.warn("'unless' of " + this.call.label() + " failed after the work was done; "
						+ "the result is recorded. Correct the expression", ex);
				return false;
			}
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

}
