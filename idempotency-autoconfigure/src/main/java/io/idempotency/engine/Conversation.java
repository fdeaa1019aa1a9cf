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
import java.util.function.LongSupplier;

import io.idempotency.ContextStack;
import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.IdempotencyResultUnavailableException;
import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.OnConcurrent;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.LockedRecordException;
import io.idempotency.store.TransactionalStore;
import io.idempotency.store.TransactionalStore.JoinedVerbs;
import org.jspecify.annotations.Nullable;

/**
 * One caller and what it is told: how long it may wait, and how its call ended.
 */
final class Conversation {

	private static final Duration SHORTLY = Duration.ofSeconds(1);

	private final GuardedCall call;

	private final Transactions.@Nullable Current ambient;

	private @Nullable TransactionPlan plan;

	private final long deadline;

	private final LongSupplier nanoTime;

	private volatile CallOutcome outcome = CallOutcome.FAILED;

	private boolean waited;

	Conversation(GuardedCall call, Transactions.@Nullable Current ambient, LongSupplier nanoTime) {
		this.call = call;
		this.ambient = ambient;
		this.nanoTime = nanoTime;
		this.deadline = nanoTime.getAsLong() + call.spec().waitTimeout().toNanos();
	}

	GuardedCall call() {
		return this.call;
	}

	Transactions.@Nullable Current ambient() {
		return this.ambient;
	}

	/**
	 * Return how the record relates to transactions, as it is decided when this is first
	 * asked, on the caller's thread and in the caller's transaction.
	 * @return the plan
	 */
	TransactionPlan plan() {
		TransactionPlan decided = this.plan;
		if (decided == null) {
			OperationSpec spec = this.call.spec();
			decided = TransactionPlan.of(spec.transaction(), spec.transactionUse(), spec.asynchronous(),
					spec.transactional(), transaction() != null);
			this.plan = decided;
		}
		return decided;
	}

	/**
	 * Return the transaction of this thread in which the record can be written.
	 * @return the transaction, or {@code null} if there is none on the store's database
	 */
	@Nullable JoinedVerbs transaction() {
		return (this.call.spec().store() instanceof TransactionalStore store) ? store.joined() : null;
	}

	/**
	 * Return whether a failure rolls back the transaction that the chain opened.
	 * @param failure what the work threw
	 * @return whether what is written to that transaction is lost
	 */
	boolean rollsBackOn(Throwable failure) {
		return plan() != TransactionPlan.JOIN_CALLER && this.call.spec().transactionUse().rollsBackOn().test(failure);
	}

	CallOutcome outcome() {
		return this.outcome;
	}

	/**
	 * Return what this caller does about a live owner. Inside a transaction it would hold
	 * its connection while it waits.
	 * @return the policy
	 */
	OnConcurrent onConcurrent() {
		return (this.ambient != null) ? OnConcurrent.REJECT : this.call.spec().onConcurrent();
	}

	long remainingNanos() {
		return this.deadline - this.nanoTime.getAsLong();
	}

	void waits() {
		this.waited = true;
	}

	void executed() {
		this.outcome = CallOutcome.EXECUTED;
	}

	void failed() {
		this.outcome = CallOutcome.FAILED;
	}

	void unprotected() {
		this.outcome = CallOutcome.UNPROTECTED;
	}

	void storeFailed() {
		this.outcome = CallOutcome.STORE_ERROR;
	}

	void leaseLost() {
		this.outcome = CallOutcome.LEASE_LOST;
	}

	void replays(Duration age) {
		this.outcome = this.waited ? CallOutcome.WAITED : CallOutcome.REPLAYED;
		ContextStack.answered(true, age);
	}

	boolean matches(@Nullable Fingerprint recorded) {
		Fingerprint mine = this.call.fingerprint();
		return mine == null || recorded == null || mine.equals(recorded);
	}

	IdempotencyKeyMismatchException mismatch() {
		this.outcome = CallOutcome.MISMATCH;
		return new IdempotencyKeyMismatchException(operation(),
				sentence("was used before to ask for something else. "
						+ "Send a new request with a new key; to compare less than all arguments, set 'fingerprint'"),
				null);
	}

	IdempotencyInProgressException inProgress(IdempotencyRecord record) {
		return inProgress(record.age(), record.leaseRemaining());
	}

	IdempotencyInProgressException locked(LockedRecordException cause) {
		this.outcome = CallOutcome.REJECTED;
		IdempotencyInProgressException rejected = new IdempotencyInProgressException(operation(),
				sentence("is being worked on in a transaction that has not ended. Try again"), Duration.ZERO, SHORTLY);
		rejected.addSuppressed(cause);
		return rejected;
	}

	IdempotencyInProgressException inProgress(Duration age, Duration retryAfter) {
		this.outcome = CallOutcome.REJECTED;
		String why = (this.ambient != null) ? "; a caller inside a transaction does not wait" : "";
		return new IdempotencyInProgressException(operation(),
				sentence("has been worked on for " + age.toMillis() + " ms" + why
						+ ". Try again; the owner's lease runs for another " + retryAfter.toMillis() + " ms"),
				age, retryAfter);
	}

	IdempotencyOutcomeUnknownException outcomeUnknown(IdempotencyRecord record) {
		this.outcome = CallOutcome.OUTCOME_UNKNOWN;
		return new IdempotencyOutcomeUnknownException(operation(),
				sentence("was begun " + record.age().toSeconds()
						+ " s ago and it is not known whether its work was done. Find out, then tell: "
						+ "Idempotency.resolve(operation, key).succeeded(…), failed(…) or runAgain()"),
				null);
	}

	IdempotencyResultUnavailableException resultUnavailable(@Nullable Throwable cause) {
		this.outcome = CallOutcome.RESULT_UNAVAILABLE;
		return new IdempotencyResultUnavailableException(operation(),
				sentence("was worked on to the end, but its result could not be stored or cannot be read. "
						+ "It does not run again; look the result up where the work left it"),
				cause);
	}

	IdempotencyStoreUnavailableException storeUnavailable(RuntimeException cause) {
		this.outcome = CallOutcome.STORE_ERROR;
		return new IdempotencyStoreUnavailableException(operation(), sentence("could not be claimed: the store '"
				+ this.call.spec().store().name() + "' failed. Nothing ran. Try again when the store answers"), cause);
	}

	IllegalStateException refused() {
		this.outcome = CallOutcome.REJECTED;
		String mode = this.call.spec().transaction().name();
		return new IllegalStateException("Operation '" + operation() + "' has transaction=" + mode
				+ " and was called inside a transaction on the store's own database. It would need a second "
				+ "connection while the caller holds one, and enough such callers bring the pool to a standstill. "
				+ "Nothing ran. Leave transaction unset to record it in the caller's transaction, call it outside of "
				+ "one, or give the method Propagation.REQUIRES_NEW and the pool room for two connections per "
				+ "thread");
	}

	IllegalStateException noTransactionToJoin() {
		this.outcome = CallOutcome.REJECTED;
		return new IllegalStateException("Operation '" + operation() + "' has transaction="
				+ this.call.spec().transaction().name()
				+ ", but its work begins in no transaction on the database of store '" + this.call.spec().store().name()
				+ "' that may write. Nothing ran. Make the method or its caller @Transactional on that database's "
				+ "transaction manager, or leave transaction unset");
	}

	ClaimRequest request(UUID owner) {
		OperationSpec spec = this.call.spec();
		return new ClaimRequest(this.call.id(), spec.name(), owner, this.call.fingerprint(), spec.onUnknown(),
				spec.lease(), spec.abandonedTtl(), this.call.ttl(), onConcurrent() == OnConcurrent.WAIT);
	}

	private String operation() {
		return this.call.spec().name();
	}

	private String sentence(String predicate) {
		return "The key with hash " + this.call.id().shortForm() + " of operation '" + operation() + "' " + predicate
				+ ".";
	}

}
