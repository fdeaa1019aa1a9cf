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

package io.idempotency.store.redis;

import java.time.Duration;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.IdempotencyStoreConcurrencyContract;
import io.idempotency.store.RecordId;
import io.idempotency.store.ThroughNonBlockingVerbs;

/**
 * The contract of a store under contention over the non-blocking verbs of
 * {@link RedisIdempotencyStore}.
 */
class RedisNonBlockingVerbsConcurrencyIntegrationTests extends IdempotencyStoreConcurrencyContract {

	@Override
	protected IdempotencyStore createStore() {
		return new ThroughNonBlockingVerbs(new RedisIdempotencyStore(RedisConnections.shared()));
	}

	@Override
	protected void elapse(RecordId id, Duration time) {
		RedisConnections.elapse(RedisConnections.shared(), id, time);
	}

	@Override
	protected boolean keepsExpiredRecords() {
		return false;
	}

}
