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

package io.idempotency.step;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.idempotency.engine.CheckpointedRun;
import io.idempotency.engine.StepsEnd;
import io.idempotency.engine.Work;
import io.idempotency.store.StoredOutcome;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.backoff.BackOff;

/**
 * What becomes of the steps of an attempt when its work ended:
 * <ol>
 * <li>Nothing, if the work returned, or threw what may be tried again.
 * <li>If it threw what is final, record that: from then on, also after a crash, the way
 * forward is closed.
 * <li>Run what undoes the steps that are done, the last one first, and record each.
 * <li>Not if a step is done that this attempt has not come to before its work ended,
 * because what undoes it is not known. Then nothing is final, and the next attempt tries
 * again.
 * </ol>
 */
final class Saga {

	private static final Log logger = LogFactory.getLog(Saga.class);

	private static final String FAILED = RecordedStep.RESERVED + "failed";

	private static final String UNDONE = RecordedStep.RESERVED + "undone:";

	private static final BackOff USUAL = RecordedStep.doubling(4, Duration.ofMillis(100));

	private final CheckpointedRun run;

	private final StepExecution execution;

	/** What an earlier attempt failed with for good. */
	private final @Nullable StoredOutcome failedBefore;

	private final Map<String, Undo> undos = new HashMap<>();

	Saga(CheckpointedRun run, StepExecution execution) {
		this.run = run;
		this.execution = execution;
		this.failedBefore = run.checkpoint(FAILED);
	}

	/**
	 * Refuse a step that is not done, if there is no way forward.
	 * @throws Throwable what an earlier attempt failed with for good
	 */
	void refuseToGoForward() throws Throwable {
		if (this.failedBefore != null) {
			throw failure(this.failedBefore);
		}
	}

	synchronized void add(String recordedAs, RecordedStep step, Work undo) {
		this.undos.put(recordedAs, new Undo(step, undo));
	}

	/**
	 * Return whether a step is undone already, so that it need not be known how.
	 * @param recordedAs what it is recorded as
	 * @return whether this attempt or one before it undid the step
	 */
	boolean undone(String recordedAs) {
		return this.run.checkpoint(UNDONE + recordedAs) != null;
	}

	/**
	 * Forget what undoes the steps within one that is done now: a later attempt would not
	 * come to them.
	 * @param outer the name of the outer step
	 */
	synchronized void forgetInner(String outer) {
		this.undos.values().removeIf((undo) -> undo.step().name().startsWith(outer + "/"));
	}

	/**
	 * End the steps.
	 * @param thrown what the work threw, or {@code null} if it returned
	 * @param unreached steps that are done and that this attempt has not come to
	 * @return what becomes of the end of the work
	 */
	synchronized StepsEnd end(@Nullable Throwable thrown, List<String> unreached) {
		if (this.failedBefore != null || (thrown != null && isFinal(thrown))) {
			return unreached.isEmpty() ? failedForGood(thrown) : cannotUndo(unreached, thrown);
		}
		if (thrown == null && !unreached.isEmpty()) {
			logger.warn("Steps " + unreached + " of " + this.run.label() + " are done, but the attempt that finished "
					+ "the work did not come to them before it ended. Were they renamed? Name formerly(…) then. Do "
					+ "other threads run them? Wait for these in the work");
		}
		return StepsEnd.Unchanged.INSTANCE;
	}

	/**
	 * Leave the work, which failed for good, to the next attempt.
	 * @param unreached steps that are done and that this attempt has not come to
	 * @param thrown what the work threw, or {@code null} if it returned
	 * @return that end
	 */
	StepsEnd cannotUndo(List<String> unreached, @Nullable Throwable thrown) {
		String why = this.run.label() + " failed for good, but this attempt did not come to steps " + unreached
				+ ", which are done, before its work ended, so it is not known what undoes them. Nothing more is "
				+ "undone, and the next attempt tries again. Let the work come to them before it fails and wait for "
				+ "its threads, or undo them by hand and tell: Idempotency.resolve(operation, key).failed(…)";
		logger.error(why);
		return unfinished((thrown != null) ? thrown : new IllegalStateException(why), null);
	}

	private StepsEnd failedForGood(@Nullable Throwable thrown) {
		try {
			StoredOutcome before = this.failedBefore;
			if (before == null && thrown != null) {
				StoredOutcome failure = recorded(thrown);
				undo();
				return new StepsEnd.FailedForGood(thrown, failure, this.run.checkpoint(FAILED) != null);
			}
			StoredOutcome failure = Objects.requireNonNull(before);
			undo();
			return new StepsEnd.FailedForGood(failure(failure), failure, true);
		}
		catch (Throwable ex) {
			return unfinished(ex, thrown);
		}
	}

	private StoredOutcome recorded(Throwable failure) {
		StoredOutcome outcome = this.run.encode(failure, this.run.finalFailures());
		if (!this.undos.isEmpty()) {
			this.execution.record(FAILED, outcome);
		}
		return outcome;
	}

	private void undo() throws Throwable {
		List<String> lastOneFirst = new ArrayList<>(this.run.checkpoints().keySet());
		Collections.reverse(lastOneFirst);
		for (String name : lastOneFirst) {
			Undo undo = this.undos.get(name);
			if (undo != null && !undone(name)) {
				this.run.requireLease();
				this.execution.execute(UNDONE + name, undo.step().mannerOfUndoing(USUAL), void.class,
						() -> this.run.within(UNDONE + undo.step().firstName(), undo.work()));
			}
		}
	}

	/**
	 * Leave the work to the next attempt, whatever was thrown.
	 * @param why what counts as thrown
	 * @param besides what the work threw, if anything
	 * @return that end
	 */
	static StepsEnd unfinished(Throwable why, @Nullable Throwable besides) {
		if (besides != null && besides != why) {
			why.addSuppressed(besides);
		}
		return new StepsEnd.Unfinished(why);
	}

	private boolean isFinal(Throwable failure) {
		return this.run.finalFailures().stream().anyMatch((type) -> type.isInstance(failure));
	}

	private Throwable failure(StoredOutcome recorded) {
		return this.run.failure(FAILED, recorded, this.run.finalFailures());
	}

	/**
	 * What undoes a step.
	 *
	 * @param step the step
	 * @param work undoes it
	 */
	private record Undo(RecordedStep step, Work work) {

	}

}
