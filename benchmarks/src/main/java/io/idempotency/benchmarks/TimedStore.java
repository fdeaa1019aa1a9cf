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

package io.idempotency.benchmarks;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.CompletionSignals;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.Release;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * A store that counts how often and for how long it is asked, which costs a tenth of a
 * microsecond each time.
 */
final class TimedStore implements IdempotencyStore {

	/**
	 * Of so many calls the bytes of one are counted: to ask for them takes longer than
	 * the call of a store in memory.
	 */
	private static final int WEIGHED = 64;

	private final IdempotencyStore store;

	private final LongAdder calls = new LongAdder();

	private final LongAdder nanos = new LongAdder();

	private final LongAdder bytes = new LongAdder();

	TimedStore(IdempotencyStore store) {
		this.store = store;
	}

	/**
	 * Return what has come together so far.
	 * @return the totals
	 */
	Totals totals() {
		return new Totals(this.calls.sum(), this.nanos.sum(), this.bytes.sum());
	}

	private <T> T timed(Supplier<T> verb) {
		long begin = System.nanoTime();
		try {
			return (ThreadLocalRandom.current().nextInt(WEIGHED) == 0) ? weighed(verb) : verb.get();
		}
		finally {
			this.nanos.add(System.nanoTime() - begin);
			this.calls.increment();
		}
	}

	private <T> T weighed(Supplier<T> verb) {
		long bytes = ServerThreads.allocatedByThisThread();
		try {
			return verb.get();
		}
		finally {
			this.bytes.add(WEIGHED * (ServerThreads.allocatedByThisThread() - bytes));
		}
	}

	@Override
	public String name() {
		return this.store.name();
	}

	@Override
	public ClaimResult claim(ClaimRequest request) {
		return timed(() -> this.store.claim(request));
	}

	@Override
	public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		return timed(() -> this.store.complete(lease, outcome, ttl));
	}

	@Override
	public boolean release(Lease lease, Release how) {
		return timed(() -> this.store.release(lease, how));
	}

	@Override
	public boolean renew(Lease lease, Duration extension) {
		return timed(() -> this.store.renew(lease, extension));
	}

	@Override
	public boolean checkpoint(Lease lease, String step, StoredOutcome outcome) {
		return timed(() -> this.store.checkpoint(lease, step, outcome));
	}

	@Override
	public Optional<IdempotencyRecord> find(RecordId id) {
		return timed(() -> this.store.find(id));
	}

	@Override
	public boolean resolve(RecordId id, long observedFence, Resolution how) {
		return timed(() -> this.store.resolve(id, observedFence, how));
	}

	@Override
	public int purgeExpired(int limit) {
		return timed(() -> this.store.purgeExpired(limit));
	}

	@Override
	public @Nullable CompletionSignals signals() {
		return this.store.signals();
	}

	/**
	 * What the calls of a store have come to.
	 *
	 * @param calls how many
	 * @param nanos for how long the callers waited
	 * @param bytes what was allocated on the callers' threads
	 */
	record Totals(long calls, long nanos, long bytes) {

		static final Totals NONE = new Totals(0, 0, 0);

		Totals since(Totals before) {
			return new Totals(this.calls - before.calls, this.nanos - before.nanos, this.bytes - before.bytes);
		}

	}

}
