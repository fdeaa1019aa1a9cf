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

import java.util.Map;

/**
 * The answer to a claim.
 */
public sealed interface ClaimResult {

	/**
	 * The claimant owns the record.
	 *
	 * @param lease the ticket for later writes
	 * @param attempt how often the work was begun, this time included
	 * @param checkpoints what {@linkplain IdempotencyStore#checkpoint was done} in the
	 * attempts before, by step and in the order in which it was done
	 */
	record Acquired(Lease lease, int attempt, Map<String, StoredOutcome> checkpoints) implements ClaimResult {

		/**
		 * Create the answer to a claim of a record without checkpoints.
		 * @param lease the ticket for later writes
		 * @param attempt how often the work was begun, this time included
		 */
		public Acquired(Lease lease, int attempt) {
			this(lease, attempt, Map.of());
		}

	}

	/**
	 * Somebody else's record is there and cannot be taken over: it is live, completed,
	 * unknown, or asks for something else.
	 *
	 * @param record the record as the claim saw it
	 */
	record Occupied(IdempotencyRecord record) implements ClaimResult {

	}

	/**
	 * There is no answer for this one of many records, and the claim was not applied to
	 * it. Only ever the answer of {@link IdempotencyStore#claimAll}.
	 *
	 * @param reason what {@link IdempotencyStore#claim} would have thrown: an
	 * {@link UnreadableRecordException} or a {@link LockedRecordException}
	 */
	record Refused(RuntimeException reason) implements ClaimResult {

	}

}
