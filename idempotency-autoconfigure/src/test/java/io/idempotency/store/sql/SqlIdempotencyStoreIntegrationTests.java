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

import java.net.URI;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.OnUnknown;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.FailureNote;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LockedRecordException;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import io.idempotency.test.servers.TcpProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

/**
 * Tests for what {@link SqlIdempotencyStore} promises beyond the contract of all stores.
 */
class SqlIdempotencyStoreIntegrationTests {

	private static final Duration TTL = Duration.ofHours(1);

	@ParameterizedTest
	@EnumSource
	void firstRunIsAClaimAndACompletion(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			database.store();
			StatementCounter counter = new StatementCounter(database.pool());
			IdempotencyStore store = SqlIdempotencyStore.on(counter).build();
			ClaimRequest request = request(newId());

			Lease lease = acquire(store, request);
			List<String> claim = counter.take();
			store.complete(lease, StoredOutcome.noValue(), TTL);
			List<String> completion = counter.take();

			assertThat(claim).hasSize(vendor.isPostgres() ? 1 : 3);
			assertThat(completion).hasSize(1).first().asString().startsWith("UPDATE");
		}
	}

	@ParameterizedTest
	@EnumSource
	void replayIsOneStatement(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			database.store();
			StatementCounter counter = new StatementCounter(database.pool());
			IdempotencyStore store = SqlIdempotencyStore.on(counter).build();
			RecordId id = completed(store);
			counter.take();

			ClaimResult replay = store.claim(request(id));

			assertThat(replay).isInstanceOf(ClaimResult.Occupied.class);
			assertThat(counter.take()).hasSize(1);
		}
	}

	@Test
	void replayOfARecordThatThisInstanceHasNotMetIsTwoStatementsOnce() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			RecordId id = completed(database.store());
			StatementCounter counter = new StatementCounter(database.pool());
			IdempotencyStore other = SqlIdempotencyStore.on(counter).build();
			counter.take();

			other.claim(request(id));
			List<String> first = counter.take();
			other.claim(request(id));
			List<String> second = counter.take();

			assertThat(first).hasSize(2);
			assertThat(second).hasSize(1);
		}
	}

	@Test
	void firstRunOfARecordThatIsThoughtToBeThereIsAReadMore() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			database.store();
			StatementCounter counter = new StatementCounter(database.pool());
			IdempotencyStore store = SqlIdempotencyStore.on(counter).build();
			RecordId id = completed(store);
			database.execute("DELETE FROM idempotency_record");
			counter.take();

			Lease lease = acquire(store, request(id));

			assertThat(counter.take()).hasSize(2);
			assertThat(store.find(id).orElseThrow().owner()).isEqualTo(lease.owner());
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void replayGetsNoTransactionIdAndWritesNoWal(boolean met) throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			List<RecordId> ids = new ArrayList<>();
			IdempotencyStore first = database.store();
			for (int i = 0; i < 500; i++) {
				ids.add(completed(first));
				first.claim(request(ids.get(i))); // sets the row's hint bits
			}
			IdempotencyStore store = met ? first : SqlIdempotencyStore.on(database.pool()).build();
			long transactions = database.number("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint");
			long wal = database.number("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint");

			for (RecordId id : ids) {
				store.claim(request(id));
			}

			// Some leave is given to the server's own work, none to one write per replay
			assertThat(database.number("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint") - transactions)
				.isLessThan(50);
			assertThat(database.number("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint") - wal)
				.isLessThan(500 * 24);
		}
	}

	@Test
	void completionsAreHot() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			IdempotencyStore store = database.store();

			for (int i = 0; i < 300; i++) {
				completed(store);
			}

			String statistics = " FROM pg_stat_user_tables WHERE relname = 'idempotency_record'";
			await().atMost(Duration.ofSeconds(20)).until(() -> database.number("SELECT n_tup_upd" + statistics) >= 300);
			assertThat(database.number("SELECT n_tup_hot_upd" + statistics)).isGreaterThan(290);
		}
	}

	@ParameterizedTest
	@EnumSource
	void outcomeOfSomeMegabytesComesBack(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			IdempotencyStore store = database.store();
			byte[] payload = new byte[5 * 1024 * 1024];
			new Random(1).nextBytes(payload);
			RecordId id = newId();

			store.complete(acquire(store, request(id)), StoredOutcome.value(payload), TTL);

			assertThat(store.find(id))
				.hasValueSatisfying((record) -> assertThat(record.outcome().payload()).isEqualTo(payload));
		}
	}

	@ParameterizedTest
	@EnumSource
	void timesDoNotDependOnATimeZone(Vendor vendor) throws Exception {
		TimeZone before = TimeZone.getDefault();
		try (SqlTestDatabase utc = vendor.create()) {
			TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kathmandu"));
			IdempotencyStore store = utc.store();
			utc.pool().getHikariPoolMXBean().softEvictConnections();
			RecordId id = newId();

			Lease lease = acquire(store, request(id));

			Instant now = Instant.now();
			IdempotencyRecord record = store.find(id).orElseThrow();
			assertThat(record.claimedAt()).isCloseTo(now, within(20, ChronoUnit.SECONDS));
			assertThat(record.leaseUntil()).isEqualTo(record.claimedAt().plusSeconds(30));
			assertThat(record.readAt()).isCloseTo(now, within(20, ChronoUnit.SECONDS));
			assertThat(lease.fence()).isEqualTo(ChronoUnit.MICROS.between(Instant.EPOCH, record.claimedAt()));
		}
		finally {
			TimeZone.setDefault(before);
		}
	}

	@ParameterizedTest
	@EnumSource
	void expiryOfTwoHundredThousandYearsIsKeptAsAThousand(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			IdempotencyStore store = database.store();
			RecordId id = newId();

			store.complete(acquire(store, request(id)), StoredOutcome.noValue(), ChronoUnit.FOREVER.getDuration());

			assertThat(store.find(id).orElseThrow().expiresAt()).isAfter(Instant.parse("2999-01-01T00:00:00Z"));
		}
	}

	@ParameterizedTest
	@EnumSource
	void unknownFormatIsNeitherReadNorOverwritten(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			IdempotencyStore store = database.store();
			RecordId id = newId();
			Lease lease = acquire(store, request(id));
			database.execute("UPDATE idempotency_record SET format = 2, status = 77");

			assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> store.find(id));
			assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> store.claim(request(id)));
			assertThatExceptionOfType(UnreadableRecordException.class)
				.isThrownBy(() -> store.complete(lease, StoredOutcome.noValue(), TTL));
			database.elapse(id, Duration.ofDays(30));
			assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> store.claim(request(id)));
			assertThat(store.renew(lease, TTL)).isFalse();
			assertThat(store.resolve(id, lease.fence(), new Resolution.RunAgain())).isFalse();
			assertThat(store.purgeExpired(10)).isZero();

			assertThat(database.number("SELECT count(*) FROM idempotency_record WHERE format = 2 AND status = 77"))
				.isOne();
		}
	}

	@ParameterizedTest
	@EnumSource
	void failureTextThatADatabaseRefusesIsKeptWithoutIt(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			IdempotencyStore store = database.store();
			RecordId id = newId();
			Lease lease = acquire(store, request(id));

			store.release(lease, new Release.Failed(new FailureNote("a.B", "nul\0" + "\uD83D\uDE00".repeat(999))));

			FailureNote note = store.find(id).orElseThrow().failure();
			assertThat(note.message()).startsWith("nul \uD83D\uDE00")
				.hasSizeBetween(998, 1000)
				.endsWith("\uD83D\uDE00");
		}
	}

	@ParameterizedTest
	@EnumSource
	void forgottenRecordLeavesItsFenceToTheNextUntilItIsPurged(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			IdempotencyStore store = database.store();
			RecordId id = newId();
			Lease lease = acquire(store, request(id));
			database.execute("UPDATE idempotency_record SET fence = fence + 1000000000");
			Lease ahead = new Lease(id, lease.owner(), lease.fence() + 1_000_000_000);

			assertThat(store.release(ahead, new Release.Forget())).isTrue();

			assertThat(store.find(id)).isEmpty();
			assertThat(acquire(store, request(id)).fence()).isGreaterThan(ahead.fence());
			Lease second = acquire(store, request(newId()));
			store.release(second, new Release.Forget());
			database.elapse(second.id(), Duration.ofDays(2));
			assertThat(store.purgeExpired(10)).isOne();
		}
	}

	@ParameterizedTest
	@EnumSource
	void twoPurgersRemoveEachExpiredRecordOnceAndNothingElse(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			IdempotencyStore store = database.store();
			for (int i = 0; i < 60; i++) {
				RecordId id = completed(store);
				if (i % 2 == 0) {
					database.elapse(id, Duration.ofDays(3));
				}
			}
			RecordId renewed = completed(store); // its day has come, it has not expired
			long earliest = database.number("SELECT min(purge_day) FROM idempotency_record");
			database.execute("UPDATE idempotency_record SET purge_day = 1 WHERE status = 1 AND expires_at > claimed_at "
					+ "AND purge_day > " + earliest);

			List<Integer> removed = together(() -> purgeAll(store), () -> purgeAll(store));

			assertThat(removed.get(0) + removed.get(1)).isEqualTo(30);
			assertThat(database.number("SELECT count(*) FROM idempotency_record")).isEqualTo(31);
			assertThat(store.find(renewed)).isPresent();
		}
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = { "H2", "ORACLE" })
	void purgePassesOverLockedRows(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create(); Connection other = database.pool().getConnection()) {
			SqlIdempotencyStore store = database.store();
			RecordId held = completed(store);
			RecordId free = completed(store);
			database.elapse(held, Duration.ofDays(3));
			database.elapse(free, Duration.ofDays(3));
			other.setAutoCommit(false);
			try (PreparedStatement hold = other
				.prepareStatement("UPDATE idempotency_record SET operation = 'held' WHERE id = ?")) {
				hold.setBytes(1, held.toBytes());
				hold.executeUpdate();
			}

			int besideIt = store.purgeExpired(10);
			other.rollback();
			int afterIt = store.purgeExpired(10);

			assertThat(besideIt).isOne();
			assertThat(afterIt).isOne();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "POSTGRES_OLDEST", "MARIADB", "MYSQL" })
	void purgeIsLedByItsIndex(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create(); Connection connection = database.pool().getConnection()) {
			SqlIdempotencyStore store = database.store();
			for (int i = 0; i < 300; i++) {
				completed(store);
			}
			database.execute((vendor.isPostgres() ? "ANALYZE " : "ANALYZE TABLE ") + "idempotency_record");
			SqlDialect dialect = SqlDialect.of(connection.getMetaData());
			String purge = new SqlStatements(dialect, new TableName("idempotency_record")).purge;

			List<String> plan = plan(connection, purge.replace("?", "10"));

			String index = "idempotency_record_purge_day";
			assertThat(plan).anyMatch((step) -> step
				.contains(vendor.isPostgres() ? "Index Cond: (purge_day <=" : "range " + index + " " + index));
		}
	}

	private static List<String> plan(Connection connection, String sql) throws SQLException {
		List<String> plan = new ArrayList<>();
		try (ResultSet rows = connection.createStatement().executeQuery("EXPLAIN " + sql)) {
			while (rows.next()) {
				StringJoiner step = new StringJoiner(" ");
				for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
					step.add(rows.getString(i));
				}
				plan.add(step.toString());
			}
		}
		return plan;
	}

	@Test
	void claimWhoseConnectionWasKilledCanBeSentAgain() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			IdempotencyStore store = database.store();
			ClaimRequest request = request(newId());
			try (Connection other = database.pool().getConnection()) {
				other.setAutoCommit(false);
				insert(other, request.id());
				CompletableFuture<ClaimResult> claim = CompletableFuture.supplyAsync(() -> store.claim(request));
				String waiting = " FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
						+ "AND datname = current_database()";
				await().until(() -> database.number("SELECT count(*)" + waiting) == 1);
				database.execute("SELECT pg_terminate_backend(pid)" + waiting);
				assertThat(claim).failsWithin(Duration.ofSeconds(10))
					.withThrowableThat()
					.havingCause()
					.isInstanceOf(SqlStoreException.class);
				other.rollback();
			}

			Lease lease = acquire(store, request);

			assertThat(acquire(store, request)).isEqualTo(lease);
			assertThat(lease.owner()).isEqualTo(request.owner());
		}
	}

	@Test
	void statementThatWaitsTooLongIsCutOff() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			database.store();
			IdempotencyStore store = SqlIdempotencyStore.on(database.pool())
				.queryTimeout(Duration.ofMillis(10))
				.build();
			RecordId id = newId();
			try (Connection other = database.pool().getConnection()) {
				other.setAutoCommit(false);
				insert(other, id);

				assertThatExceptionOfType(LockedRecordException.class).isThrownBy(() -> store.claim(request(id)))
					.withMessageContaining(id.shortForm());
				other.rollback();
			}

			assertThat(acquire(store, request(id))).isNotNull();
		}
	}

	@Test
	void serverThatDoesNotEvenHearTheCancellationIsGivenUp() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres();
				TcpProxy proxy = TcpProxy.to("localhost",
						URI.create(database.pool().getJdbcUrl().substring(5)).getPort());
				HikariDataSource pool = new HikariDataSource()) {
			database.store();
			pool.setJdbcUrl(database.pool().getJdbcUrl().replaceFirst("//[^/]+/", "//localhost:" + proxy.port() + "/"));
			pool.setConnectionTimeout(2_000);
			SqlIdempotencyStore store = SqlIdempotencyStore.on(pool).queryTimeout(Duration.ofMillis(10)).build();
			ClaimRequest request = request(newId());
			proxy.freeze();

			CompletableFuture<?> claim = CompletableFuture.supplyAsync(() -> store.claim(request));

			assertThat(claim).failsWithin(Duration.ofSeconds(30))
				.withThrowableThat()
				.withCauseInstanceOf(SqlStoreException.class);
			proxy.resume();
			assertThat(acquire(store, request)).isNotNull();
		}
	}

	@ParameterizedTest
	@EnumSource
	void anyDefaultIsolationAndAutocommitOfThePoolWillDo(Vendor vendor) throws Exception {
		for (String isolation : vendor.isolations()) {
			for (boolean autoCommit : List.of(true, false)) {
				try (SqlTestDatabase database = vendor.create((config) -> {
					config.setTransactionIsolation(isolation);
					config.setAutoCommit(autoCommit);
				})) {
					oneOfManyWins(database.store());
					assertThatSettingsAreBack(database, isolation, autoCommit);
				}
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void poolThatResetsNothingGetsItsConnectionBackAsItWas(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create(); Connection only = database.pool().getConnection()) {
			database.store();
			only.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
			only.setAutoCommit(false);
			IdempotencyStore store = SqlIdempotencyStore.on(new SingleConnectionDataSource(only, true)).build();

			RecordId id = completed(store);

			assertThat(store.find(id)).isPresent();
			assertThat(only.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
			assertThat(only.getAutoCommit()).isFalse();
			only.rollback();
			assertThat(store.find(id)).isPresent();
		}
	}

	private static void oneOfManyWins(IdempotencyStore store) throws Exception {
		RecordId id = newId();
		Callable<Boolean> claim = () -> store.claim(request(id)) instanceof ClaimResult.Acquired;
		assertThat(together(claim, claim, claim, claim, claim, claim, claim, claim)).containsOnlyOnce(true);
		Lease owner = new Lease(id, store.find(id).orElseThrow().owner(), store.find(id).orElseThrow().fence());
		assertThat(together(() -> store.complete(owner, StoredOutcome.noValue(), TTL),
				() -> store.complete(owner, StoredOutcome.noValue(), TTL)))
			.containsOnly(true);
		assertThat(store.find(id))
			.hasValueSatisfying((record) -> assertThat(record.status()).isEqualTo(RecordStatus.COMPLETED));
	}

	private static void assertThatSettingsAreBack(SqlTestDatabase database, String isolation, boolean autoCommit)
			throws Exception {
		try (Connection connection = database.pool().getConnection()) {
			assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
			assertThat(connection.getTransactionIsolation())
				.isEqualTo(Connection.class.getField(isolation).getInt(null));
		}
	}

	private static int purgeAll(IdempotencyStore store) {
		int sum = 0;
		for (int i = 0; i < 20; i++) {
			sum += store.purgeExpired(3);
		}
		return sum;
	}

	private static void insert(Connection connection, RecordId id) throws SQLException {
		try (var insert = connection.prepareStatement("INSERT INTO idempotency_record (id, operation, status, policy, "
				+ "owner, fence, attempt, claimed_at, first_claimed_at, lease_until, expires_at, unsettled_ttl, "
				+ "purge_day, format) VALUES (?, 'x', 0, 0, ?, 1, 1, 1, 1, 1, 1, 1, 1, 1)")) {
			insert.setBytes(1, id.toBytes());
			insert.setBytes(2, new byte[16]);
			insert.executeUpdate();
		}
	}

	@SafeVarargs
	private static <T> List<T> together(Callable<T>... calls) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(calls.length);
		try {
			CyclicBarrier start = new CyclicBarrier(calls.length);
			List<Future<T>> results = Arrays.stream(calls).map((call) -> threads.submit(() -> {
				start.await();
				return call.call();
			})).toList();
			ArrayList<T> values = new ArrayList<>();
			for (Future<T> result : results) {
				values.add(result.get());
			}
			return values;
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static RecordId completed(IdempotencyStore store) {
		RecordId id = newId();
		assertThat(store.complete(acquire(store, request(id)), StoredOutcome.value(new byte[200]), TTL)).isTrue();
		return id;
	}

	private static Lease acquire(IdempotencyStore store, ClaimRequest request) {
		return ((ClaimResult.Acquired) store.claim(request)).lease();
	}

	private static RecordId newId() {
		UUID random = UUID.randomUUID();
		byte[] bytes = new byte[RecordId.LENGTH];
		ByteBuffer.wrap(bytes).putLong(random.getMostSignificantBits()).putLong(random.getLeastSignificantBits());
		return RecordId.of(bytes);
	}

	private static ClaimRequest request(RecordId id) {
		return new ClaimRequest(id, "payment-service-charge", UUID.randomUUID(), null, OnUnknown.RETRY,
				Duration.ofSeconds(30), Duration.ofDays(1), TTL, false);
	}

}
