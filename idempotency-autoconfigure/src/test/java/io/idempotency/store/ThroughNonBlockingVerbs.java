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
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import io.idempotency.store.NonBlockingStore.NonBlockingVerbs;
import io.idempotency.test.ForwardingStore;

/**
 * A store behind its non-blocking verbs, each of which is waited for, so that the suites
 * for blocking verbs run over them.
 */
public final class ThroughNonBlockingVerbs extends ForwardingStore {

	private final NonBlockingVerbs verbs;

	public ThroughNonBlockingVerbs(NonBlockingStore store) {
		super(store);
		NonBlockingVerbs verbs = store.nonBlocking();
		if (verbs == null) {
			throw new IllegalArgumentException(store.name() + " has no non-blocking verbs here");
		}
		this.verbs = verbs;
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
