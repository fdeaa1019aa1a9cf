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

package io.idempotency.test;

import java.time.Duration;
import java.util.Optional;

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
 * A store that leaves all verbs to another one, for tests that change some of them.
 */
public abstract class ForwardingStore implements IdempotencyStore {

	private final IdempotencyStore delegate;

	protected ForwardingStore(IdempotencyStore delegate) {
		this.delegate = delegate;
	}

	@Override
	public String name() {
		return this.delegate.name();
	}

	@Override
	public ClaimResult claim(ClaimRequest request) {
		return this.delegate.claim(request);
	}

	@Override
	public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		return this.delegate.complete(lease, outcome, ttl);
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
	public boolean checkpoint(Lease lease, String step, StoredOutcome outcome) {
		return this.delegate.checkpoint(lease, step, outcome);
	}

	@Override
	public Optional<IdempotencyRecord> find(RecordId id) {
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
