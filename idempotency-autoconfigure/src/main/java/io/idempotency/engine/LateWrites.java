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
import java.util.List;
import java.util.function.Consumer;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Write;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Writes of one or many runs that a store failed at. Each is sent again by itself, so
 * that none depends on another, with growing pauses, until it is answered or its lease
 * would have lapsed. Those that never are, are told together.
 */
final class LateWrites {

	private static final Log logger = LogFactory.getLog(LateWrites.class);

	private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

	private final BackgroundThreads threads;

	private final List<Unanswered> writes;

	private final Consumer<RunContext> stale;

	private final List<GivenUp> givenUp = new ArrayList<>();

	private int open;

	/**
	 * Create late writes.
	 * @param threads where to send them
	 * @param writes what to send, of one operation
	 * @param stale told of a run whose record is no longer its own
	 */
	LateWrites(BackgroundThreads threads, List<Unanswered> writes, Consumer<RunContext> stale) {
		this.threads = threads;
		this.writes = writes;
		this.stale = stale;
		this.open = writes.size();
	}

	void begin() {
		this.writes.forEach((write) -> new Retry(write).schedule(FIRST_PAUSE));
	}

	private synchronized void giveUp(GuardedCall call, RuntimeException failure) {
		this.givenUp.add(new GivenUp(call, failure));
		ended();
	}

	private synchronized void ended() {
		if (--this.open == 0 && !this.givenUp.isEmpty()) {
			GivenUp first = this.givenUp.get(0);
			logger.error(
					"The outcome of " + GuardedCall.label(this.givenUp.stream().map(GivenUp::call).toList())
							+ " is not recorded: the store did not answer until the lease lapsed. "
							+ "The next call is decided by on-unknown=" + first.call().spec().onUnknown(),
					first.failure());
		}
	}

	/**
	 * A write that the store did not answer.
	 *
	 * @param run whose it is
	 * @param write what is written
	 */
	record Unanswered(RunContext run, Write write) {

	}

	private final class Retry implements Runnable {

		private final RunContext run;

		private final Write write;

		private Duration pause = FIRST_PAUSE;

		private Retry(Unanswered unanswered) {
			this.run = unanswered.run();
			this.write = unanswered.write();
		}

		private void schedule(Duration delay) {
			this.pause = (delay.compareTo(LONGEST_PAUSE) < 0) ? delay : LONGEST_PAUSE;
			IdempotencyStore store = this.run.call().spec().store();
			BackgroundThreads.later(LateWrites.this.threads.of(store).settling(), this, this.pause.toNanos());
		}

		@Override
		public void run() {
			try {
				if (!this.write.by(this.run.call().spec().store())) {
					LateWrites.this.stale.accept(this.run);
				}
			}
			catch (RuntimeException ex) {
				if (this.run.leaseRemaining().isZero()) {
					giveUp(this.run.call(), ex);
				}
				else {
					schedule(this.pause.multipliedBy(2));
				}
				return;
			}
			ended();
		}

	}

	private record GivenUp(GuardedCall call, RuntimeException failure) {

	}

}
