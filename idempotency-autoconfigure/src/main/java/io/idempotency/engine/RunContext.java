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
import io.idempotency.key.DerivedKey;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * One run of the work: what it may know about itself, and what the engine notes while it
 * runs.
 */
final class RunContext implements IdempotencyContext, RunNotes {

	private final GuardedCall call;

	private final ClaimResult.Acquired claim;

	private final WorkTransaction transaction;

	private final RepeatableWork work;

	private final @Nullable LongSupplier nanoTime;

	private volatile long leaseEnd;

	private final AtomicBoolean leaseLost = new AtomicBoolean();

	private volatile boolean reached;

	private final KeptNotes notes = new KeptNotes();

	private final Steps.@Nullable OfRun steps;

	/**
	 * Create the context of a run under a lease.
	 * @param conversation the caller
	 * @param claim the won claim
	 * @param transactions tells the transaction of the work
	 * @param nanoTime this machine's nanoseconds, by which the lease is counted
	 * @param claimSentAt when the claim was sent
	 * @param steps gives steps to the run, or {@code null} if it cannot have any
	 */
	RunContext(Conversation conversation, ClaimResult.Acquired claim, Transactions transactions, LongSupplier nanoTime,
			long claimSentAt, @Nullable Steps steps) {
		this(conversation, claim, new WorkTransaction(transactions, conversation.ambient()), nanoTime, steps);
		renewed(claimSentAt);
	}

	/**
	 * Create the context of a run that shares its work with others, and has no steps.
	 * @param conversation the caller
	 * @param claim the won claim
	 * @param transaction the transaction of the work
	 * @param nanoTime this machine's nanoseconds, by which the lease is counted
	 * @param claimSentAt when the claim was sent
	 */
	RunContext(Conversation conversation, ClaimResult.Acquired claim, WorkTransaction transaction,
			LongSupplier nanoTime, long claimSentAt) {
		this(conversation, claim, transaction, nanoTime, null);
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
		this(conversation, claim, new WorkTransaction(transactions, conversation.ambient()), null, null);
	}

	private RunContext(Conversation conversation, ClaimResult.Acquired claim, WorkTransaction transaction,
			@Nullable LongSupplier nanoTime, @Nullable Steps steps) {
		this.call = conversation.call();
		this.claim = claim;
		this.transaction = transaction;
		this.nanoTime = nanoTime;
		this.work = new RepeatableWork(this.call.spec());
		this.steps = (steps != null) ? steps.of(this, claim.checkpoints()) : null;
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
	public EndingSteps steps() {
		if (this.steps == null) {
			throw Steps.refused(this, "it is recorded in a transaction, or by an edge that answers by itself");
		}
		return this.steps.get();
	}

	@Override
	public @Nullable String step() {
		return null;
	}

	@Override
	public boolean reserve(String what, Object by) {
		return this.notes.reserve(what, by);
	}

	@Override
	public int count(String what) {
		return this.notes.count(what);
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
	 * Note that the work itself begins, perhaps anew, and in which transaction.
	 */
	void begin() {
		this.reached = true;
		this.notes.forget();
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

	RepeatableWork work() {
		return this.work;
	}

	/**
	 * Run the work, whose steps have a say in its end.
	 * @param work the work
	 * @return its result
	 * @throws Throwable what it throws, or why it is not at its end
	 */
	@Nullable Object run(Work work) throws Throwable {
		return (this.steps != null) ? this.steps.run(work) : work.run();
	}

	/**
	 * Return the failure that is recorded, whatever the work threw.
	 * @return the failure, or {@code null} to record what was thrown
	 */
	@Nullable StoredOutcome failureForGood() {
		StepsEnd.FailedForGood failed = failedForGood();
		return (failed != null) ? failed.failure() : null;
	}

	/**
	 * Return how long the failure is kept that is recorded. After that the same key is a
	 * new call with the same derived keys. So one after which steps were undone is kept
	 * as long as a result: the calls that were undone would be taken for repetitions.
	 * @return the retention
	 */
	Duration failureTtl() {
		Duration ttl = this.call.spec().failureTtl();
		StepsEnd.FailedForGood failed = failedForGood();
		boolean asResult = failed != null && failed.undone() && ttl.compareTo(this.call.ttl()) < 0;
		return asResult ? this.call.ttl() : ttl;
	}

	private StepsEnd.@Nullable FailedForGood failedForGood() {
		return (this.steps != null && this.steps.end() instanceof StepsEnd.FailedForGood failed) ? failed : null;
	}

	/**
	 * Return how the work ended that threw. Where it was refused before it began, what
	 * was done of it before is not to be forgotten.
	 * @param failure what it threw
	 * @return the ending
	 */
	Settlement.Ending ending(Throwable failure) {
		if (!this.reached && !this.claim.checkpoints().isEmpty()) {
			return new Settlement.Ending(Settlement.Ending.Answer.THREW_WITHOUT_EFFECT, true,
					Settlement.Ending.TransactionEnd.NONE, false);
		}
		Settlement.Ending ending = ending(answer(failure));
		return (failure instanceof WorkUndoneException) ? ending.besideItsTransaction() : ending;
	}

	private Settlement.Ending.Answer answer(Throwable failure) {
		if (this.steps != null && this.steps.end() instanceof StepsEnd.Unfinished) {
			return Settlement.Ending.Answer.THREW;
		}
		OperationSpec spec = this.call.spec();
		if (failureForGood() != null || spec.remembers(failure)) {
			return Settlement.Ending.Answer.THREW_REMEMBERED;
		}
		return spec.provesNoEffect(failure) ? Settlement.Ending.Answer.THREW_WITHOUT_EFFECT
				: Settlement.Ending.Answer.THREW;
	}

	Settlement.Ending ending(Settlement.Ending.Answer answer) {
		return new Settlement.Ending(answer, this.reached, this.transaction.end(), this.transaction.opened());
	}

}
