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
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

import io.idempotency.OnUnknown;
import io.idempotency.key.Identity;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the table costs on PostgreSQL. Prints the figures of {@code docs/relational.md}
 * and of ADRs 17 to 19, and is no part of the ordinary build. It takes some minutes:
 * {@code ./mvnw -pl idempotency-autoconfigure test -Dtest=TableMeasurement}.
 */
class TableMeasurement {

	private static final int RUNS = 10_000;

	/** How many other claims come between a claim and its completion. */
	private static final int BEHIND = 800;

	private static final Duration DAY = Duration.ofDays(1);

	private static final String FILL = """
			INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint,
				claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day, payload,
				format)
			SELECT sha256(i::text::bytea), 'payment-service-charge', 1, 0, 0, substr(sha256(i::text::bytea), 1, 16), 1,
				1, substr(sha256(i::text::bytea), 1, 16), 1, 1, 1, 1, 1, 1, CASE WHEN i % 2 = 0 THEN 1 ELSE 90000 END,
				convert_to(repeat('x', 200), 'UTF8'), 1
			FROM generate_series(1, 1000000) AS i
			""";

	private final Random random = new Random(17);

	@Test
	void rowsAndIndexes() throws Exception {
		try (SqlTestDatabase database = database()) {
			SqlIdempotencyStore store = SqlIdempotencyStore.on(database.pool()).build();
			for (int i = 0; i < RUNS; i++) {
				claim(store);
			}
			print("row in progress: %d bytes, operation %d, digests and owner %d",
					number(database, "avg(pg_column_size(t))"), number(database, "avg(pg_column_size(operation))"),
					number(database, "avg(pg_column_size(id) + pg_column_size(owner) + pg_column_size(fingerprint))"));
		}
	}

	@ParameterizedTest
	@CsvSource({ "100, 200", "80, 200", "70, 0", "70, 100", "70, 200", "70, 300", "70, 500", "60, 0", "60, 100",
			"60, 200", "60, 300", "60, 500", "50, 0", "50, 100", "50, 200", "50, 300", "50, 500", "40, 0", "40, 100",
			"40, 200", "40, 300", "40, 500" })
	void completionsInPlace(int fillFactor, int payload) throws Exception {
		try (SqlTestDatabase database = database()) {
			database.execute("ALTER TABLE idempotency_record SET (fillfactor = %d)".formatted(fillFactor));
			String what = "fill factor %d, result of %d bytes".formatted(fillFactor, payload);
			measureInPlace(database, what, RUNS, () -> run(database, RUNS, payload));
			measureInPlace(database, "  while old rows go", RUNS, () -> {
				for (int i = 0; i < 10; i++) {
					database.execute("DELETE FROM idempotency_record WHERE claimed_at <= (SELECT claimed_at "
							+ "FROM idempotency_record ORDER BY claimed_at OFFSET %d LIMIT 1)".formatted(RUNS / 10));
					database.execute("VACUUM idempotency_record");
					run(database, RUNS / 10, payload);
				}
			});
		}
	}

	@Test
	void completionsWithAnIndexOnTheExpiry() throws Exception {
		try (SqlTestDatabase database = database()) {
			database.execute("CREATE INDEX ON idempotency_record (expires_at)");
			measureInPlace(database, "index on expires_at", RUNS, () -> run(database, RUNS, 200));
		}
	}

	private static void measureInPlace(SqlTestDatabase database, String what, int runs, Runnable work) {
		long updates = updates(database, "n_tup_upd");
		long inPlace = updates(database, "n_tup_hot_upd");
		long log = logPosition(database);
		work.run();
		log = (logPosition(database) - log) / runs;
		await().atMost(Duration.ofSeconds(20)).until(() -> updates(database, "n_tup_upd") >= updates + runs);
		double share = 100.0 * (updates(database, "n_tup_hot_upd") - inPlace) / runs;
		long rows = number(database, "count(*)");
		print("%s: %.1f %% in place; row %d, heap %d, primary key %d, purge day %d, log %d bytes", what, share,
				number(database, "avg(pg_column_size(t))"), size(database, "idempotency_record") / rows,
				size(database, "idempotency_record_pkey") / rows,
				size(database, "idempotency_record_purge_day_idx") / rows, log);
	}

	@ParameterizedTest
	@ValueSource(strings = { "off", "pglz" })
	void logOfFirstRunOnMillionRows(String compression) throws Exception {
		try (SqlTestDatabase database = database()) {
			settings(database, Map.of("wal_compression", compression, "max_wal_size", "'20GB'", "checkpoint_timeout",
					"'1h'", "autovacuum", "off"));
			database.execute(FILL);
			database.execute("VACUUM FREEZE idempotency_record");
			database.execute("CHECKPOINT");
			for (int runs : new int[] { 2_000, 2_000, 4_000, 8_000, 16_000, 16_000 }) {
				long log = logPosition(database);
				run(database, runs, 200);
				print("wal_compression %s: %d bytes of log per first run in the next %d", compression,
						(logPosition(database) - log) / runs, runs);
			}
			settings(database, Map.of());
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 200, 1_000, 1_800, 4_000, 16_000, 64_000 })
	void resultsOutOfLine(int size) throws Exception {
		try (SqlTestDatabase database = database()) {
			run(database, 500, size);
			print("result of %d bytes: %d stored, out of line %d", size,
					number(database, "avg(pg_column_size(payload))"),
					database.number("SELECT pg_relation_size(reltoastrelid) FROM pg_class "
							+ "WHERE relname = 'idempotency_record'") / 500);
		}
	}

	/** Of many short rounds the best is printed, because others use the machine, too. */
	@Test
	void partitions() throws Exception {
		Map<String, SqlTestDatabase> databases = new LinkedHashMap<>();
		for (String planning : new String[] { "auto", "force_generic_plan" }) {
			for (int partitions : new int[] { 0, 8, 32 }) {
				SqlTestDatabase database = Vendor.POSTGRES
					.create((config) -> config.setConnectionInitSql("SET plan_cache_mode = " + planning));
				database.store();
				if (partitions > 0) {
					partition(database, partitions);
				}
				database.execute(FILL);
				database.execute("VACUUM ANALYZE idempotency_record");
				databases.put(partitions + " partitions, plan_cache_mode " + planning, database);
			}
		}
		Map<String, Long> best = new TreeMap<>();
		for (int round = 0; round < 40; round++) {
			databases.forEach((what, database) -> {
				SqlIdempotencyStore store = SqlIdempotencyStore.on(database.pool()).build();
				long begin = System.nanoTime();
				RecordId[] ids = run(database, 200, 200);
				long middle = System.nanoTime();
				replay(store, ids, 400);
				best.merge(what + ": first run", (middle - begin) / 200_000, Math::min);
				best.merge(what + ": replay", (System.nanoTime() - middle) / 400_000, Math::min);
			});
		}
		best.forEach((what, micros) -> print("%s %d µs", what, micros));
		for (Map.Entry<String, SqlTestDatabase> entry : databases.entrySet()) {
			purge(entry.getValue(), entry.getKey(), 400);
			entry.getValue().close();
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void purgeBesideAnOpenTransaction(boolean open) throws Exception {
		try (SqlTestDatabase database = database(); Connection other = database.pool().getConnection()) {
			database.execute(FILL);
			database.execute("VACUUM ANALYZE idempotency_record");
			if (open) {
				begin(other);
			}
			for (int i = 0; i < 5; i++) {
				purge(database, open ? "a transaction is open" : "no transaction is open", 100);
			}
			other.setAutoCommit(true);
		}
	}

	@Test
	void purgeBesideFailuresThatAreKept() throws Exception {
		try (SqlTestDatabase database = database()) {
			database.execute(FILL);
			database.execute("UPDATE idempotency_record SET status = 2, expires_at = 9000000000000000 "
					+ "WHERE purge_day = 1 AND get_byte(id, 5) < 50");
			database.execute("VACUUM ANALYZE idempotency_record");
			purge(database, "100,000 failures are kept beyond their purge day", 20);
		}
	}

	private static void begin(Connection connection) throws SQLException {
		connection.setAutoCommit(false);
		connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
		try (Statement statement = connection.createStatement()) {
			statement.execute("SELECT count(*) FROM pg_class");
		}
	}

	private static SqlTestDatabase database() {
		SqlTestDatabase database = SqlTestDatabase.postgres();
		database.store();
		return database;
	}

	/** Set these settings of the server, and no other ones. */
	private static void settings(SqlTestDatabase database, Map<String, String> settings) {
		database.execute("ALTER SYSTEM RESET ALL");
		settings.forEach((name, value) -> database.execute("ALTER SYSTEM SET %s = %s".formatted(name, value)));
		database.execute("SELECT pg_reload_conf()");
	}

	private static void partition(SqlTestDatabase database, int partitions) {
		new JdbcTemplate(database.pool()).execute("""
				ALTER TABLE idempotency_record RENAME TO old;
				CREATE TABLE idempotency_record (LIKE old, PRIMARY KEY (id)) PARTITION BY HASH (id);
				CREATE INDEX ON idempotency_record (purge_day);
				DO $$ BEGIN
					FOR i IN 0..%1$d - 1 LOOP
						EXECUTE format('CREATE TABLE idempotency_record_%%s PARTITION OF idempotency_record '
							'FOR VALUES WITH (MODULUS %1$d, REMAINDER %%s) WITH (fillfactor = 50)', i, i);
					END LOOP;
				END $$;
				DROP TABLE old;
				""".formatted(partitions));
	}

	private static void purge(SqlTestDatabase database, String what, int batches) {
		SqlIdempotencyStore store = SqlIdempotencyStore.on(database.pool()).build();
		int rows = 0;
		long begin = System.nanoTime();
		for (int i = 0; i < batches; i++) {
			rows += store.purgeExpired(500);
		}
		print("%s: %d rows purged in %d batches, %d µs each", what, rows, batches,
				(System.nanoTime() - begin) / 1_000 / batches);
	}

	private RecordId[] run(SqlTestDatabase database, int runs, int payload) {
		SqlIdempotencyStore store = SqlIdempotencyStore.on(database.pool()).build();
		RecordId[] ids = new RecordId[runs];
		Deque<Lease> atWork = new ArrayDeque<>();
		for (int i = 0; i < runs; i++) {
			Lease lease = claim(store);
			ids[i] = lease.id();
			atWork.add(lease);
			if (atWork.size() > BEHIND) {
				complete(store, atWork.remove(), payload);
			}
		}
		atWork.forEach((lease) -> complete(store, lease, payload));
		return ids;
	}

	private static void replay(SqlIdempotencyStore store, RecordId[] ids, int times) {
		for (int i = 0; i < times; i++) {
			assertThat(store.claim(request(ids[i % ids.length]))).isInstanceOf(ClaimResult.Occupied.class);
		}
	}

	private static Lease claim(SqlIdempotencyStore store) {
		RecordId id = Identity.of("", "payment-service-charge", "", UUID.randomUUID().toString());
		return ((ClaimResult.Acquired) store.claim(request(id))).lease();
	}

	private static ClaimRequest request(RecordId id) {
		return new ClaimRequest(id, "payment-service-charge", UUID.randomUUID(), Fingerprint.of(id.toBytes()),
				OnUnknown.RETRY, Duration.ofMinutes(10), Duration.ofDays(7), DAY, false);
	}

	private void complete(SqlIdempotencyStore store, Lease lease, int payload) {
		StoredOutcome outcome = (payload == 0) ? StoredOutcome.noValue() : StoredOutcome.value(json(payload));
		assertThat(store.complete(lease, outcome, DAY)).isTrue();
	}

	/** Return something that compresses as a result does. */
	private byte[] json(int size) {
		StringBuilder json = new StringBuilder("[");
		while (json.length() < size) {
			json.append("{\"paymentId\":\"%016x%016x\",\"amount\":%d,\"currency\":\"EUR\",\"status\":\"CHARGED\"},"
				.formatted(this.random.nextLong(), this.random.nextLong(), this.random.nextInt(1_000_000)));
		}
		return json.substring(0, size).getBytes(StandardCharsets.UTF_8);
	}

	private static long number(SqlTestDatabase database, String expression) {
		return database.number("SELECT " + expression + " FROM idempotency_record t");
	}

	private static long size(SqlTestDatabase database, String relation) {
		return database.number("SELECT pg_relation_size('" + relation + "')");
	}

	private static long updates(SqlTestDatabase database, String column) {
		return database.number("SELECT " + column + " FROM pg_stat_user_tables WHERE relname = 'idempotency_record'");
	}

	private static long logPosition(SqlTestDatabase database) {
		return database.number("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint");
	}

	private static void print(String format, Object... arguments) {
		System.out.printf("[table] " + format + "%n", arguments);
	}

}
