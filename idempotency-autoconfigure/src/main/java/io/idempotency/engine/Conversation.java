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
import io.idempotency.OnConcurrent;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.TransactionalStore;
import io.idempotency.store.TransactionalStore.JoinedVerbs;
import org.jspecify.annotations.Nullable;

/**
 * One caller: how it relates to transactions, how long it may wait, and how its call
 * ended.
 */
final class Conversation {

	private final GuardedCall call;

	private final Transactions.@Nullable Current ambient;

	private @Nullable TransactionPlan plan;

	private long deadline;

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
		OnConcurrent policy = this.call.spec().onConcurrent();
		return (this.ambient != null && policy == OnConcurrent.WAIT) ? OnConcurrent.REJECT : policy;
	}

	long remainingNanos() {
		return this.deadline - this.nanoTime.getAsLong();
	}

	/**
	 * Begin to count the time anew.
	 * @param nanos how long this caller waits from now on
	 */
	void waitFor(long nanos) {
		this.deadline = this.nanoTime.getAsLong() + nanos;
	}

	void waits() {
		this.waited = true;
	}

	/**
	 * Note how the call ended; the last time counts.
	 * @param outcome how
	 */
	void ends(CallOutcome outcome) {
		this.outcome = outcome;
	}

	void replays(Duration age) {
		this.outcome = this.waited ? CallOutcome.WAITED : CallOutcome.REPLAYED;
		ContextStack.answered(true, age);
	}

	boolean matches(@Nullable Fingerprint recorded) {
		Fingerprint mine = this.call.fingerprint();
		return mine == null || recorded == null || mine.equals(recorded);
	}

	ClaimRequest request(UUID owner) {
		OperationSpec spec = this.call.spec();
		return new ClaimRequest(this.call.id(), spec.name(), owner, this.call.fingerprint(), spec.onUnknown(),
				spec.lease(), spec.abandonedTtl(), this.call.ttl(), onConcurrent() == OnConcurrent.WAIT);
	}

}
