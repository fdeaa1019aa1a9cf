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
import java.util.function.LongSupplier;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.FailureNote;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Release;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Frees a key whose claim may have been applied although its answer never came. Somebody
 * else's record, a failed attempt included, is left alone, for as long as the claim is
 * not seen in it. Else the same claim again finds out: nothing ran, so a record that it
 * began is forgotten, and one that it took over is kept as a failed attempt. Tried until
 * the lease would have lapsed by itself.
 */
final class GiveUp implements Runnable {

	private static final Log logger = LogFactory.getLog(GiveUp.class);

	private static final Duration PAUSE = Duration.ofMillis(500);

	private static final FailureNote GIVEN_UP = new FailureNote("claim given up, nothing ran", null);

	private final BackgroundThreads threads;

	private final LongSupplier nanoTime;

	private final IdempotencyStore store;

	private final ClaimRequest request;

	private final long sentAt;

	private Duration pause = PAUSE;

	GiveUp(BackgroundThreads threads, LongSupplier nanoTime, IdempotencyStore store, Sent sent) {
		this.threads = threads;
		this.nanoTime = nanoTime;
		this.store = store;
		this.request = sent.request();
		this.sentAt = sent.at();
	}

	void schedule() {
		BackgroundThreads.later(this.threads.of(this.store).settling(), this, this.pause.toNanos());
	}

	private void scheduleUnlessLapsed() {
		if (this.nanoTime.getAsLong() - this.sentAt < this.request.lease().toNanos()) {
			schedule();
		}
	}

	private boolean ofSomebodyElse() {
		return this.store.find(this.request.id())
			.filter((record) -> !record.owner().equals(this.request.owner()))
			.isPresent();
	}

	private static Release how(ClaimResult.Acquired acquired) {
		return (acquired.attempt() > 1) ? new Release.Failed(GIVEN_UP) : new Release.Forget();
	}

	@Override
	public void run() {
		try {
			if (ofSomebodyElse()) {
				this.pause = this.pause.multipliedBy(2);
				scheduleUnlessLapsed();
			}
			else if (this.store.claim(this.request) instanceof ClaimResult.Acquired acquired) {
				this.store.release(acquired.lease(), how(acquired));
			}
		}
		catch (RuntimeException ex) {
			logger.debug("A claim without an answer could not be given up yet", ex);
			scheduleUnlessLapsed();
		}
	}

}
