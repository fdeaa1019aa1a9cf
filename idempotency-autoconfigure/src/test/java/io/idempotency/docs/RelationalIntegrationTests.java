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

package io.idempotency.docs;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

import io.idempotency.OnUnknown;
import io.idempotency.key.Identity;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.store.sql.SqlTestDatabase;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Runs what {@code docs/relational.md} shows, on PostgreSQL.
 */
class RelationalIntegrationTests {

	static final Page PAGE = Page.of("relational.md", "sql");

	private static final Duration DAY = Duration.ofDays(1);

	@Test
	void settingsOfTheTableAreTaken() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			database.store();

			database.execute(PAGE.block("fill-factor"));
			database.execute(PAGE.block("autovacuum"));

			JdbcClient client = JdbcClient.create(database.pool());
			assertThat(client.sql("SELECT unnest(reloptions) FROM pg_class WHERE relname = 'idempotency_record'")
				.query(String.class)
				.list()).contains("fillfactor=40", "autovacuum_vacuum_scale_factor=0.02");
		}
	}

	@Test
	void settingsOfTheServerAreTaken() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			// Written and taken back without being loaded, because others use this server
			statements("server").forEach(database::execute);
			database.execute("ALTER SYSTEM RESET ALL");

			assertThat(statements("server")).hasSize(4).allMatch((sql) -> sql.startsWith("ALTER SYSTEM SET "));
		}
	}

	@Test
	void queriesTellHowTheTableIs() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			SqlIdempotencyStore store = database.store();
			for (int i = 0; i < 10; i++) {
				complete(store);
			}
			database.elapse(complete(store), Duration.ofDays(5));
			JdbcClient client = JdbcClient.create(database.pool());
			await().atMost(Duration.ofSeconds(20))
				.until(() -> row(client, "in-place").get("updates").equals(11L)
						|| row(client, "in-place").get("updates").equals(12L));

			assertThat(row(client, "in-place").get("percent_in_place").toString()).matches("[0-9.]+");
			assertThat(row(client, "due")).containsEntry("records", 1L);
			assertThat(row(client, "sizes")).containsKeys("heap", "results_out_of_line", "indexes");
			database.pool()
				.getConnection()
				.createStatement()
				.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
			assertThat(client.sql(PAGE.block("holders")).query().listOfRows()).isNotEmpty();
		}
	}

	@Test
	void partitionsByDayCannotKeepIdsUnique() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			database.store();
			JdbcClient client = JdbcClient.create(database.pool());

			assertThatExceptionOfType(UncategorizedSQLException.class)
				.isThrownBy(() -> client.sql(PAGE.block("by-day")).update())
				.havingRootCause()
				.isInstanceOf(SQLException.class)
				.withMessageContaining("unique constraint on partitioned table must include all partitioning columns");

			client.sql(PAGE.block("by-day").replace("(id)", "(id, purge_day)")).update();
			client.sql("CREATE TABLE every_day PARTITION OF idempotency_record_by_day DEFAULT").update();
			SqlIdempotencyStore store = SqlIdempotencyStore.on(database.pool())
				.table("idempotency_record_by_day")
				.build();
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> complete(store))
				.havingRootCause()
				.withMessageContaining("no unique or exclusion constraint matching the ON CONFLICT specification");
		}
	}

	@Test
	void partitionsByIdKeepWhatTheTableHad() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			SqlIdempotencyStore store = database.store();
			RecordId before = complete(store);

			partition(database);

			store.schema().verify();
			assertThat(store.find(before)).isPresent();
			assertThat(database.number("SELECT count(DISTINCT tableoid) FROM idempotency_record")).isOne();
			for (int i = 0; i < 100; i++) {
				complete(store);
			}
			assertThat(database.number("SELECT count(DISTINCT tableoid) FROM idempotency_record")).isEqualTo(8);
			assertThat(database.number("SELECT count(*) FROM pg_class WHERE relname LIKE 'idempotency_record__' "
					+ "AND 'fillfactor=50' = ANY(reloptions) "
					+ "AND 'autovacuum_vacuum_scale_factor=0.02' = ANY(reloptions)"))
				.isEqualTo(8);
		}
	}

	@Test
	void purgeOfPartitionsIsLedByTheirIndexesAndPassesOverLockedRows() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			SqlIdempotencyStore store = database.store();
			partition(database);
			for (int i = 0; i < 50; i++) {
				RecordId id = complete(store);
				if (i % 2 == 0) {
					database.elapse(id, Duration.ofDays(5));
				}
			}

			assertThat(store.purgeExpired(10)).isEqualTo(10);
			assertThat(store.purgeExpired(100)).isEqualTo(15);
			assertThat(database.number("SELECT count(*) FROM idempotency_record")).isEqualTo(25);
		}
	}

	@Test
	void flywayTakesThePartitionedTableAsItsFirstVersion() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			database.store();
			partition(database);

			SqlIdempotencyStore store = SqlIdempotencyStore.on(database.pool()).build();
			store.schema().migrate();

			assertThat(store.find(complete(store))).isPresent();
			assertThat(database
				.number("SELECT count(*) FROM pg_class WHERE relname = 'idempotency_record' AND relkind = 'p'"))
				.isOne();
		}
	}

	@Test
	void storageParametersOfThePartitionedTableItselfAreRefused() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			database.store();
			partition(database);
			JdbcClient client = JdbcClient.create(database.pool());

			assertThatExceptionOfType(BadSqlGrammarException.class)
				.isThrownBy(() -> client.sql(PAGE.block("autovacuum")).update());
		}
	}

	/** Make eight partitions of the table as the page says. */
	static void partition(SqlTestDatabase database) {
		JdbcTemplate jdbc = new JdbcTemplate(database.pool());
		jdbc.execute(PAGE.block("partitions"));
		jdbc.execute(PAGE.block("partition-settings"));
	}

	private static List<String> statements(String block) {
		return Pattern.compile(";\\R?").splitAsStream(PAGE.block(block)).toList();
	}

	private static Map<String, Object> row(JdbcClient client, String block) {
		return client.sql(PAGE.block(block)).query().singleRow();
	}

	private static RecordId complete(SqlIdempotencyStore store) {
		RecordId id = Identity.of("", "payment", "", UUID.randomUUID().toString());
		ClaimRequest request = new ClaimRequest(id, "payment", UUID.randomUUID(), null, OnUnknown.RETRY,
				Duration.ofSeconds(30), Duration.ofDays(7), DAY, false);
		Lease lease = ((ClaimResult.Acquired) store.claim(request)).lease();
		assertThat(store.complete(lease, StoredOutcome.noValue(), DAY)).isTrue();
		return id;
	}

}
