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
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.StoredOutcome;
import io.idempotency.test.ForwardingStore;

/**
 * A store in front of another one that counts claims, can be switched off, and lets a
 * test change what is recorded.
 */
final class SwitchableStore extends ForwardingStore {

	final AtomicInteger claims = new AtomicInteger();

	/** The verb that fails, empty for none. */
	volatile String failing = "";

	/** What is done to an outcome before it is recorded. */
	volatile UnaryOperator<StoredOutcome> tampering = UnaryOperator.identity();

	SwitchableStore(IdempotencyStore delegate) {
		super(delegate);
	}

	private void failIf(String verb) {
		if (this.failing.equals(verb)) {
			throw new IllegalStateException("The store was switched off for " + verb);
		}
	}

	@Override
	public ClaimResult claim(ClaimRequest request) {
		this.claims.incrementAndGet();
		failIf("claim");
		return super.claim(request);
	}

	@Override
	public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		failIf("complete");
		return super.complete(lease, this.tampering.apply(outcome), ttl);
	}

	@Override
	public Optional<IdempotencyRecord> find(RecordId id) {
		failIf("claim");
		return super.find(id);
	}

}
