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
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import io.idempotency.OnUnknown;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.FailureNote;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * A record as it stands in the map. Immutable: each transition returns the entry that
 * replaces this one.
 *
 * @param request the claim of the current or last owner
 * @param fence the current fence
 * @param attempt how often the work was begun
 * @param status the state
 * @param outcome the outcome, if the status is COMPLETED
 * @param failure why the last attempt failed or is unknown
 * @param claimedAt when the current or last attempt began
 * @param leaseUntil when the lease lapses
 * @param expiresAt when the record ceases to exist
 */
record Entry(ClaimRequest request, long fence, int attempt, RecordStatus status, @Nullable StoredOutcome outcome,
		@Nullable FailureNote failure, Map<String, StoredOutcome> checkpoints, Instant claimedAt, Instant leaseUntil,
		Instant expiresAt) {

	static Entry claimed(ClaimRequest request, long fence, int attempt, Instant now) {
		return claimed(request, fence, attempt, Map.of(), now);
	}

	private static Entry claimed(ClaimRequest request, long fence, int attempt, Map<String, StoredOutcome> checkpoints,
			Instant now) {
		Instant leaseUntil = later(now, request.lease());
		return new Entry(request, fence, attempt, RecordStatus.IN_PROGRESS, null, null, checkpoints, now, leaseUntil,
				later(leaseUntil, request.abandonedTtl()));
	}

	boolean expired(Instant now) {
		return !now.isBefore(this.expiresAt);
	}

	boolean live(Instant now) {
		return this.status == RecordStatus.IN_PROGRESS && now.isBefore(this.leaseUntil);
	}

	boolean claimable(Instant now) {
		return switch (this.status) {
			case FAILED -> true;
			case IN_PROGRESS -> !live(now) && this.request.policy() == OnUnknown.RETRY;
			case COMPLETED, UNKNOWN -> false;
		};
	}

	boolean heldBy(Lease lease) {
		return this.fence == lease.fence() && this.request.owner().equals(lease.owner());
	}

	/**
	 * Return whether the owner of this fence may still settle it: it works on it, or left
	 * it as unknown and found out later.
	 */
	boolean open() {
		return this.status == RecordStatus.IN_PROGRESS || this.status == RecordStatus.UNKNOWN;
	}

	Entry takenOver(ClaimRequest next, Instant now) {
		return claimed(next, this.fence + 1, this.attempt + 1, this.checkpoints, now);
	}

	Entry completed(StoredOutcome outcome, Duration ttl, Instant now) {
		return new Entry(this.request, this.fence, this.attempt, RecordStatus.COMPLETED, outcome, null, Map.of(),
				this.claimedAt, this.leaseUntil, later(now, ttl));
	}

	/** FAILED or UNKNOWN: kept as long as a claim of now would be. */
	Entry withoutOutcome(RecordStatus status, @Nullable FailureNote note, Instant now) {
		Instant expiresAt = later(later(now, this.request.lease()), this.request.abandonedTtl());
		return new Entry(this.request, this.fence, this.attempt, status, null, note, this.checkpoints, this.claimedAt,
				this.leaseUntil, expiresAt);
	}

	Entry renewed(Duration extension, Instant now) {
		Instant until = later(now, extension);
		return new Entry(this.request, this.fence, this.attempt, this.status, this.outcome, this.failure,
				this.checkpoints, this.claimedAt, until, later(until, this.request.abandonedTtl()));
	}

	Entry withCheckpoint(String step, StoredOutcome outcome) {
		Map<String, StoredOutcome> checkpoints = new LinkedHashMap<>(this.checkpoints);
		checkpoints.putIfAbsent(step, outcome);
		return new Entry(this.request, this.fence, this.attempt, this.status, this.outcome, this.failure,
				Collections.unmodifiableMap(checkpoints), this.claimedAt, this.leaseUntil, this.expiresAt);
	}

	Entry fenced() {
		return new Entry(this.request, this.fence + 1, this.attempt, this.status, this.outcome, this.failure,
				this.checkpoints, this.claimedAt, this.leaseUntil, this.expiresAt);
	}

	Lease lease() {
		return new Lease(this.request.id(), this.request.owner(), this.fence);
	}

	IdempotencyRecord readAt(Instant now) {
		return new IdempotencyRecord(this.request.id(), this.status, this.request.policy(), this.request.fingerprint(),
				this.request.owner(), this.fence, this.attempt, this.outcome, this.failure, this.claimedAt,
				this.leaseUntil, this.expiresAt, now);
	}

	private static Instant later(Instant time, Duration duration) {
		return time.plus(duration).truncatedTo(ChronoUnit.MICROS);
	}

}
