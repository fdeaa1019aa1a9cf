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
import java.util.concurrent.CompletionStage;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.NonBlockingStore.NonBlockingVerbs;
import io.idempotency.store.Release;
import io.idempotency.store.StoredOutcome;

/**
 * What a run writes into its record in the end, by either kind of verbs. Both answer
 * whether the record was still the run's.
 */
sealed interface Write {

	boolean by(IdempotencyStore store);

	CompletionStage<Boolean> by(NonBlockingVerbs verbs);

	/**
	 * The outcome.
	 *
	 * @param lease the run's ticket
	 * @param outcome what happened
	 * @param ttl how long it is kept
	 */
	record Completion(Lease lease, StoredOutcome outcome, Duration ttl) implements Write {

		@Override
		public boolean by(IdempotencyStore store) {
			return store.complete(this.lease, this.outcome, this.ttl);
		}

		@Override
		public CompletionStage<Boolean> by(NonBlockingVerbs verbs) {
			return verbs.complete(this.lease, this.outcome, this.ttl);
		}

	}

	/**
	 * That there is no outcome.
	 *
	 * @param lease the run's ticket
	 * @param how what becomes of the record
	 */
	record GivingBack(Lease lease, Release how) implements Write {

		@Override
		public boolean by(IdempotencyStore store) {
			return store.release(this.lease, this.how);
		}

		@Override
		public CompletionStage<Boolean> by(NonBlockingVerbs verbs) {
			return verbs.release(this.lease, this.how);
		}

	}

}
