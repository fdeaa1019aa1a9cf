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
import java.time.Instant;
import java.util.UUID;

import io.idempotency.OnUnknown;
import org.jspecify.annotations.Nullable;

/**
 * A record as one read of the store saw it. All times are the store's.
 *
 * @param id the record's id
 * @param status the stored state
 * @param policy what happens when the lease lapses, {@link OnUnknown#RETRY} or
 * {@link OnUnknown#HOLD}, as the claimant wrote it
 * @param fingerprint what was asked for, or {@code null} if nothing is compared
 * @param owner the token of the current or last owner
 * @param fence the current fence
 * @param attempt how often the work was begun, from 1
 * @param outcome the outcome, present if and only if the status is COMPLETED
 * @param failure why the last attempt failed or is unknown; present in FAILED and UNKNOWN
 * records of stores that keep it
 * @param claimedAt when the current or last attempt began
 * @param leaseUntil when the owner's lease lapses or lapsed
 * @param expiresAt when the record ceases to exist
 * @param readAt the store's time of this read
 */
public record IdempotencyRecord(RecordId id, RecordStatus status, OnUnknown policy, @Nullable Fingerprint fingerprint,
		UUID owner, long fence, int attempt, @Nullable StoredOutcome outcome, @Nullable FailureNote failure,
		Instant claimedAt, Instant leaseUntil, Instant expiresAt, Instant readAt) {

	/**
	 * Return whether the record is in progress and its owner's lease has run out.
	 * @return whether the owner is presumed gone
	 */
	public boolean lapsed() {
		return this.status == RecordStatus.IN_PROGRESS && !this.readAt.isBefore(this.leaseUntil);
	}

	/**
	 * Return whether an owner with a running lease works on it.
	 * @return whether the record has a live owner
	 */
	public boolean live() {
		return this.status == RecordStatus.IN_PROGRESS && this.readAt.isBefore(this.leaseUntil);
	}

	/**
	 * Return whether an operator has to decide: the state UNKNOWN, or a lapsed lease
	 * under {@link OnUnknown#HOLD}.
	 * @return whether the outcome is unknown
	 */
	public boolean unknown() {
		return this.status == RecordStatus.UNKNOWN || (lapsed() && this.policy == OnUnknown.HOLD);
	}

	/**
	 * Return how long ago the current or last attempt began.
	 * @return the age, never negative
	 */
	public Duration age() {
		return positive(Duration.between(this.claimedAt, this.readAt));
	}

	/**
	 * Return how long the owner's lease still runs.
	 * @return the remaining lease, never negative
	 */
	public Duration leaseRemaining() {
		return positive(Duration.between(this.readAt, this.leaseUntil));
	}

	private static Duration positive(Duration duration) {
		return duration.isNegative() ? Duration.ZERO : duration;
	}

}
