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

import java.util.function.Supplier;

import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.TransactionalStore.JoinedVerbs;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Writes the end of a run into the transaction of its work, as the last thing before its
 * commit. When that cannot be done, or the run is no longer the owner, the transaction
 * must not be committed: it is marked first and the exception thrown then, because the
 * exception may be one under which Spring commits.
 */
final class TransactionRecorder {

	private static final Log logger = LogFactory.getLog(TransactionRecorder.class);

	private final Outcomes outcomes;

	private final IdempotencyListener listener;

	TransactionRecorder(Outcomes outcomes, IdempotencyListener listener) {
		this.outcomes = outcomes;
		this.listener = listener;
	}

	/**
	 * Write that the work returned. What a persistence context holds back is written
	 * before the result is encoded: it may change versions and generated values.
	 * @param run the run
	 * @param transaction the transaction of its work
	 * @param result what the work returned
	 * @throws IdempotencyLeaseLostException if somebody else took over
	 */
	void returned(RunContext run, JoinedVerbs transaction, @Nullable Object result) {
		if (transaction.isRollbackOnly()) {
			return;
		}
		write(run, transaction, () -> {
			GuardedCall call = run.call();
			if (this.outcomes.forgets(call, result)) {
				return transaction.forget(run.lease()) ? WorkTransaction.Written.NOTHING : null;
			}
			transaction.flush();
			StoredOutcome outcome = this.outcomes.ofResult(call, result);
			return transaction.complete(run.lease(), outcome, call.ttl())
					? new WorkTransaction.Written(outcome, result, null) : null;
		});
	}

	/**
	 * Write that the work threw, for the case that its transaction is committed all the
	 * same: then its effect is, too, and the exception is the answer.
	 * @param run the run
	 * @param transaction the transaction of its work
	 * @param failure what the work threw
	 */
	void threw(RunContext run, JoinedVerbs transaction, Throwable failure) {
		if (transaction.isRollbackOnly()) {
			return;
		}
		try {
			write(run, transaction, () -> complete(run, transaction, failure));
		}
		catch (RuntimeException ex) {
			// The work's own failure tells more, and the transaction is marked
			failure.addSuppressed(ex);
		}
	}

	/**
	 * Write that the work threw, because its transaction is about to be committed all the
	 * same: something between the two swallowed the exception.
	 * @param run the run
	 * @param transaction the transaction of its work
	 * @param failure what the work threw
	 * @throws IdempotencyLeaseLostException if somebody else took over
	 */
	void swallowed(RunContext run, JoinedVerbs transaction, Throwable failure) {
		write(run, transaction, () -> complete(run, transaction, failure));
	}

	/**
	 * Write that the work threw what rolls its transaction back, in case that it does not
	 * get there: what stands between the work and its transaction may swallow it. Marks
	 * nothing, because a savepoint may be all that is rolled back.
	 * @param run the run, claimed in the same transaction
	 * @param transaction the transaction of its work
	 * @param failure what the work threw
	 */
	void threwBeforeRollback(RunContext run, JoinedVerbs transaction, Throwable failure) {
		if (transaction.isRollbackOnly()) {
			return;
		}
		try {
			complete(run, transaction, failure);
		}
		catch (RuntimeException ex) {
			logger.debug("The transaction of " + run.call().label() + " takes no more statements", ex);
		}
	}

	private WorkTransaction.@Nullable Written complete(RunContext run, JoinedVerbs transaction, Throwable failure) {
		GuardedCall call = run.call();
		StoredOutcome outcome = this.outcomes.ofFailure(call.spec(), failure);
		boolean mine = transaction.complete(run.lease(), outcome, call.ttl());
		return mine ? new WorkTransaction.Written(outcome, null, failure) : null;
	}

	/**
	 * Forget a claim of this transaction whose work was not reached.
	 * @param run the run
	 * @param transaction the transaction
	 * @param refusal what stood in the way
	 */
	void refused(RunContext run, JoinedVerbs transaction, Throwable refusal) {
		if (transaction.isRollbackOnly()) {
			return;
		}
		try {
			write(run, transaction, () -> transaction.forget(run.lease()) ? WorkTransaction.Written.NOTHING : null);
		}
		catch (RuntimeException ex) {
			refusal.addSuppressed(ex);
		}
	}

	private void write(RunContext run, JoinedVerbs transaction, Supplier<WorkTransaction.@Nullable Written> verb) {
		WorkTransaction.Written written;
		try {
			written = verb.get();
		}
		catch (Throwable ex) {
			transaction.setRollbackOnly();
			throw ex;
		}
		if (written == null) {
			transaction.setRollbackOnly();
			run.transaction().foundStale();
			if (run.lost()) {
				this.listener.leaseLost(run.call());
			}
			throw new IdempotencyLeaseLostException(run.operation(),
					"The lease of " + run.call().label() + " lapsed while the work ran, and somebody else took over. "
							+ "The transaction of this run is rolled back. Ask again for the recorded answer; "
							+ "set a longer lease if this happens without a crash",
					null);
		}
		run.transaction().wrote(written);
	}

}
