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

package io.idempotency.store;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import io.idempotency.store.NonBlockingStore.NonBlockingVerbs;
import org.jspecify.annotations.Nullable;

/**
 * A store behind its non-blocking verbs, each of which is waited for, so that the suites
 * for blocking verbs run over them.
 */
public final class ThroughNonBlockingVerbs implements IdempotencyStore {

	private final NonBlockingStore store;

	private final NonBlockingVerbs verbs;

	public ThroughNonBlockingVerbs(NonBlockingStore store) {
		this.store = store;
		NonBlockingVerbs verbs = store.nonBlocking();
		if (verbs == null) {
			throw new IllegalArgumentException(store.name() + " has no non-blocking verbs here");
		}
		this.verbs = verbs;
	}

	@Override
	public String name() {
		return this.store.name();
	}

	@Override
	public ClaimResult claim(ClaimRequest request) {
		return join(this.verbs.claim(request));
	}

	@Override
	public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		return join(this.verbs.complete(lease, outcome, ttl));
	}

	@Override
	public boolean release(Lease lease, Release how) {
		return join(this.verbs.release(lease, how));
	}

	@Override
	public boolean renew(Lease lease, Duration extension) {
		return this.store.renew(lease, extension);
	}

	@Override
	public Optional<IdempotencyRecord> find(RecordId id) {
		return this.store.find(id);
	}

	@Override
	public boolean resolve(RecordId id, long observedFence, Resolution how) {
		return this.store.resolve(id, observedFence, how);
	}

	@Override
	public int purgeExpired(int limit) {
		return this.store.purgeExpired(limit);
	}

	@Override
	public @Nullable CompletionSignals signals() {
		return this.store.signals();
	}

	private static <T> T join(CompletionStage<T> stage) {
		try {
			return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
		}
		catch (CompletionException ex) {
			if (ex.getCause() instanceof RuntimeException failure) {
				throw failure;
			}
			throw ex;
		}
	}

}
