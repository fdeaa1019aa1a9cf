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

package io.idempotency.store.sql;

import java.time.Duration;
import java.util.UUID;

import io.idempotency.OnUnknown;
import io.idempotency.key.Identity;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.FailureNote;
import io.idempotency.store.Lease;
import io.idempotency.store.Release;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the day on which the purge looks at a record. What it would read in vain
 * makes each of its batches slower.
 */
class PurgeDayIntegrationTests {

	private static final FailureNote NOTE = new FailureNote("java.io.IOException", null);

	private static final Duration TTL = Duration.ofHours(24);

	@ParameterizedTest
	@EnumSource
	void recordWithoutOutcomeIsLookedAtWhenItHasExpired(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			SqlIdempotencyStore store = database.store();

			assertThat(store.release(claim(store, OnUnknown.RETRY), new Release.Failed(NOTE))).isTrue();
			assertThat(store.release(claim(store, OnUnknown.HOLD), new Release.Unknown(NOTE))).isTrue();
			Lease again = claim(store, OnUnknown.HOLD);
			assertThat(store.release(again, new Release.Unknown(NOTE))).isTrue();
			assertThat(store.resolve(again.id(), again.fence(), new Resolution.RunAgain())).isTrue();

			assertThat(database.number("SELECT count(*) FROM idempotency_record")).isEqualTo(3);
			assertThat(inVain(database)).isZero();
		}
	}

	@ParameterizedTest
	@EnumSource
	void completedRecordIsLookedAtWhenItHasExpired(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			SqlIdempotencyStore store = database.store();
			Lease lease = claim(store, OnUnknown.RETRY);
			long day = database.number("SELECT purge_day FROM idempotency_record");

			assertThat(store.complete(lease, StoredOutcome.noValue(), TTL)).isTrue();

			assertThat(inVain(database)).isZero();
			assertThat(database.number("SELECT purge_day FROM idempotency_record")).isEqualTo(day);
		}
	}

	/** Return how many records will not have expired when their day begins. */
	private static long inVain(SqlTestDatabase database) {
		return database.number("SELECT count(*) FROM idempotency_record WHERE purge_day * 86400000000.0 < expires_at");
	}

	private static Lease claim(SqlIdempotencyStore store, OnUnknown policy) {
		ClaimRequest request = new ClaimRequest(Identity.of("", "payment", "", UUID.randomUUID().toString()), "payment",
				UUID.randomUUID(), null, policy, Duration.ofSeconds(30), Duration.ofDays(7), TTL, false);
		return ((ClaimResult.Acquired) store.claim(request)).lease();
	}

}
