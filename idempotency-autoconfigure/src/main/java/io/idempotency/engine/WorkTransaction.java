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

import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import io.idempotency.store.RecordId;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * The transaction that the work of one run is in, if any: whose it is, what it leaves in
 * the record, and how it ended. A transaction other than the caller's was opened for the
 * work, and has ended when the work returned.
 */
final class WorkTransaction {

	private final Transactions transactions;

	private final Transactions.@Nullable Current callers;

	private Transactions.@Nullable Current current;

	private volatile Transactions.@Nullable End end;

	private volatile @Nullable Written written;

	private @Nullable Runnable beforeCommit;

	private volatile boolean stale;

	WorkTransaction(Transactions transactions, Transactions.@Nullable Current callers) {
		this.transactions = transactions;
		this.callers = callers;
		this.current = callers;
	}

	/**
	 * Note that the work itself begins, on this thread. When it is repeated, the last
	 * time counts.
	 */
	void begin() {
		this.end = null;
		this.written = null;
		this.beforeCommit = null;
		Transactions.Current current = this.transactions.current();
		this.current = current;
		if (current != null) {
			current.afterCompletion((end) -> this.end = end);
		}
	}

	/**
	 * Return whether a transaction was opened for the work.
	 * @return whether it is in a transaction other than the caller's
	 */
	boolean opened() {
		return this.current != null && this.current != this.callers;
	}

	/**
	 * Return whether the caller's transaction has to commit before the outcome may be
	 * seen.
	 * @return whether the work is part of it
	 */
	boolean pending() {
		return this.current != null && !opened() && this.end == null;
	}

	/**
	 * Wait for the end of the caller's transaction. To be called on the thread of that
	 * transaction.
	 * @return completed on that thread, when the transaction ended; {@code null} if there
	 * is nothing to wait for
	 */
	@Nullable CompletableFuture<Transactions.End> pendingEnd() {
		Transactions.Current current = this.current;
		if (current == null || !pending()) {
			return null;
		}
		CompletableFuture<Transactions.End> end = new CompletableFuture<>();
		current.afterCompletion(end::complete);
		return end;
	}

	/**
	 * Keep the answer of this run for a second call in the caller's transaction.
	 * @param id the record
	 * @param answer the answer
	 */
	void keep(RecordId id, Landing.Outcome answer) {
		if (this.current != null) {
			this.current.keep(id, answer);
		}
	}

	/**
	 * Ask for something to be done right before the transaction is committed, unless the
	 * work is repeated until then.
	 * @param task keeps it from being committed if it throws
	 */
	void beforeCommit(Runnable task) {
		this.beforeCommit = task;
		if (this.current != null) {
			this.current.beforeCommit(() -> {
				if (this.beforeCommit == task) {
					task.run();
				}
			});
		}
	}

	/**
	 * Note what the transaction leaves in the record if it is committed.
	 * @param written what was written
	 */
	void wrote(Written written) {
		this.written = written;
	}

	/**
	 * Return whether the end of the work was written in the transaction.
	 * @return whether it was, however the transaction ended
	 */
	boolean wrote() {
		return this.written != null;
	}

	/**
	 * Return what the transaction left in the record by its commit.
	 * @return what is in the record, or {@code null} if nothing is
	 */
	@Nullable Written committed() {
		return (this.end == Transactions.End.COMMITTED) ? this.written : null;
	}

	/**
	 * Note that the transaction found the record to be somebody else's.
	 */
	void foundStale() {
		this.stale = true;
	}

	/**
	 * Return whether the transaction was rolled back because somebody else has the
	 * record.
	 * @return whether the answer of this run does not count
	 */
	boolean lost() {
		return this.stale && this.end == Transactions.End.ROLLED_BACK;
	}

	/**
	 * Return how the transaction ended, as far as that decides what is recorded.
	 * @return the end; none if the work is in no transaction or in one of the caller's
	 * that goes on
	 */
	Settlement.Ending.TransactionEnd end() {
		Transactions.Current transaction = this.current;
		Transactions.End end = this.end;
		if (transaction == null || (end == null && !opened())) {
			return Settlement.Ending.TransactionEnd.NONE;
		}
		return (end != null) ? Settlement.Ending.TransactionEnd.of(end, transaction.readOnly())
				: Settlement.Ending.TransactionEnd.UNKNOWN;
	}

	/**
	 * What is in the record.
	 *
	 * @param outcome the outcome, or {@code null} if the record was made claimable again
	 * @param result what the work returned
	 * @param failure what it threw, if it did
	 */
	record Written(@Nullable StoredOutcome outcome, @Nullable Object result, @Nullable Throwable failure) {

		static final Written NOTHING = new Written(null, null, null);

		/**
		 * Return whether a caller who is given something gets another answer than the
		 * recorded one.
		 * @param given what it would be given
		 * @return whether the two differ
		 */
		boolean differsFrom(@Nullable Object given) {
			return this.outcome != null && (this.failure != null || !Objects.equals(this.result, given));
		}

	}

}
