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

import org.jspecify.annotations.Nullable;

/**
 * Is told what happens to calls. Every method does nothing by default; one that throws is
 * logged and never disturbs the work. Called on the thread of the call or of the
 * background task that it is about; must be quick and safe for use by many threads.
 */
public interface IdempotencyListener {

	/**
	 * A call begins.
	 * @param call the call
	 * @return is told how it ended
	 */
	default Observed callStarted(GuardedCall call) {
		return Observed.NOTHING;
	}

	/**
	 * The lease lapsed and somebody else took the key over, which a renewal or the write
	 * of the outcome noticed. Told once per run.
	 * @param call the call
	 */
	default void leaseLost(GuardedCall call) {
	}

	/**
	 * The work is done, the store failed, and the outcome is not recorded yet; recording
	 * is tried again while the lease lives. Told once per run.
	 * @param call the call
	 * @param cause what the store threw
	 */
	default void recordingFailed(GuardedCall call, Throwable cause) {
	}

	/**
	 * A duplicate got the answer of another run.
	 * @param call the call
	 * @param age the time since the first run began, by the store's clock
	 */
	default void duplicate(GuardedCall call, Duration age) {
	}

	/**
	 * Something became of a step. A step that is tried again is told of each time, and
	 * once when it ended; a compensation is no step.
	 * @param call the call whose step it is
	 * @param step the step's name
	 * @param outcome what became of it
	 */
	default void step(GuardedCall call, String step, StepOutcome outcome) {
	}

	/**
	 * A call that is being observed.
	 */
	interface Observed {

		/** Observes nothing. */
		Observed NOTHING = new Observed() {

		};

		/**
		 * The call leaves the thread on which it started; its answer may come later.
		 */
		default void leaveThread() {
		}

		/**
		 * The call ended.
		 * @param outcome how it ended
		 * @param error what the caller gets thrown, if anything
		 */
		default void ended(CallOutcome outcome, @Nullable Throwable error) {
		}

	}

}
