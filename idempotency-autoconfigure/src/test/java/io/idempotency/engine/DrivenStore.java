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

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.NonBlockingStore;
import io.idempotency.store.Release;
import io.idempotency.store.StoredOutcome;
import io.idempotency.test.ForwardingStore;

/**
 * Another store behind a driver of one thread, on which nothing may wait: what does is
 * never woken.
 */
final class DrivenStore extends ForwardingStore implements NonBlockingStore, AutoCloseable {

	private final ExecutorService driver = Executors.newSingleThreadExecutor((task) -> new Thread(task, "driver"));

	DrivenStore(IdempotencyStore delegate) {
		super(delegate);
	}

	@Override
	public NonBlockingVerbs nonBlocking() {
		return new Verbs();
	}

	@Override
	public void close() {
		this.driver.shutdownNow();
	}

	private final class Verbs implements NonBlockingVerbs {

		@Override
		public CompletionStage<ClaimResult> claim(ClaimRequest request) {
			return CompletableFuture.supplyAsync(() -> DrivenStore.this.claim(request), DrivenStore.this.driver);
		}

		@Override
		public CompletionStage<Boolean> complete(Lease lease, StoredOutcome outcome, Duration ttl) {
			return CompletableFuture.supplyAsync(() -> DrivenStore.this.complete(lease, outcome, ttl),
					DrivenStore.this.driver);
		}

		@Override
		public CompletionStage<Boolean> release(Lease lease, Release how) {
			return CompletableFuture.supplyAsync(() -> DrivenStore.this.release(lease, how), DrivenStore.this.driver);
		}

	}

}
