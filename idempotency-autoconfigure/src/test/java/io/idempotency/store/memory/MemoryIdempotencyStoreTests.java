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

import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.IdempotencyStoreContract;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.Release;
import io.idempotency.store.StoredOutcome;
import io.idempotency.test.MutableClock;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MemoryIdempotencyStore}.
 */
class MemoryIdempotencyStoreTests extends IdempotencyStoreContract {

	private static final Duration MICROSECOND = Duration.ofNanos(1000);

	private final MutableClock clock = new MutableClock(Instant.parse("2026-03-29T00:59:59.123456789Z"));

	private final MemoryIdempotencyStore memory = new MemoryIdempotencyStore(this.clock);

	@Override
	protected IdempotencyStore createStore() {
		return this.memory;
	}

	@Override
	protected void elapse(RecordId id, Duration time) {
		this.clock.advance(time);
	}

	@Test
	void leaseLapsesInTheMicrosecondInWhichItEnds() {
		RecordId id = newId();
		acquire(id);

		elapse(id, LEASE.minus(MICROSECOND));
		assertThat(refused(ask(id)).live()).isTrue();
		elapse(id, MICROSECOND);

		assertThat(acquire(ask(id)).attempt()).isEqualTo(2);
	}

	@Test
	void recordExpiresInTheMicrosecondOfItsExpiry() {
		RecordId id = newId();
		this.store.complete(acquire(id), StoredOutcome.noValue(), TTL);

		elapse(id, TTL.minus(MICROSECOND));
		assertThat(this.store.find(id)).isPresent();
		elapse(id, MICROSECOND);

		assertThat(this.store.find(id)).isEmpty();
	}

	@Test
	void timesAreExact() {
		RecordId id = newId();
		Lease lease = acquire(id);

		IdempotencyRecord record = found(id);

		Instant now = Instant.parse("2026-03-29T00:59:59.123456Z");
		assertThat(record.claimedAt()).isEqualTo(now);
		assertThat(record.readAt()).isEqualTo(now);
		assertThat(record.leaseUntil()).isEqualTo(now.plus(LEASE));
		assertThat(record.expiresAt()).isEqualTo(now.plus(LEASE).plus(ABANDONED_TTL));
		assertThat(lease.fence()).isEqualTo(now.getEpochSecond() * 1_000_000 + 123_456);
	}

	@Test
	void fenceGrowsThoughTheClockStandsStillOrGoesBack() {
		RecordId id = newId();
		Lease lease = acquire(id);
		this.store.release(lease, new Release.Forget());

		Lease next = acquire(id);
		assertThat(next.fence()).isGreaterThan(lease.fence());
		this.store.release(next, new Release.Forget());
		this.clock.advance(Duration.ofHours(-1));

		assertThat(acquire(id).fence()).isGreaterThan(next.fence());
	}

	@Test
	void expiredRecordsAreRemovedThoughNobodyPurges() {
		for (int i = 0; i < 10_000; i++) {
			acquire(newId());
			this.clock.advance(Duration.ofMinutes(1));
		}

		assertThat(this.memory.size()).isLessThan(2000);
	}

	@Test
	void verbOnAnExpiredRecordRemovesIt() {
		RecordId id = newId();
		Lease lease = acquire(id);
		expire(id);

		this.store.renew(lease, LEASE);

		assertThat(this.memory.size()).isZero();
	}

	@Test
	void signalsKeepNothingOfWaitersThatLeft() {
		LocalSignals signals = (LocalSignals) this.memory.signals();
		RecordId id = newId();

		signals.listen(id, () -> {
		}).close();

		assertThat(signals.size()).isZero();
	}

	@Test
	void systemClockIsTheDefault() {
		this.store = new MemoryIdempotencyStore();

		RecordId id = newId();
		Instant before = Instant.now();
		acquire(id);

		assertThat(found(id).readAt()).isBetween(before.minusMillis(1), Instant.now());
	}

}
