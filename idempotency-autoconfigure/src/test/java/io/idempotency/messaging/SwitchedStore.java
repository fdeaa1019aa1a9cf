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

package io.idempotency.messaging;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.OnUnknown;
import io.idempotency.key.Identity;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.test.ForwardingStore;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A store that may be down, and in which somebody else may be at work.
 */
public final class SwitchedStore extends ForwardingStore {

	final AtomicInteger claims = new AtomicInteger();

	volatile boolean down;

	SwitchedStore() {
		super(new MemoryIdempotencyStore());
	}

	@Override
	public ClaimResult claim(ClaimRequest request) {
		this.claims.incrementAndGet();
		if (this.down) {
			throw new IllegalStateException("down on purpose");
		}
		return super.claim(request);
	}

	/**
	 * Begin work elsewhere, which is not renewed.
	 */
	Lease beginElsewhere(String key, Duration lease) {
		ClaimResult claim = super.claim(new ClaimRequest(Identity.of("", ListenerContract.OPERATION, "", key),
				ListenerContract.OPERATION, UUID.randomUUID(), null, OnUnknown.RETRY, lease, Duration.ofDays(1),
				Duration.ofDays(1), false));
		assertThat(claim).isInstanceOf(ClaimResult.Acquired.class);
		return ((ClaimResult.Acquired) claim).lease();
	}

	void endElsewhere(Lease lease) {
		assertThat(complete(lease, StoredOutcome.noValue(), Duration.ofDays(1))).isTrue();
	}

}
