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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.LockedRecordException;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for claims in a transaction of the caller's, in each isolation that the database
 * has.
 */
@ParameterizedClass
@EnumSource
class SqlTransactionIntegrationTests extends AbstractJoinedSqlTests {

	private static final String REFUSED = "ConcurrencyFailureException";

	SqlTransactionIntegrationTests(Vendor vendor) {
	}

	@ParameterizedTest
	@MethodSource("isolations")
	void duplicateOfARecordThatIsThereLeavesTheTransactionUsable(String isolation) {
		RecordId id = newId();
		complete(id);
		long before = ledgerEntries();

		ClaimResult result = in(isolation).execute((status) -> {
			ClaimResult duplicate = verbs().claim(request(id));
			enterIntoLedger();
			return duplicate;
		});

		assertThat(answer(result)).isEqualTo("COMPLETED");
		assertThat(ledgerEntries()).isEqualTo(before + 1);
	}

	@ParameterizedTest
	@MethodSource("isolations")
	void recordThatCameAfterTheTransactionsFirstReadIsNotClaimed(String isolation) {
		RecordId id = newId();
		long before = ledgerEntries();

		String answer = afterARecord(isolation, "OFF");

		assertThat(answer).isIn(seenOrRefused(isolation));
		assertThat(ledgerEntries() - before).isEqualTo(answer.equals("COMPLETED") ? 1 : 0);
	}

	@ParameterizedTest
	@MethodSource("isolations")
	void duplicateWaitsForTheTransactionThatCommits(String isolation) throws Exception {
		String answer = duplicateOfOneThat(isolation, true);

		assertThat(answer).isIn(seenOrRefused(isolation));
	}

	@ParameterizedTest
	@MethodSource("isolations")
	void duplicateRunsAfterTheTransactionThatRolledBack(String isolation) throws Exception {
		String answer = duplicateOfOneThat(isolation, false);

		assertThat(answer).isEqualTo("ACQUIRED");
	}

	@Test
	void duplicateWaitsNoLongerThanItsTransactionMay() throws Exception {
		SqlIdempotencyStore patient = SqlIdempotencyStore.on(database.pool()).queryTimeout(Duration.ZERO).build();
		TransactionTemplate hasty = in(READ_COMMITTED);
		hasty.setTimeout(1);

		assertThatDuplicateGivesUp(hasty, patient);
	}

	@Test
	void duplicateInATransactionWithoutALimitWaitsNoLongerThanAStatementMay() throws Exception {
		SqlIdempotencyStore hasty = SqlIdempotencyStore.on(database.pool()).queryTimeout(Duration.ofSeconds(1)).build();

		assertThatDuplicateGivesUp(in(READ_COMMITTED), hasty);
	}

	@Test
	void duplicateWaitsAsLongAsItsTransactionMay() throws Exception {
		RecordId id = newId();
		SqlIdempotencyStore hasty = SqlIdempotencyStore.on(database.pool()).queryTimeout(Duration.ofSeconds(1)).build();
		TransactionTemplate patient = in(READ_COMMITTED);
		patient.setTimeout(20);
		CountDownLatch claimed = new CountDownLatch(1);
		CompletableFuture<Void> first = elsewhere(() -> in(READ_COMMITTED).executeWithoutResult((status) -> {
			Lease lease = ((ClaimResult.Acquired) verbs().claim(request(id))).lease();
			claimed.countDown();
			database.awaitWaiter(Duration.ofMillis(1500));
			assertThat(verbs().complete(lease, StoredOutcome.noValue(), TTL)).isTrue();
		}));
		await(claimed);

		ClaimResult result = patient.execute((status) -> withoutLockTimeout(() -> hasty.joined().claim(request(id))));

		assertThat(answer(result)).isEqualTo("COMPLETED");
		first.get(10, TimeUnit.SECONDS);
	}

	// H2 gives up by itself otherwise, whatever time there is
	private static ClaimResult withoutLockTimeout(Supplier<ClaimResult> work) {
		if (vendor != Vendor.H2) {
			return work.get();
		}
		Integer usual = jdbc().queryForObject("SELECT LOCK_TIMEOUT()", Integer.class);
		jdbc().execute("SET LOCK_TIMEOUT 20000");
		try {
			return work.get();
		}
		finally {
			jdbc().execute("SET LOCK_TIMEOUT " + usual);
		}
	}

	// H2 does not wait longer than its LOCK_TIMEOUT
	private static void assertThatDuplicateGivesUp(TransactionTemplate transaction, SqlIdempotencyStore duplicates)
			throws Exception {
		RecordId id = newId();
		CountDownLatch claimed = new CountDownLatch(1);
		CountDownLatch gaveUp = new CountDownLatch(1);
		CompletableFuture<Void> first = elsewhere(() -> in(READ_COMMITTED).executeWithoutResult((status) -> {
			verbs().claim(request(id));
			claimed.countDown();
			await(gaveUp);
		}));
		await(claimed);

		try {
			assertThatExceptionOfType(TransientDataAccessException.class)
				.isThrownBy(() -> transaction.executeWithoutResult((status) -> duplicates.joined().claim(request(id))));
		}
		finally {
			gaveUp.countDown();
		}
		first.get(10, TimeUnit.SECONDS);
	}

	@ParameterizedTest
	@MethodSource("isolations")
	void completionMeetsARenewalFromElsewhere(String isolation) {
		String answer = afterARenewal(isolation, "OFF");

		assertThat(answer).isIn(seenOrRefused(isolation));
	}

	@Test
	void snapshotThatMariaDbKeepsToRefusesWhatCameInBetween() {
		assumeTrue(vendor == Vendor.MARIADB, "innodb_snapshot_isolation is MariaDB's");

		assertThat(afterARenewal(READ_COMMITTED, "ON")).isEqualTo("COMPLETED");
		assertThat(afterARenewal("TRANSACTION_REPEATABLE_READ", "ON")).isEqualTo(REFUSED);
		assertThat(afterARecord(READ_COMMITTED, "ON")).isEqualTo("COMPLETED");
		assertThat(afterARecord("TRANSACTION_REPEATABLE_READ", "ON")).isEqualTo(REFUSED);
	}

	private static String afterARenewal(String isolation, String snapshotIsolation) {
		RecordId id = newId();
		Lease lease = acquire(id);
		return answered(isolation, () -> inSnapshot(snapshotIsolation, () -> {
			elsewhere(() -> assertThat(store.renew(lease, TTL)).isTrue()).join();
			assertThat(verbs().complete(lease, StoredOutcome.noValue(), TTL)).isTrue();
			return verbs().claim(request(id));
		}));
	}

	private static String afterARecord(String isolation, String snapshotIsolation) {
		RecordId id = newId();
		return answered(isolation, () -> inSnapshot(snapshotIsolation, () -> {
			elsewhere(() -> complete(id)).join();
			ClaimResult duplicate = verbs().claim(request(id));
			enterIntoLedger();
			return duplicate;
		}));
	}

	private static ClaimResult inSnapshot(String snapshotIsolation, Supplier<ClaimResult> work) {
		setSnapshotIsolation(snapshotIsolation);
		try {
			jdbc().queryForObject("SELECT count(*) FROM ledger", Long.class);
			return work.get();
		}
		finally {
			setSnapshotIsolation("DEFAULT");
		}
	}

	private static void setSnapshotIsolation(String value) {
		if (vendor == Vendor.MARIADB) {
			jdbc().execute("SET innodb_snapshot_isolation = " + value);
		}
	}

	@Test
	void claimApartFromATransactionThatHoldsTheRecordSaysSo() throws Exception {
		RecordId id = newId();
		SqlIdempotencyStore hasty = SqlIdempotencyStore.on(database.pool()).queryTimeout(Duration.ofSeconds(1)).build();
		CountDownLatch claimed = new CountDownLatch(1);
		CountDownLatch gaveUp = new CountDownLatch(1);
		CompletableFuture<Void> first = elsewhere(() -> in(READ_COMMITTED).executeWithoutResult((status) -> {
			verbs().claim(request(id));
			claimed.countDown();
			await(gaveUp);
		}));
		await(claimed);

		try {
			assertThatExceptionOfType(LockedRecordException.class).isThrownBy(() -> hasty.claim(request(id)));
		}
		finally {
			gaveUp.countDown();
		}
		first.get(10, TimeUnit.SECONDS);
	}

	// What came in between is seen in READ COMMITTED, and above it there is a choice
	private static List<String> seenOrRefused(String isolation) {
		if (vendor.isMySql() || isolation.equals(READ_COMMITTED)) {
			return List.of("COMPLETED");
		}
		return vendor.isPostgres() ? List.of(REFUSED) : List.of("COMPLETED", REFUSED);
	}

	private static String duplicateOfOneThat(String isolation, boolean commits) throws Exception {
		RecordId id = newId();
		CountDownLatch claimed = new CountDownLatch(1);
		CompletableFuture<Void> first = elsewhere(() -> in(isolation).executeWithoutResult((status) -> {
			Lease lease = ((ClaimResult.Acquired) verbs().claim(request(id))).lease();
			claimed.countDown();
			database.awaitWaiter();
			assertThat(verbs().complete(lease, StoredOutcome.noValue(), TTL)).isTrue();
			if (!commits) {
				status.setRollbackOnly();
			}
		}));
		await(claimed);

		String answer = answered(isolation, () -> verbs().claim(request(id)));

		first.get(10, TimeUnit.SECONDS);
		return answer;
	}

	private static String answered(String isolation, Supplier<ClaimResult> claim) {
		try {
			return answer(in(isolation).execute((status) -> claim.get()));
		}
		catch (ConcurrencyFailureException ex) {
			return REFUSED;
		}
	}

	private static String answer(@Nullable ClaimResult result) {
		return (result instanceof ClaimResult.Occupied occupied) ? occupied.record().status().name() : "ACQUIRED";
	}

	private static void complete(RecordId id) {
		Lease lease = acquire(id);
		assertThat(store.complete(lease, StoredOutcome.noValue(), TTL)).isTrue();
		assertThat(store.find(id).orElseThrow().status()).isEqualTo(RecordStatus.COMPLETED);
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
