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

import io.idempotency.OnConcurrent;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.RecordStatus;

/**
 * What a caller gets after its claim was answered.
 */
enum Decision {

	/** Run the work: the claim was won. */
	PROCEED,

	/** Give the recorded outcome. */
	REPLAY,

	/** Wait for the owner, then claim again. */
	WAIT,

	/** Tell the caller that the key is being worked on. */
	REJECT_IN_PROGRESS,

	/** Tell the caller that the key was used for something else. */
	REJECT_MISMATCH,

	/** Tell the caller that it is not known whether the work was done. */
	OUTCOME_UNKNOWN;

	/**
	 * Decide. The fingerprint comes first on every path: a caller that asks for something
	 * else learns nothing about the state of the record.
	 * @param result the answer to the claim
	 * @param request what was asked
	 * @param onConcurrent what this caller does about a live owner
	 * @return the decision
	 */
	static Decision of(ClaimResult result, ClaimRequest request, OnConcurrent onConcurrent) {
		if (result instanceof ClaimResult.Occupied occupied) {
			return of(occupied.record(), request, onConcurrent);
		}
		return PROCEED;
	}

	private static Decision of(IdempotencyRecord record, ClaimRequest request, OnConcurrent onConcurrent) {
		if (!request.matches(record.fingerprint())) {
			return REJECT_MISMATCH;
		}
		if (record.status() == RecordStatus.COMPLETED) {
			return REPLAY;
		}
		if (record.unknown()) {
			return OUTCOME_UNKNOWN;
		}
		return (onConcurrent == OnConcurrent.WAIT) ? WAIT : REJECT_IN_PROGRESS;
	}

}
