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

package io.idempotency.web.conformance;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

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
 * A store in front of another one that counts claims, can be switched off, and lets a
 * test change what is recorded.
 */
final class SwitchableStore implements IdempotencyStore {

	final AtomicInteger claims = new AtomicInteger();

	/** The verb that fails, empty for none. */
	volatile String failing = "";

	/** What is done to an outcome before it is recorded. */
	volatile UnaryOperator<StoredOutcome> tampering = UnaryOperator.identity();

	private final IdempotencyStore delegate;

	SwitchableStore(IdempotencyStore delegate) {
		this.delegate = delegate;
	}

	private void failIf(String verb) {
		if (this.failing.equals(verb)) {
			throw new IllegalStateException("The store was switched off for " + verb);
		}
	}

	@Override
	public String name() {
		return this.delegate.name();
	}

	@Override
	public ClaimResult claim(ClaimRequest request) {
		this.claims.incrementAndGet();
		failIf("claim");
		return this.delegate.claim(request);
	}

	@Override
	public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		failIf("complete");
		return this.delegate.complete(lease, this.tampering.apply(outcome), ttl);
	}

	@Override
	public boolean release(Lease lease, Release how) {
		return this.delegate.release(lease, how);
	}

	@Override
	public boolean renew(Lease lease, Duration extension) {
		return this.delegate.renew(lease, extension);
	}

	@Override
	public Optional<IdempotencyRecord> find(RecordId id) {
		failIf("claim");
		return this.delegate.find(id);
	}

	@Override
	public boolean resolve(RecordId id, long observedFence, Resolution how) {
		return this.delegate.resolve(id, observedFence, how);
	}

	@Override
	public int purgeExpired(int limit) {
		return this.delegate.purgeExpired(limit);
	}

	@Override
	public @Nullable CompletionSignals signals() {
		return this.delegate.signals();
	}

}
