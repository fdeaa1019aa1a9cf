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

import java.util.Map;

import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * Gives steps to the runs that can have some: those whose record is written apart from
 * all transactions, and that end when their work returns.
 */
final class Steps {

	private final @Nullable StepsFactory factory;

	private final Outcomes outcomes;

	private final Transactions transactions;

	private final IdempotencyListener listener;

	Steps(@Nullable StepsFactory factory, Outcomes outcomes, Transactions transactions, IdempotencyListener listener) {
		this.factory = factory;
		this.outcomes = outcomes;
		this.transactions = transactions;
		this.listener = listener;
	}

	OfRun of(RunContext run, Map<String, StoredOutcome> checkpoints) {
		return new OfRun(run, checkpoints);
	}

	static IllegalStateException refused(RunContext run, String why) {
		return new IllegalStateException(run.call().label() + " cannot have steps: " + why + ". Take the steps in a "
				+ "guarded service method that returns when its work is done, is not @Transactional and is not called "
				+ "in a transaction; make single steps transactional() instead");
	}

	/**
	 * The steps of one run. Where something between the engine and the work repeats that,
	 * each time has steps of its own, on what was recorded before.
	 */
	final class OfRun {

		private final RunContext run;

		private final Map<String, StoredOutcome> earlier;

		private @Nullable StepRun stepRun;

		private @Nullable RunSteps begun;

		private volatile boolean unfinished;

		private volatile @Nullable StoredOutcome failureForGood;

		private OfRun(RunContext run, Map<String, StoredOutcome> earlier) {
			this.run = run;
			this.earlier = earlier;
		}

		synchronized RunSteps get() {
			if (this.begun == null) {
				this.begun = begin();
			}
			return this.begun;
		}

		private RunSteps begin() {
			if (Steps.this.factory == null) {
				throw new IllegalStateException("This engine was made without a StepsFactory, so no run has steps");
			}
			if (this.run.call().spec().asynchronous()) {
				throw refused(this.run, "its result comes later than its method returns");
			}
			if (this.stepRun == null) {
				this.stepRun = new StepRun(this.run, this, this.earlier, Steps.this.outcomes, Steps.this.transactions,
						Steps.this.listener);
			}
			return Steps.this.factory.begin(this.stepRun);
		}

		/**
		 * Run the work. What was done in its steps before has to be looked after, even if
		 * it knows of none any more.
		 */
		@Nullable Object run(Work work) throws Throwable {
			startAnew();
			Object result;
			try {
				result = work.run();
			}
			catch (Throwable ex) {
				RunSteps steps = begun();
				throw (steps != null) ? steps.threw(ex) : ex;
			}
			RunSteps steps = begun();
			return (steps != null) ? steps.returned(result) : result;
		}

		private synchronized void startAnew() {
			this.unfinished = false;
			this.failureForGood = null;
			boolean done = !this.earlier.isEmpty() || this.stepRun != null;
			this.begun = done ? begin() : null;
		}

		private synchronized @Nullable RunSteps begun() {
			return this.begun;
		}

		boolean unfinished() {
			return this.unfinished;
		}

		void leaveUnfinished() {
			this.unfinished = true;
		}

		@Nullable StoredOutcome failureForGood() {
			return this.failureForGood;
		}

		void failForGood(StoredOutcome failure) {
			this.failureForGood = failure;
		}

	}

}
