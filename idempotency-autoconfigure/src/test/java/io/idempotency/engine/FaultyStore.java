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

import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LockedRecordException;
import io.idempotency.store.RecordId;
import io.idempotency.store.StoredOutcome;
import io.idempotency.test.ForwardingStore;

/**
 * A store in front of another one that counts, fails before or after a verb is applied,
 * and stops in the middle of one.
 */
final class FaultyStore extends ForwardingStore {

	final AtomicInteger claims = new AtomicInteger();

	final AtomicInteger completions = new AtomicInteger();

	final AtomicInteger finds = new AtomicInteger();

	final AtomicInteger renewals = new AtomicInteger();

	final AtomicInteger failBefore = new AtomicInteger();

	final AtomicInteger failAfter = new AtomicInteger();

	final AtomicInteger locked = new AtomicInteger();

	volatile boolean failCompletions;

	volatile CountDownLatch hangBeforeCompletions = new CountDownLatch(0);

	volatile CountDownLatch hangBeforeRenewals = new CountDownLatch(0);

	FaultyStore(IdempotencyStore delegate) {
		super(delegate);
	}

	@Override
	public String name() {
		return "memory";
	}

	@Override
	public ClaimResult claim(ClaimRequest request) {
		this.claims.incrementAndGet();
		if (this.locked.getAndUpdate((left) -> Math.max(left - 1, 0)) > 0) {
			throw new LockedRecordException(request.id(), new SQLTimeoutException());
		}
		return faulty(() -> super.claim(request));
	}

	@Override
	public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		this.completions.incrementAndGet();
		hang(this.hangBeforeCompletions);
		if (this.failCompletions) {
			throw new IllegalStateException("the store is down");
		}
		return super.complete(lease, outcome, ttl);
	}

	@Override
	public boolean renew(Lease lease, Duration extension) {
		this.renewals.incrementAndGet();
		hang(this.hangBeforeRenewals);
		return super.renew(lease, extension);
	}

	@Override
	public Optional<IdempotencyRecord> find(RecordId id) {
		this.finds.incrementAndGet();
		return super.find(id);
	}

	private static void hang(CountDownLatch until) {
		try {
			until.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException("interrupted while the store hangs", ex);
		}
	}

	private <T> T faulty(Supplier<T> verb) {
		if (this.failBefore.getAndUpdate((left) -> Math.max(left - 1, 0)) > 0) {
			throw new IllegalStateException("the request did not arrive");
		}
		T answer = verb.get();
		if (this.failAfter.getAndUpdate((left) -> Math.max(left - 1, 0)) > 0) {
			throw new IllegalStateException("the answer did not arrive");
		}
		return answer;
	}

}
