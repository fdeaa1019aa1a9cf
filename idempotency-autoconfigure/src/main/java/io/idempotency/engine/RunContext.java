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
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

import io.idempotency.IdempotencyContext;
import io.idempotency.key.DerivedKey;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import org.jspecify.annotations.Nullable;

/**
 * One run of the work: what it may know about itself, and what the engine notes while it
 * runs.
 */
final class RunContext implements IdempotencyContext, RunNotes {

	private final GuardedCall call;

	private final ClaimResult.Acquired claim;

	private final WorkTransaction transaction;

	private final @Nullable LongSupplier nanoTime;

	private volatile long leaseEnd;

	private final AtomicBoolean leaseLost = new AtomicBoolean();

	private volatile boolean reached;

	private @Nullable Map<String, Object> reserved;

	/**
	 * Create the context of a run under a lease.
	 * @param conversation the caller
	 * @param claim the won claim
	 * @param transactions tells the transaction of the work
	 * @param nanoTime this machine's nanoseconds, by which the lease is counted
	 * @param claimSentAt when the claim was sent
	 */
	RunContext(Conversation conversation, ClaimResult.Acquired claim, Transactions transactions, LongSupplier nanoTime,
			long claimSentAt) {
		this(conversation, claim, transactions, nanoTime);
		renewed(claimSentAt);
	}

	/**
	 * Create the context of a run whose claim is part of its transaction: nobody can take
	 * it over.
	 * @param conversation the caller
	 * @param claim the won claim
	 * @param transactions tells the transaction of the work
	 */
	RunContext(Conversation conversation, ClaimResult.Acquired claim, Transactions transactions) {
		this(conversation, claim, transactions, null);
	}

	private RunContext(Conversation conversation, ClaimResult.Acquired claim, Transactions transactions,
			@Nullable LongSupplier nanoTime) {
		this.call = conversation.call();
		this.claim = claim;
		this.transaction = new WorkTransaction(transactions, conversation.ambient());
		this.nanoTime = nanoTime;
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
		if (this.leaseLost.get()) {
			return Duration.ZERO;
		}
		if (this.nanoTime == null) {
			return NO_LEASE;
		}
		long nanos = this.leaseEnd - this.nanoTime.getAsLong();
		return (nanos <= 0) ? Duration.ZERO : Duration.ofNanos(nanos);
	}

	@Override
	public boolean leaseLost() {
		return this.leaseLost.get();
	}

	@Override
	public String deriveKey(String... parts) {
		return DerivedKey.of(this.call.id().toBytes(), parts);
	}

	@Override
	public synchronized boolean reserve(String what, Object by) {
		if (this.reserved == null) {
			this.reserved = new HashMap<>();
		}
		return this.reserved.computeIfAbsent(what, (unused) -> by) == by;
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
	 * Note that the work itself begins, and in which transaction.
	 */
	void begin() {
		this.reached = true;
		this.transaction.begin();
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

	WorkTransaction transaction() {
		return this.transaction;
	}

	Settlement.Ending ending(Settlement.Ending.Answer answer) {
		return new Settlement.Ending(answer, this.reached, this.transaction.end(), this.transaction.opened());
	}

}
