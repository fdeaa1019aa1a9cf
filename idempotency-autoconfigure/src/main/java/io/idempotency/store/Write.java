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
import java.util.concurrent.CompletionStage;

import io.idempotency.store.NonBlockingStore.NonBlockingVerbs;

/**
 * What an owner writes into its record in the end.
 */
public sealed interface Write {

	/**
	 * Return the ticket.
	 * @return whose record it is
	 */
	Lease lease();

	/**
	 * Write it.
	 * @param store where the record is
	 * @return whether the record was still the owner's
	 */
	boolean by(IdempotencyStore store);

	/**
	 * Write it without waiting.
	 * @param verbs of the store where the record is
	 * @return completes with whether the record was still the owner's
	 */
	CompletionStage<Boolean> by(NonBlockingVerbs verbs);

	/**
	 * The outcome.
	 *
	 * @param lease the owner's ticket
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
	 * @param lease the owner's ticket
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
