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
import java.util.UUID;
import java.util.function.Supplier;

import io.idempotency.ContextStack;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.TransactionalStore.JoinedVerbs;
import io.idempotency.store.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

/**
 * Calls whose record is claimed and recorded in the transaction of their work:
 * <ol>
 * <li>claim, in the transaction; a concurrent duplicate waits in the database for the
 * row, and nobody waits here
 * <li>if the claim was not won, give the recorded answer, or refuse
 * <li>run the work
 * <li>record its outcome, in the transaction; an exception, too, in case the transaction
 * is committed all the same
 * </ol>
 * The commit makes record and effect visible, the rollback leaves neither, and nothing is
 * left to settle. There is no lease to renew, because nobody sees the claim.
 */
final class Joining {

	private final Transactions transactions;

	private final Supplier<UUID> owners;

	private final Duplicates duplicates;

	private final TransactionRecorder recorder;

	Joining(Transactions transactions, Supplier<UUID> owners, Duplicates duplicates, TransactionRecorder recorder) {
		this.transactions = transactions;
		this.owners = owners;
		this.duplicates = duplicates;
		this.recorder = recorder;
	}

	/**
	 * Answer a call, in the caller's transaction around the whole chain, or innermost in
	 * the chain in the transaction or the savepoint that it opens.
	 * @param conversation the caller
	 * @param chain what is around the work
	 * @return the answer
	 * @throws Throwable what the chain throws, or why there is no answer
	 */
	@Nullable Object answer(Conversation conversation, Chain chain) throws Throwable {
		if (conversation.plan() == TransactionPlan.JOIN_CALLER) {
			return inTransaction(conversation, chain);
		}
		return chain.proceed((work) -> inTransaction(conversation, (innermost) -> innermost.around(work)));
	}

	private @Nullable Object inTransaction(Conversation conversation, Chain chain) throws Throwable {
		JoinedVerbs transaction = conversation.transaction();
		if (transaction == null) {
			throw Refusals.noTransaction(conversation);
		}
		ClaimRequest request = conversation.request(this.owners.get());
		ClaimResult claim;
		try {
			claim = transaction.claim(request);
		}
		catch (UnreadableRecordException ex) {
			throw Refusals.resultUnavailable(conversation, ex);
		}
		catch (RuntimeException ex) {
			// The database may have rolled back already; a caller that goes on must not
			// commit the rest
			transaction.setRollbackOnly();
			conversation.ends(CallOutcome.STORE_ERROR);
			throw ex;
		}
		if (claim instanceof ClaimResult.Acquired acquired) {
			return run(conversation, transaction, new RunContext(conversation, acquired, this.transactions), chain);
		}
		return this.duplicates.replay(conversation,
				this.duplicates.answer(conversation, request, (ClaimResult.Occupied) claim));
	}

	private @Nullable Object run(Conversation conversation, JoinedVerbs transaction, RunContext run, Chain chain)
			throws Throwable {
		Object result;
		try (ContextStack.Running frame = ContextStack.open(run)) {
			result = chain.proceed((work) -> {
				run.reach();
				return work.run();
			});
		}
		catch (Throwable ex) {
			conversation.ends(CallOutcome.FAILED);
			if (!run.reached()) {
				this.recorder.refused(run, transaction, ex);
			}
			else if (conversation.rollsBackOn(ex)) {
				this.recorder.threwBeforeRollback(run, transaction, ex);
			}
			else {
				this.recorder.threw(run, transaction, ex);
			}
			throw ex;
		}
		this.recorder.returned(run, transaction, result);
		conversation.ends(CallOutcome.EXECUTED);
		ContextStack.answered(false, Duration.ZERO);
		return result;
	}

}
