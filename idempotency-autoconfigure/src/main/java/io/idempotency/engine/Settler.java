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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.store.FailureNote;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.RecordId;
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
			case REMEMBER_FAILURE -> completion(run, outcome, run.failureTtl());
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
		leave(List.of(call));
		return true;
	}

	/**
	 * Settle the runs of a batch, by one write for all.
	 * @param runs the runs, whose leases are no longer renewed
	 * @param writes of each what to write, or {@code null} to leave its record alone
	 * @return the records that are no longer their run's
	 */
	Set<RecordId> settleAll(List<RunContext> runs, List<@Nullable Write> writes) {
		List<LateWrites.Unanswered> sent = new ArrayList<>();
		List<GuardedCall> left = new ArrayList<>();
		for (int i = 0; i < runs.size(); i++) {
			Write write = writes.get(i);
			if (write != null) {
				sent.add(new LateWrites.Unanswered(runs.get(i), write));
			}
			else {
				left.add(runs.get(i).call());
			}
		}
		if (!left.isEmpty()) {
			leave(left);
		}
		return sent.isEmpty() ? Set.of() : settleAll(sent);
	}

	private Set<RecordId> settleAll(List<LateWrites.Unanswered> sent) {
		List<Boolean> mine;
		try {
			mine = sent.get(0)
				.run()
				.call()
				.spec()
				.store()
				.writeAll(sent.stream().map(LateWrites.Unanswered::write).toList());
		}
		catch (RuntimeException ex) {
			repeat(sent, ex);
			return Set.of();
		}
		Set<RecordId> lost = new HashSet<>();
		for (int i = 0; i < sent.size(); i++) {
			if (!mine.get(i)) {
				stale(sent.get(i).run());
				lost.add(sent.get(i).run().id());
			}
		}
		return lost;
	}

	private static void leave(List<GuardedCall> calls) {
		logger.warn("It is not known whether the transaction of " + GuardedCall.label(calls)
				+ " was committed. Its lease lapses, then on-unknown=" + calls.get(0).spec().onUnknown() + " decides");
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
			repeat(List.of(new LateWrites.Unanswered(run, write)), ex);
			return true;
		}
	}

	private void repeat(List<LateWrites.Unanswered> writes, RuntimeException failure) {
		List<GuardedCall> calls = writes.stream().map((each) -> each.run().call()).toList();
		logger
			.error("The outcome of " + GuardedCall.label(calls) + " could not be recorded. The caller gets its answer; "
					+ "recording is tried again until the lease lapses", failure);
		calls.forEach((call) -> this.listener.recordingFailed(call, failure));
		new LateWrites(this.threads, writes, this::stale).begin();
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

}
