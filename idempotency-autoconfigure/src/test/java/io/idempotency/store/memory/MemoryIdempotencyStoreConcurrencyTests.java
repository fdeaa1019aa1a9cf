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

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.IdempotencyStoreConcurrencyContract;
import io.idempotency.store.RecordId;
import io.idempotency.test.MutableClock;

/**
 * Tests for {@link MemoryIdempotencyStore} under contention. The clock stands still while
 * threads race, which is the hardest case for growing fences.
 */
class MemoryIdempotencyStoreConcurrencyTests extends IdempotencyStoreConcurrencyContract {

	private final MutableClock clock = new MutableClock(Instant.parse("2026-03-29T00:59:59Z"));

	@Override
	protected IdempotencyStore createStore() {
		return new MemoryIdempotencyStore(this.clock);
	}

	@Override
	protected void elapse(RecordId id, Duration time) {
		this.clock.advance(time);
	}

}
