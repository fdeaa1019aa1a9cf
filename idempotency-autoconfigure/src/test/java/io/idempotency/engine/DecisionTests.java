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
import java.time.Instant;
import java.util.UUID;
import java.util.stream.Stream;

import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * {@link Decision} as a table.
 */
class DecisionTests {

	private static final RecordId ID = RecordId.of(new byte[RecordId.LENGTH]);

	private static final Fingerprint MINE = Fingerprint.of(new byte[16]);

	private static final Fingerprint OTHER = Fingerprint
		.of(new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 });

	private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

	@Test
	void wonClaimProceeds() {
		ClaimResult won = new ClaimResult.Acquired(new Lease(ID, new UUID(0, 1), 1), 1);

		assertThat(Decision.of(won, request(MINE), OnConcurrent.WAIT)).isEqualTo(Decision.PROCEED);
	}

	@ParameterizedTest
	@MethodSource("table")
	void recordDecides(RecordStatus status, OnUnknown policy, boolean lapsed, OnConcurrent onConcurrent,
			Decision expected) {
		ClaimResult occupied = new ClaimResult.Occupied(record(status, policy, lapsed, MINE));

		assertThat(Decision.of(occupied, request(MINE), onConcurrent)).isEqualTo(expected);
	}

	static Stream<Arguments> table() {
		OnUnknown retry = OnUnknown.RETRY;
		OnUnknown hold = OnUnknown.HOLD;
		return Stream.of(arguments(RecordStatus.COMPLETED, retry, false, OnConcurrent.WAIT, Decision.REPLAY),
				arguments(RecordStatus.COMPLETED, hold, false, OnConcurrent.REJECT, Decision.REPLAY),
				arguments(RecordStatus.IN_PROGRESS, retry, false, OnConcurrent.WAIT, Decision.WAIT),
				arguments(RecordStatus.IN_PROGRESS, retry, false, OnConcurrent.REJECT, Decision.REJECT_IN_PROGRESS),
				arguments(RecordStatus.IN_PROGRESS, retry, false, OnConcurrent.SKIP, Decision.REJECT_IN_PROGRESS),
				arguments(RecordStatus.IN_PROGRESS, hold, false, OnConcurrent.WAIT, Decision.WAIT),
				arguments(RecordStatus.IN_PROGRESS, hold, true, OnConcurrent.WAIT, Decision.OUTCOME_UNKNOWN),
				arguments(RecordStatus.IN_PROGRESS, retry, true, OnConcurrent.WAIT, Decision.WAIT),
				arguments(RecordStatus.UNKNOWN, hold, false, OnConcurrent.WAIT, Decision.OUTCOME_UNKNOWN),
				arguments(RecordStatus.UNKNOWN, retry, false, OnConcurrent.REJECT, Decision.OUTCOME_UNKNOWN));
	}

	@ParameterizedTest
	@MethodSource("table")
	void anotherFingerprintIsRejectedWhateverTheStateIs(RecordStatus status, OnUnknown policy, boolean lapsed,
			OnConcurrent onConcurrent, Decision ignored) {
		ClaimResult occupied = new ClaimResult.Occupied(record(status, policy, lapsed, OTHER));

		assertThat(Decision.of(occupied, request(MINE), onConcurrent)).isEqualTo(Decision.REJECT_MISMATCH);
	}

	@Test
	void sideWithoutFingerprintMatchesEverything() {
		ClaimResult occupied = new ClaimResult.Occupied(record(RecordStatus.COMPLETED, OnUnknown.RETRY, false, OTHER));

		assertThat(Decision.of(occupied, request(null), OnConcurrent.WAIT)).isEqualTo(Decision.REPLAY);
	}

	private static ClaimRequest request(@Nullable Fingerprint fingerprint) {
		return new ClaimRequest(ID, "test", new UUID(0, 2), fingerprint, OnUnknown.RETRY, Duration.ofSeconds(30),
				Duration.ofDays(7), Duration.ofDays(1), true);
	}

	private static IdempotencyRecord record(RecordStatus status, OnUnknown policy, boolean lapsed,
			Fingerprint fingerprint) {
		StoredOutcome outcome = (status == RecordStatus.COMPLETED) ? StoredOutcome.noValue() : null;
		Instant leaseUntil = lapsed ? NOW : NOW.plusSeconds(10);
		return new IdempotencyRecord(ID, status, policy, fingerprint, new UUID(0, 1), 1, 1, outcome, null,
				NOW.minusSeconds(5), leaseUntil, NOW.plusSeconds(1000), NOW);
	}

}
