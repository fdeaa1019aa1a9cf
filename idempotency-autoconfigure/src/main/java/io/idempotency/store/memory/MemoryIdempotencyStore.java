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

package io.idempotency.store.memory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.CompletionSignals;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * A store in the heap of one JVM: the reference of what every store does, for tests and
 * for applications that run as a single instance and may forget everything at a restart.
 *
 * <p>
 * Each verb is one atomic step on its record, in which the time is read too; verbs on
 * different records do not wait for each other. Expired records are not seen, are
 * replaced by the next claim, and are removed when {@linkplain #purgeExpired asked for}
 * or when the number of records has doubled. Signals are sent on the thread of the owner,
 * after its write. Safe for use by many threads.
 */
public final class MemoryIdempotencyStore implements IdempotencyStore {

	private static final long FIRST_PURGE = 1024;

	private final ConcurrentHashMap<RecordId, Entry> entries = new ConcurrentHashMap<>();

	private final LocalSignals signals = new LocalSignals();

	private final InstantSource time;

	/** The highest fence of a removed record: what follows it has to be higher. */
	private final AtomicLong removedFence = new AtomicLong();

	private final AtomicLong nextPurge = new AtomicLong(FIRST_PURGE);

	/**
	 * Create a store that lives by the system clock.
	 */
	public MemoryIdempotencyStore() {
		this(InstantSource.system());
	}

	/**
	 * Create a store that lives by the given clock.
	 * @param time the store's time, read to the microsecond
	 */
	public MemoryIdempotencyStore(InstantSource time) {
		this.time = time;
	}

	@Override
	public String name() {
		return "memory";
	}

	@Override
	public ClaimResult claim(ClaimRequest request) {
		purgeWhenDoubled();
		return atomically(request.id(), (entry, now) -> claim(entry, request, now));
	}

	private Step<ClaimResult> claim(@Nullable Entry entry, ClaimRequest request, Instant now) {
		if (entry == null) {
			return acquired(Entry.claimed(request, firstFence(now), 1, now));
		}
		if (entry.live(now) && entry.request().owner().equals(request.owner())) {
			return acquired(entry);
		}
		if (entry.claimable(now) && request.matches(entry.request().fingerprint())) {
			return acquired(entry.takenOver(request, now));
		}
		return new Step<>(new ClaimResult.Occupied(entry.readAt(now)), entry);
	}

	private static Step<ClaimResult> acquired(Entry entry) {
		return new Step<>(new ClaimResult.Acquired(entry.lease(), entry.attempt(), entry.checkpoints()), entry);
	}

	private long firstFence(Instant now) {
		return Math.max(ChronoUnit.MICROS.between(Instant.EPOCH, now), this.removedFence.get() + 1);
	}

	@Override
	public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		return signalled(lease.id(), atomically(lease.id(), (entry, now) -> {
			if (entry == null || !entry.heldBy(lease)) {
				return Step.refused(entry);
			}
			if (!entry.open()) {
				return Step.unchanged(entry, RecordStatus.COMPLETED);
			}
			return Step.applied(entry.completed(outcome, ttl, now));
		}));
	}

	@Override
	public boolean release(Lease lease, Release how) {
		return signalled(lease.id(), atomically(lease.id(), (entry, now) -> release(entry, lease, how, now)));
	}

	private static Step<Boolean> release(@Nullable Entry entry, Lease lease, Release how, Instant now) {
		if (entry == null || !entry.heldBy(lease)) {
			return new Step<>(entry == null && how instanceof Release.Forget, entry);
		}
		if (how instanceof Release.Failed failed) {
			return entry.open() ? Step.applied(entry.withoutOutcome(RecordStatus.FAILED, failed.note(), now))
					: Step.unchanged(entry, RecordStatus.FAILED);
		}
		if (how instanceof Release.Unknown unknown) {
			return (entry.status() == RecordStatus.IN_PROGRESS)
					? Step.applied(entry.withoutOutcome(RecordStatus.UNKNOWN, unknown.note(), now))
					: Step.unchanged(entry, RecordStatus.UNKNOWN);
		}
		return entry.open() ? new Step<>(true, null) : Step.refused(entry);
	}

	@Override
	public boolean renew(Lease lease, Duration extension) {
		return atomically(lease.id(), (entry, now) -> {
			if (entry == null || !entry.heldBy(lease) || entry.status() != RecordStatus.IN_PROGRESS) {
				return Step.refused(entry);
			}
			return Step.applied(entry.renewed(extension, now));
		});
	}

	@Override
	public boolean checkpoint(Lease lease, String step, StoredOutcome outcome) {
		return atomically(lease.id(),
				(entry, now) -> (entry == null || !entry.heldBy(lease) || entry.status() != RecordStatus.IN_PROGRESS)
						? Step.refused(entry) : Step.applied(entry.withCheckpoint(step, outcome)));
	}

	@Override
	public Optional<IdempotencyRecord> find(RecordId id) {
		Entry entry = this.entries.get(id);
		Instant now = now();
		return (entry == null || entry.expired(now)) ? Optional.empty() : Optional.of(entry.readAt(now));
	}

	@Override
	public boolean resolve(RecordId id, long observedFence, Resolution how) {
		return signalled(id, atomically(id, (entry, now) -> {
			if (entry == null || entry.fence() != observedFence || entry.live(now)) {
				return Step.refused(entry);
			}
			Entry resolved = (how instanceof Resolution.Complete complete)
					? entry.completed(complete.outcome(), complete.ttl(), now)
					: entry.withoutOutcome(RecordStatus.FAILED, entry.failure(), now);
			return Step.applied(resolved.fenced());
		}));
	}

	@Override
	public int purgeExpired(int limit) {
		int removed = 0;
		for (Map.Entry<RecordId, Entry> candidate : this.entries.entrySet()) {
			if (removed >= limit) {
				break;
			}
			if (removeIfExpired(candidate.getKey(), candidate.getValue())) {
				removed++;
			}
		}
		return removed;
	}

	@Override
	public CompletionSignals signals() {
		return this.signals;
	}

	/**
	 * Return how many records are kept, expired ones included.
	 */
	int size() {
		return this.entries.size();
	}

	private void purgeWhenDoubled() {
		long limit = this.nextPurge.get();
		if (this.entries.mappingCount() >= limit && this.nextPurge.compareAndSet(limit, Long.MAX_VALUE)) {
			purgeExpired(Integer.MAX_VALUE);
			this.nextPurge.set(Math.max(FIRST_PURGE, 2 * this.entries.mappingCount()));
		}
	}

	/** The fence is noted first: a claim that finds no record must know it. */
	private boolean removeIfExpired(RecordId id, Entry entry) {
		if (!entry.expired(now())) {
			return false;
		}
		removed(entry);
		return this.entries.remove(id, entry);
	}

	private boolean signalled(RecordId id, boolean written) {
		if (written) {
			this.signals.send(id);
		}
		return written;
	}

	/**
	 * Apply a verb to a record and its time in one step. An expired record is removed
	 * first, so that verbs never see it.
	 */
	private <T> T atomically(RecordId id, Verb<T> verb) {
		AtomicReference<@Nullable Step<T>> taken = new AtomicReference<>();
		this.entries.compute(id, (key, present) -> {
			Instant now = now();
			Entry current = (present == null || present.expired(now)) ? removed(present) : present;
			Step<T> step = verb.apply(current, now);
			taken.set(step);
			return (step.next() != null) ? step.next() : removed(current);
		});
		return Objects.requireNonNull(taken.get()).answer();
	}

	private @Nullable Entry removed(@Nullable Entry entry) {
		if (entry != null) {
			this.removedFence.accumulateAndGet(entry.fence(), Math::max);
		}
		return null;
	}

	private Instant now() {
		return this.time.instant().truncatedTo(ChronoUnit.MICROS);
	}

	/**
	 * What a verb answers, and the entry that stands afterwards.
	 *
	 * @param answer the answer
	 * @param next the entry to keep, or {@code null} for none
	 */
	private record Step<T>(T answer, @Nullable Entry next) {

		static Step<Boolean> applied(Entry next) {
			return new Step<>(true, next);
		}

		static Step<Boolean> refused(@Nullable Entry entry) {
			return new Step<>(false, entry);
		}

		/** Already applied if the entry has the wanted status, else refused. */
		static Step<Boolean> unchanged(Entry entry, RecordStatus wanted) {
			return new Step<>(entry.status() == wanted, entry);
		}

	}

	private interface Verb<T> {

		Step<T> apply(@Nullable Entry entry, Instant now);

	}

}
