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
import java.util.Optional;
import java.util.function.Supplier;

import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.store.FailureNote;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Release;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.Write;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a run came to into its record. A store that fails now does not change the
 * caller's answer: the same write is tried again in the background until the lease would
 * have lapsed, and the key is never freed meanwhile.
 */
final class Settler {

	private static final Log logger = LogFactory.getLog(Settler.class);

	private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

	private final BackgroundThreads threads;

	private final IdempotencyListener listener;

	private final boolean recordFailureMessages;

	Settler(BackgroundThreads threads, IdempotencyListener listener, boolean recordFailureMessages) {
		this.threads = threads;
		this.listener = listener;
		this.recordFailureMessages = recordFailureMessages;
	}

	/**
	 * Return what a run has to write.
	 * @param run the run
	 * @param settlement what its end came to
	 * @param outcome the encoded outcome, present where one is to be recorded
	 * @param failure what the work threw, if it did
	 * @return what to write, or {@code null} to leave the record alone
	 */
	@Nullable Write write(RunContext run, Settlement settlement, @Nullable StoredOutcome outcome, @Nullable Throwable failure) {
		return switch (settlement) {
			case RECORD_VALUE, RECORD_COMMITTED_FAILURE -> completion(run, outcome, run.call().ttl());
			case REMEMBER_FAILURE -> completion(run, outcome, run.call().spec().failureTtl());
			case FAIL -> new Write.GivingBack(run.lease(), new Release.Failed(note(failure)));
			case HOLD_UNKNOWN -> new Write.GivingBack(run.lease(), new Release.Unknown(note(failure)));
			case FORGET -> new Write.GivingBack(run.lease(), new Release.Forget());
			case LEAVE -> null;
		};
	}

	private static Write completion(RunContext run, @Nullable StoredOutcome outcome, Duration ttl) {
		if (outcome == null) {
			throw new IllegalArgumentException("An outcome is needed to record one");
		}
		return new Write.Completion(run.lease(), outcome, ttl);
	}

	/**
	 * Settle a run.
	 * @param run the run, whose lease is no longer renewed
	 * @param write what to write, or {@code null} to leave the record alone
	 * @return whether the lease was still this run's
	 */
	boolean settle(RunContext run, @Nullable Write write) {
		GuardedCall call = run.call();
		if (write != null) {
			return settle(run, write, () -> write.by(call.spec().store()));
		}
		logger.warn("It is not known whether the transaction of " + call.label()
				+ " was committed. Its lease lapses, then on-unknown=" + call.spec().onUnknown() + " decides");
		return true;
	}

	/**
	 * Look for the answer of whoever took over.
	 * @param conversation the caller whose lease was lost
	 * @return the recorded answer
	 * @throws IdempotencyLeaseLostException if there is none
	 */
	Landing.Outcome answerOfTheNewOwner(Conversation conversation) {
		GuardedCall call = conversation.call();
		RuntimeException cause = null;
		try {
			Optional<IdempotencyRecord> record = call.spec().store().find(call.id());
			if (record.isPresent() && record.get().outcome() != null
					&& conversation.matches(record.get().fingerprint())) {
				return Landing.Outcome.of(record.get(), record.get().outcome());
			}
		}
		catch (RuntimeException ex) {
			cause = ex;
		}
		throw Refusals.leaseLost(conversation, cause);
	}

	/**
	 * Settle a run whose write is sent already.
	 * @param run the run, whose lease is no longer renewed
	 * @param write what is written
	 * @param answer what the store answers to it
	 * @return whether the lease was still this run's
	 */
	boolean settle(RunContext run, Write write, Supplier<Boolean> answer) {
		try {
			boolean mine = answer.get();
			if (!mine) {
				stale(run);
			}
			return mine;
		}
		catch (RuntimeException ex) {
			logger.error("The outcome of " + run.call().label() + " could not be recorded. The caller gets its answer; "
					+ "recording is tried again until the lease lapses", ex);
			this.listener.recordingFailed(run.call(), ex);
			new Retry(run, write).schedule(FIRST_PAUSE);
			return true;
		}
	}

	private void stale(RunContext run) {
		if (committedAfterAll(run)) {
			logger.info("The transaction of " + run.call().label()
					+ " was reported as rolled back, but it is committed, and its answer is recorded");
			return;
		}
		boolean news = run.lost();
		logger.warn("The outcome of " + run.call().label() + ", attempt " + run.attempt()
				+ ", was not recorded: somebody else took over after the lease lapsed");
		if (news) {
			this.listener.leaseLost(run.call());
		}
	}

	/**
	 * A JPA transaction whose commit got no answer ends as rolled back, also where the
	 * database committed it. The record that it wrote tells.
	 */
	private static boolean committedAfterAll(RunContext run) {
		if (!run.transaction().wrote()) {
			return false;
		}
		try {
			return run.call()
				.spec()
				.store()
				.find(run.id())
				.filter((record) -> record.fence() == run.fence() && record.outcome() != null)
				.isPresent();
		}
		catch (RuntimeException ex) {
			return false;
		}
	}

	private FailureNote note(@Nullable Throwable failure) {
		if (failure == null) {
			return new FailureNote("transaction rolled back", null);
		}
		return new FailureNote(failure.getClass().getName(),
				this.recordFailureMessages ? Outcomes.message(failure) : null);
	}

	/**
	 * The same write again, with growing pauses, until it is answered or the lease would
	 * have lapsed.
	 */
	private final class Retry implements Runnable {

		private final RunContext run;

		private final Write write;

		private Duration pause = FIRST_PAUSE;

		private Retry(RunContext run, Write write) {
			this.run = run;
			this.write = write;
		}

		private void schedule(Duration delay) {
			this.pause = (delay.compareTo(LONGEST_PAUSE) < 0) ? delay : LONGEST_PAUSE;
			IdempotencyStore store = this.run.call().spec().store();
			BackgroundThreads.later(Settler.this.threads.of(store).settling(), this, this.pause.toNanos());
		}

		@Override
		public void run() {
			try {
				if (!this.write.by(this.run.call().spec().store())) {
					stale(this.run);
				}
			}
			catch (RuntimeException ex) {
				if (this.run.leaseRemaining().isZero()) {
					logger.error(
							"The outcome of " + this.run.call().label()
									+ " is not recorded: the store did not answer until the lease lapsed. "
									+ "The next call is decided by on-unknown=" + this.run.call().spec().onUnknown(),
							ex);
				}
				else {
					schedule(this.pause.multipliedBy(2));
				}
			}
		}

	}

}
