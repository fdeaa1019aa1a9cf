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

		private @Nullable CheckpointedRun checkpointed;

		private @Nullable EndingSteps begun;

		private volatile StepsEnd end = StepsEnd.Unchanged.INSTANCE;

		private OfRun(RunContext run, Map<String, StoredOutcome> earlier) {
			this.run = run;
			this.earlier = earlier;
		}

		synchronized EndingSteps get() {
			if (this.begun == null) {
				this.begun = begin();
			}
			return this.begun;
		}

		private EndingSteps begin() {
			if (Steps.this.factory == null) {
				throw new IllegalStateException("This engine was made without a StepsFactory, so no run has steps");
			}
			if (this.run.call().spec().asynchronous()) {
				throw refused(this.run, "its result comes later than its method returns");
			}
			if (this.checkpointed == null) {
				this.checkpointed = new CheckpointedRun(this.run, this.earlier, Steps.this.outcomes,
						Steps.this.transactions, Steps.this.listener);
			}
			return Steps.this.factory.begin(this.checkpointed);
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
				Throwable counts = end(ex);
				throw (counts != null) ? counts : ex;
			}
			Throwable counts = end(null);
			if (counts != null) {
				throw counts;
			}
			return result;
		}

		/** Return what counts as thrown, if that is not what was thrown. */
		private @Nullable Throwable end(@Nullable Throwable thrown) {
			EndingSteps steps = begun();
			if (steps != null) {
				this.end = steps.end(thrown);
			}
			if (this.end instanceof StepsEnd.Unfinished unfinished) {
				return unfinished.thrown();
			}
			return (this.end instanceof StepsEnd.FailedForGood failed) ? failed.thrown() : null;
		}

		private synchronized void startAnew() {
			this.end = StepsEnd.Unchanged.INSTANCE;
			boolean done = !this.earlier.isEmpty() || this.checkpointed != null;
			this.begun = done ? begin() : null;
		}

		private synchronized @Nullable EndingSteps begun() {
			return this.begun;
		}

		StepsEnd end() {
			return this.end;
		}

	}

}
