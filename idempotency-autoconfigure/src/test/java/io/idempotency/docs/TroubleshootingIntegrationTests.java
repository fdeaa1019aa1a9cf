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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.idempotency.OnUnknown;
import io.idempotency.key.Identity;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.FailureNote;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.Release;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.store.sql.SqlTestDatabase;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

/**
 * Runs what {@code docs/troubleshooting.md} tells people to run, as it stands there.
 */
class TroubleshootingIntegrationTests {

	private static final Page PAGE = Page.of("troubleshooting.md", "sql|shell");

	private static final String OPERATION = "payment-service-charge";

	private static final RecordId DOCUMENTED = Identity.of("", OPERATION, "", "order-1");

	private static final Duration HOUR = Duration.ofHours(1);

	private static final Duration LEASE = Duration.ofMinutes(10);

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2", "MARIADB" })
	void queriesFindWhatTheyAreFor(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create(); Connection connection = database.pool().getConnection()) {
			Records records = new Records(database);
			RecordId stuck = records.claimed(OnUnknown.RETRY);
			database.elapse(stuck, LEASE);
			RecordId held = records.claimed(OnUnknown.HOLD);
			database.elapse(held, LEASE);
			RecordId unknown = records.unknown();
			RecordId failed = records.failed();
			RecordId quick = records.completed();
			RecordId slow = records.completed();
			database.execute("UPDATE idempotency_record SET claimed_at = claimed_at - 60000000 WHERE id = "
					+ literal(vendor, slow));
			RecordId working = records.claimed(OnUnknown.RETRY);
			database.elapse(working, Duration.ofSeconds(20));
			RecordId expired = records.failed();
			database.elapse(expired, Duration.ofDays(30));
			JdbcClient client = JdbcClient.create(new SingleConnectionDataSource(connection, true));

			client.sql(block("view", vendor)).update();

			assertThat(ids(client, "stuck")).containsExactly(stuck);
			assertThat(ids(client, "unknown")).containsExactly(held, unknown);
			assertThat(ids(client, "failed")).containsExactly(failed);
			assertThat(ids(client, "slow")).containsExactly(slow, working);
			assertThat(rows(client, "failed").get(0)).containsEntry("attempt", 1)
				.containsEntry("failure_type", "java.io.IOException")
				.containsEntry("failure_message", "no route");
			assertThat(rows(client, "counts")).extracting((row) -> row.get("state"), (row) -> row.get("records"))
				.containsExactlyInAnyOrder(tuple("stuck", 1L), tuple("unknown", 2L), tuple("failed", 1L),
						tuple("completed", 2L), tuple("in progress", 1L), tuple("expired", 1L));
			assertThat(client.sql("SELECT record_id FROM calls").query(String.class).list()).hasSize(8)
				.contains(quick.toHex());
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2", "MARIADB" })
	void viewPrintsTimesAndOwnerAsTheLibraryKnowsThem(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create((config) -> config.setConnectionInitSql(otherZone(vendor)));
				Connection connection = database.pool().getConnection()) {
			Records records = new Records(database);
			RecordId id = records.completed();
			database.execute("UPDATE idempotency_record SET claimed_at = claimed_at - 2500000, "
					+ "completed_at = first_claimed_at");
			IdempotencyRecord record = records.store.find(id).orElseThrow();
			JdbcClient client = JdbcClient.create(new SingleConnectionDataSource(connection, true));

			client.sql(block("view", vendor)).update();

			Map<String, Object> row = client.sql("SELECT * FROM calls").query().singleRow();
			assertThat(row).containsEntry("record_id", id.toHex())
				.containsEntry("owner", record.owner().toString().replace("-", ""))
				.containsEntry("fence", record.fence());
			assertThat(instant(row.get("claimed"), vendor)).isEqualTo(record.claimedAt());
			assertThat(instant(row.get("first_claimed"), vendor)).isEqualTo(record.claimedAt().plusMillis(2500));
			assertThat(instant(row.get("completed"), vendor)).isEqualTo(record.claimedAt().plusMillis(2500));
			assertThat(instant(row.get("leased_until"), vendor)).isEqualTo(record.leaseUntil());
			assertThat(instant(row.get("expires"), vendor)).isEqualTo(record.expiresAt())
				.isCloseTo(Instant.now().plus(HOUR), within(1, ChronoUnit.MINUTES));
			assertThat(((Number) row.get("seconds")).doubleValue()).isEqualTo(2.5);
			assertThat(((Number) row.get("result_bytes")).longValue()).isEqualTo(2);
		}
	}

	@Test
	void postgresComputesTheIdOfKey() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			JdbcClient client = JdbcClient.create(database.pool());
			String sql = PAGE.block("id-postgres");

			assertThat(client.sql(sql).query(String.class).single()).isEqualTo(DOCUMENTED.toHex());
			String documented = "ARRAY['', '" + OPERATION + "', '', 'order-1']";
			assertThat(sql).contains(documented);
			for (List<String> identity : identities()) {
				assertThat(client.sql(sql.replace(documented, "ARRAY[?, ?, ?, ?]"))
					.params(identity)
					.query(String.class)
					.single()).isEqualTo(id(identity));
			}
		}
	}

	@Test
	@EnabledOnOs(OS.LINUX)
	void shellComputesTheIdOfKey(@TempDir Path directory) throws Exception {
		String script = PAGE.block("id-shell");
		Path function = directory.resolve("record-id.sh");
		Files.writeString(function, script.substring(0, script.indexOf("\n}\n") + 3) + "record_id \"$@\"\n");
		Path documented = Files.writeString(directory.resolve("documented.sh"), script);

		assertThat(run("sh", documented.toString())).isEqualTo(DOCUMENTED.toHex());
		for (List<String> id : identities()) {
			assertThat(run("sh", function.toString(), id.get(0), id.get(1), id.get(2), id.get(3))).isEqualTo(id(id));
			assertThat(run("bash", function.toString(), id.get(0), id.get(1), id.get(2), id.get(3))).isEqualTo(id(id));
		}
	}

	@Test
	void keyHashFindsItsRecordByThePrimaryKey() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres();
				Connection connection = database.pool().getConnection()) {
			Records records = new Records(database);
			records.completed();
			records.completed(DOCUMENTED);
			JdbcClient client = JdbcClient.create(new SingleConnectionDataSource(connection, true));
			String sql = PAGE.block("hash-postgres");

			assertThat(sql).contains(DOCUMENTED.shortForm());
			assertThat(client.sql(sql).query().listOfRows()).singleElement()
				.satisfies((row) -> assertThat((byte[]) row.get("id")).isEqualTo(DOCUMENTED.toBytes()));
			client.sql("SET enable_seqscan = off").update();
			assertThat(client.sql("EXPLAIN " + sql).query(String.class).list()).first()
				.asString()
				.contains("idempotency_record_pkey");
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2", "MARIADB" })
	void clearedCallRunsAgainUnlessSomebodyIsAtWorkOnIt(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			Records records = new Records(database);
			JdbcClient client = JdbcClient.create(database.pool());
			Lease first = records.claim(DOCUMENTED, OnUnknown.HOLD);

			int whileAtWork = client.sql(block("clear", vendor)).update();
			records.store.complete(first, StoredOutcome.noValue(), HOUR);
			int afterwards = client.sql(block("clear", vendor)).update();

			assertThat(whileAtWork).isZero();
			assertThat(afterwards).isOne();
			assertThat(records.store.find(DOCUMENTED)).isEmpty();
			Lease second = records.claim(DOCUMENTED, OnUnknown.HOLD);
			assertThat(second.fence()).isGreaterThan(first.fence());
			assertThat(records.store.find(DOCUMENTED).orElseThrow().attempt()).isOne();
			database.elapse(DOCUMENTED, LEASE);
			String byOperation = block("clear", vendor).replaceFirst("id = [^\\n]*", "operation = '" + OPERATION + "'");
			assertThat(client.sql(byOperation).update()).isOne();
			assertThat(records.store.complete(second, StoredOutcome.noValue(), HOUR)).isFalse();
		}
	}

	@Test
	void queryTellsWhoWaitsForTheTransactionOfAnother() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			Records records = new Records(database);
			RecordId id = Records.newId();
			JdbcClient client = JdbcClient.create(database.pool());
			TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(database.pool()));

			CompletableFuture<Long> duplicate = transaction.execute((status) -> {
				records.claimJoined(id);
				Integer owner = client.sql("SELECT pg_backend_pid()").query(Integer.class).single();
				CompletableFuture<Long> waiting = CompletableFuture
					.supplyAsync(() -> transaction.execute((other) -> records.claimJoined(id).fence()));
				await().atMost(Duration.ofSeconds(20)).until(() -> !rows(client, "waiting-postgres").isEmpty());
				assertThat(rows(client, "waiting-postgres")).singleElement()
					.satisfies((row) -> assertThat(row.get("waits_for")).hasToString("{" + owner + "}"));
				status.setRollbackOnly();
				return waiting;
			});

			assertThat(duplicate.get(20, TimeUnit.SECONDS)).isPositive();
			assertThat(rows(client, "waiting-postgres")).isEmpty();
		}
	}

	private static List<List<String>> identities() {
		return List.of(List.of("", "a", "", "b"),
				List.of("tenant-\u00e4", "daily-report", "1d@Z/2026-07-10", "\ud83d\ude00"),
				List.of("%s", "x", "\\0", "it's \"quoted\" %d"), List.of("", "op", "", "37".repeat(18) + "!"),
				List.of("", "op", "", "k".repeat(127)), List.of("", "op", "", "k".repeat(128)),
				List.of("", "op", "", "\u20ac".repeat(512)));
	}

	private static String id(List<String> identity) {
		return Identity.of(identity.get(0), identity.get(1), identity.get(2), identity.get(3)).toHex();
	}

	private static String run(String... command) throws IOException, InterruptedException {
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
		builder.environment().put("LC_ALL", "C.UTF-8");
		Process process = builder.start();
		String output = new String(process.getInputStream().readAllBytes()).strip();
		assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
		return output;
	}

	private static String block(String name, Vendor vendor) {
		return PAGE.block(name + "-" + vendor.name().toLowerCase(Locale.ROOT));
	}

	private static List<Map<String, Object>> rows(JdbcClient client, String block) {
		return client.sql(PAGE.block(block)).query().listOfRows();
	}

	private static List<RecordId> ids(JdbcClient client, String block) {
		return rows(client, block).stream().map((row) -> RecordId.ofHex((String) row.get("record_id"))).toList();
	}

	private static String otherZone(Vendor vendor) {
		return (vendor == Vendor.MARIADB) ? "SET time_zone = '+05:45'" : "SET TIME ZONE 'Asia/Kathmandu'";
	}

	private static Instant instant(Object time, Vendor vendor) {
		if (time instanceof OffsetDateTime offset) {
			return offset.toInstant();
		}
		Timestamp timestamp = (Timestamp) time;
		return (vendor == Vendor.MARIADB) ? timestamp.toLocalDateTime().toInstant(ZoneOffset.UTC)
				: timestamp.toInstant();
	}

	private static String literal(Vendor vendor, RecordId id) {
		return (vendor != Vendor.POSTGRES) ? "X'" + id.toHex() + "'" : "'\\x" + id.toHex() + "'";
	}

	/** Records in their states, made by the store itself. */
	private static final class Records {

		private final SqlIdempotencyStore store;

		Records(SqlTestDatabase database) {
			this.store = database.store();
		}

		Lease claim(RecordId id, OnUnknown policy) {
			return ((ClaimResult.Acquired) this.store.claim(request(id, policy))).lease();
		}

		Lease claimJoined(RecordId id) {
			return ((ClaimResult.Acquired) this.store.joined().claim(request(id, OnUnknown.RETRY))).lease();
		}

		private static ClaimRequest request(RecordId id, OnUnknown policy) {
			return new ClaimRequest(id, OPERATION, UUID.randomUUID(), null, policy, LEASE, Duration.ofDays(7), HOUR,
					false);
		}

		RecordId claimed(OnUnknown policy) {
			return claim(newId(), policy).id();
		}

		RecordId completed() {
			return completed(newId());
		}

		RecordId completed(RecordId id) {
			this.store.complete(claim(id, OnUnknown.RETRY), StoredOutcome.value(new byte[] { '4', '2' }), HOUR);
			return id;
		}

		RecordId failed() {
			return released(new Release.Failed(new FailureNote("java.io.IOException", "no route")), OnUnknown.RETRY);
		}

		RecordId unknown() {
			return released(new Release.Unknown(new FailureNote("java.io.IOException", null)), OnUnknown.HOLD);
		}

		private RecordId released(Release how, OnUnknown policy) {
			Lease lease = claim(newId(), policy);
			assertThat(this.store.release(lease, how)).isTrue();
			return lease.id();
		}

		private static RecordId newId() {
			return Identity.of("", OPERATION, "", UUID.randomUUID().toString());
		}

	}

}
