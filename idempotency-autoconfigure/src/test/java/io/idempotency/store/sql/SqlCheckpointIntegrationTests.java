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

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.idempotency.store.ClaimResult;
import io.idempotency.store.FailureNote;
import io.idempotency.store.Lease;
import io.idempotency.store.Release;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.dao.ConcurrencyFailureException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Checkpoints in the transaction of their step, on every database, in every isolation
 * that it has.
 */
@ParameterizedClass
@EnumSource
class SqlCheckpointIntegrationTests extends AbstractJoinedSqlTests {

	private static final StoredOutcome DEBITED = StoredOutcome.value("d-1".getBytes(StandardCharsets.UTF_8));

	SqlCheckpointIntegrationTests(Vendor vendor) {
	}

	@ParameterizedTest
	@MethodSource("isolations")
	void checkpointIsCommittedWithTheEffectOfItsStep(String isolation) {
		Lease lease = acquire(newId());
		long before = ledgerEntries();

		in(isolation).executeWithoutResult((status) -> {
			enterIntoLedger();
			assertThat(verbs().checkpoint(lease, "debit", DEBITED)).isTrue();
		});

		assertThat(ledgerEntries()).isEqualTo(before + 1);
		assertThat(checkpointsAfter(lease)).containsOnlyKeys("debit");
	}

	@ParameterizedTest
	@MethodSource("isolations")
	void checkpointIsRolledBackWithTheEffectOfItsStep(String isolation) {
		Lease lease = acquire(newId());
		long before = ledgerEntries();

		in(isolation).executeWithoutResult((status) -> {
			enterIntoLedger();
			assertThat(verbs().checkpoint(lease, "debit", DEBITED)).isTrue();
			status.setRollbackOnly();
		});

		assertThat(ledgerEntries()).isEqualTo(before);
		assertThat(checkpointsAfter(lease)).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("isolations")
	void checkpointAfterATakeoverIsRefused(String isolation) {
		Lease stale = acquire(newId());

		boolean recorded = answered(isolation, () -> {
			ledgerEntries();
			elsewhere(() -> {
				store.release(stale, new Release.Failed(note()));
				acquire(stale.id());
			}).join();
			return verbs().checkpoint(stale, "debit", DEBITED);
		});

		assertThat(recorded).isFalse();
	}

	@Test
	void checkpointAfterARenewalAndAnotherStepIsRecorded() {
		Lease lease = acquire(newId());

		boolean recorded = answered(READ_COMMITTED, () -> {
			ledgerEntries();
			elsewhere(() -> {
				assertThat(store.renew(lease, Duration.ofMinutes(1))).isTrue();
				assertThat(store.checkpoint(lease, "parallel", DEBITED)).isTrue();
			}).join();
			return verbs().checkpoint(lease, "debit", DEBITED);
		});

		assertThat(recorded).isTrue();
		assertThat(checkpointsAfter(lease).keySet()).containsExactly("parallel", "debit");
	}

	@Test
	void takeoverWaitsForTheCheckpointThatIsBeingCommitted() throws Exception {
		Lease late = acquire(newId());
		database.elapse(late.id(), Duration.ofMinutes(1));
		CountDownLatch written = new CountDownLatch(1);
		CompletableFuture<Void> step = elsewhere(() -> in(READ_COMMITTED).executeWithoutResult((status) -> {
			assertThat(verbs().checkpoint(late, "debit", DEBITED)).isTrue();
			written.countDown();
			database.awaitWaiter();
		}));
		assertThat(written.await(10, TimeUnit.SECONDS)).isTrue();

		ClaimResult result = store.claim(request(late.id()));

		step.get(10, TimeUnit.SECONDS);
		assertThat(result).isInstanceOfSatisfying(ClaimResult.Acquired.class,
				(acquired) -> assertThat(acquired.checkpoints()).containsOnlyKeys("debit"));
	}

	private static Map<String, StoredOutcome> checkpointsAfter(Lease lease) {
		assertThat(store.release(lease, new Release.Failed(note()))).isTrue();
		return ((ClaimResult.Acquired) store.claim(request(lease.id()))).checkpoints();
	}

	private static boolean answered(String isolation, Supplier<Boolean> work) {
		try {
			return Boolean.TRUE.equals(in(isolation).execute((status) -> work.get()));
		}
		catch (ConcurrencyFailureException ex) {
			return false;
		}
	}

	private static FailureNote note() {
		return new FailureNote("java.io.IOException", null);
	}

}
