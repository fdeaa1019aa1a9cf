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

import java.util.concurrent.atomic.AtomicBoolean;

import io.idempotency.ContextStack;
import io.idempotency.IdempotencyContext;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * A run whose work is done by an edge, which ends it with one of {@link #record},
 * {@link #remember}, {@link #fail} and {@link #forget}. The first ending counts,
 * whichever thread it comes from; until then the lease is renewed. A run that is never
 * ended is renewed for as long as the process lives, so an edge has to end it whatever
 * happens. Safe for use by many threads.
 */
public final class OpenRun {

	private final Run run;

	private final IdempotencyListener.Observed observed;

	private final AtomicBoolean ended = new AtomicBoolean();

	OpenRun(Run run, IdempotencyListener.Observed observed) {
		this.run = run;
		this.observed = observed;
	}

	/**
	 * Return what the work may know about itself.
	 * @return the context
	 */
	public IdempotencyContext context() {
		return this.run.context();
	}

	/**
	 * Do a part of the work on this thread, where {@link IdempotencyContext#current()}
	 * then tells about this run.
	 * @param work a part of the work, or all of it
	 * @return its result
	 * @throws Throwable what it throws
	 */
	public @Nullable Object within(Work work) throws Throwable {
		try (ContextStack.Running frame = ContextStack.open(this.run.context())) {
			return work.run();
		}
	}

	/**
	 * Return whether nothing is to be kept of a result.
	 * @param result what the work returned
	 * @return whether the operation says so; a condition that fails forgets nothing
	 */
	public boolean forgets(@Nullable Object result) {
		return this.run.forgets(result);
	}

	/**
	 * Record the outcome for as long as a result is kept. If the store fails, it is tried
	 * again in the background, and the caller gets its own answer.
	 * @param outcome the outcome
	 * @return the recorded answer of whoever took over, which is the one to give, or
	 * {@code null} if this run's counts
	 * @throws io.idempotency.IdempotencyLeaseLostException if somebody took over and has
	 * no answer yet
	 */
	public Opening.@Nullable Recorded record(StoredOutcome outcome) {
		return record(Settlement.RECORD_VALUE, outcome);
	}

	/**
	 * Record the outcome for the short time that a remembered failure is kept; otherwise
	 * like {@link #record}.
	 * @param outcome the outcome
	 * @return the answer to give instead, or {@code null}
	 */
	public Opening.@Nullable Recorded remember(StoredOutcome outcome) {
		return record(Settlement.REMEMBER_FAILURE, outcome);
	}

	/**
	 * Note that the work failed: the next claim runs it again or, under
	 * {@link io.idempotency.OnUnknown#HOLD}, its outcome is unknown, unless the failure
	 * is one that proves that it had no effect.
	 * @param failure what the work threw, or {@code null} if that is not known
	 */
	public void fail(@Nullable Throwable failure) {
		end(CallOutcome.FAILED, failure, () -> this.run.settle(this.run.failed(failure), null, failure));
	}

	/**
	 * Remove the record: the work did not begin, or nothing is to be kept of it.
	 */
	public void forget() {
		end(CallOutcome.FAILED, null, () -> this.run.settle(Settlement.FORGET, null, null));
	}

	/**
	 * Let go of the run before its end, which may never come: its lease is renewed no
	 * more, and nobody in this JVM waits for it. It can still be ended.
	 */
	public void letGo() {
		this.run.abandon();
	}

	private Opening.@Nullable Recorded record(Settlement settlement, StoredOutcome outcome) {
		Landing.Outcome other = end(CallOutcome.EXECUTED, null, () -> this.run.settle(settlement, outcome, null));
		return (other != null) ? Opening.Recorded.of(other) : null;
	}

	private Landing.@Nullable Outcome end(CallOutcome how, @Nullable Throwable failure, Ending ending) {
		if (!this.ended.compareAndSet(false, true)) {
			return null;
		}
		Conversation conversation = this.run.conversation();
		conversation.ends(how);
		try {
			Landing.Outcome other = ending.settle();
			this.observed.ended(conversation.outcome(), failure);
			return other;
		}
		catch (RuntimeException | Error ex) {
			this.run.abandon();
			this.observed.ended(conversation.outcome(), ex);
			throw ex;
		}
	}

	@FunctionalInterface
	private interface Ending {

		Landing.@Nullable Outcome settle();

	}

}
