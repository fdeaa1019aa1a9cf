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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

import io.idempotency.IdempotencyContext;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * One run of the work: what it may know about itself, and what the engine notes while it
 * runs.
 */
final class RunContext implements IdempotencyContext {

	private final GuardedCall call;

	private final ClaimResult.Acquired claim;

	private final Transactions transactions;

	private final Transactions.@Nullable Current ambient;

	private final LongSupplier nanoTime;

	private volatile long leaseEnd;

	private final AtomicBoolean leaseLost = new AtomicBoolean();

	private volatile boolean reached;

	private Transactions.@Nullable Current surrounding;

	private volatile Transactions.@Nullable End end;

	private volatile @Nullable Written written;

	private volatile boolean staleInTransaction;

	RunContext(Conversation conversation, ClaimResult.Acquired claim, Transactions transactions, LongSupplier nanoTime,
			long claimSentAt) {
		this.call = conversation.call();
		this.claim = claim;
		this.transactions = transactions;
		this.ambient = conversation.ambient();
		this.surrounding = this.ambient;
		this.nanoTime = nanoTime;
		this.leaseEnd = claimSentAt + this.call.spec().lease().toNanos();
	}

	@Override
	public String operation() {
		return this.call.spec().name();
	}

	@Override
	public String key() {
		return this.call.key();
	}

	@Override
	public String keyHash() {
		return this.call.id().shortForm();
	}

	@Override
	public int attempt() {
		return this.claim.attempt();
	}

	@Override
	public long fence() {
		return this.claim.lease().fence();
	}

	@Override
	public Duration leaseRemaining() {
		long nanos = this.leaseEnd - this.nanoTime.getAsLong();
		return (this.leaseLost.get() || nanos <= 0) ? Duration.ZERO : Duration.ofNanos(nanos);
	}

	@Override
	public boolean leaseLost() {
		return this.leaseLost.get();
	}

	GuardedCall call() {
		return this.call;
	}

	RecordId id() {
		return this.call.id();
	}

	Lease lease() {
		return this.claim.lease();
	}

	void renewed(long sentAt) {
		this.leaseEnd = sentAt + this.call.spec().lease().toNanos();
	}

	/**
	 * Note that somebody else took over.
	 * @return whether that is news, so that it is reported once
	 */
	boolean lost() {
		return this.leaseLost.compareAndSet(false, true);
	}

	/**
	 * Note that the work itself begins, and in which transaction. A transaction other
	 * than the caller's was opened for the work; it will have ended when the work
	 * returned. When the work is repeated, the last time counts.
	 */
	void begin() {
		this.reached = true;
		this.end = null;
		this.written = null;
		Transactions.Current current = this.transactions.current();
		this.surrounding = current;
		if (current != null) {
			current.afterCompletion((end) -> this.end = end);
		}
	}

	/**
	 * Note that the work has begun, if that could not be seen from here.
	 */
	void reach() {
		this.reached = true;
	}

	void unreached() {
		this.reached = false;
	}

	boolean reached() {
		return this.reached;
	}

	/**
	 * Return the transaction that has to commit before the outcome may be seen, if it is
	 * the caller's.
	 * @return the caller's transaction, or {@code null} if the work is not part of it
	 */
	Transactions.@Nullable Current pendingTransaction() {
		return (ownTransaction() || this.end != null) ? null : this.surrounding;
	}

	/**
	 * Note what the transaction of the work leaves in the record if it is committed.
	 * @param written what was written
	 */
	void written(Written written) {
		this.written = written;
	}

	/**
	 * Return whether the transaction of the work wrote its end into the record.
	 * @return whether it did, however the transaction ended
	 */
	boolean wroteInTransaction() {
		return this.written != null;
	}

	/**
	 * Return what the transaction of the work left in the record by its commit.
	 * @return what is in the record, or {@code null} if nothing is
	 */
	@Nullable Written committed() {
		return (this.end == Transactions.End.COMMITTED) ? this.written : null;
	}

	/**
	 * Note that the transaction of the work found the record to be somebody else's.
	 * @return whether that is news, so that it is reported once
	 */
	boolean staleInTransaction() {
		this.staleInTransaction = true;
		return lost();
	}

	/**
	 * Return whether the transaction of the work was rolled back because somebody else
	 * has the record.
	 * @return whether this run's answer does not count
	 */
	boolean lostInTransaction() {
		return this.staleInTransaction && this.end == Transactions.End.ROLLED_BACK;
	}

	Settlement.Ending ending(Settlement.Ending.Answer answer) {
		return new Settlement.Ending(answer, this.reached, transactionEnd(), ownTransaction());
	}

	/**
	 * Return whether a transaction was opened for the work.
	 * @return whether it is in a transaction other than the caller's
	 */
	boolean ownTransaction() {
		return this.surrounding != null && this.surrounding != this.ambient;
	}

	private Settlement.Ending.TransactionEnd transactionEnd() {
		Transactions.Current transaction = this.surrounding;
		Transactions.End end = this.end;
		if (transaction == null || (end == null && !ownTransaction())) {
			return Settlement.Ending.TransactionEnd.NONE;
		}
		if (end == null) {
			return Settlement.Ending.TransactionEnd.UNKNOWN;
		}
		return switch (end) {
			case COMMITTED -> transaction.readOnly() ? Settlement.Ending.TransactionEnd.COMMITTED_READ_ONLY
					: Settlement.Ending.TransactionEnd.COMMITTED;
			case ROLLED_BACK -> Settlement.Ending.TransactionEnd.ROLLED_BACK;
			case UNKNOWN -> Settlement.Ending.TransactionEnd.UNKNOWN;
		};
	}

	/**
	 * What is in the record.
	 *
	 * @param outcome the outcome, or {@code null} if the record was made claimable again
	 */
	record Written(@Nullable StoredOutcome outcome) {

		static final Written NOTHING = new Written(null);

	}

}
