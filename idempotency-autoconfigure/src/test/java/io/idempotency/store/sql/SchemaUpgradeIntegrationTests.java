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

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.idempotency.OnUnknown;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.FailureNote;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A table that version 1 made, with records that version 1 wrote, under the version of
 * today. A changed schema adds its own rows and its own column here, and leaves these.
 */
class SchemaUpgradeIntegrationTests {

	private static final Pattern BYTES = Pattern.compile("BYTES\\((\\p{XDigit}+)\\)");

	private static final Duration TTL = Duration.ofHours(1);

	@ParameterizedTest
	@EnumSource
	void recordsOfVersionOneAreReadAndContinued(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			migrateToVersionOne(database);
			assertThatRecordsOfVersionOneAreContinued(database);
		}
	}

	@ParameterizedTest
	@EnumSource
	void recordsInATableThatAScriptOfVersionOneMadeAreReadAndContinued(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			database.execute(resource("/" + migrations(database) + "/V1__idempotency_record.sql").replace("${table}",
					"idempotency_record"));
			assertThatRecordsOfVersionOneAreContinued(database);
		}
	}

	@ParameterizedTest
	@EnumSource
	void tableIsTheSameWhetherCreatedOrMigrated(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			SqlIdempotencyStore.on(database.pool()).table("created_record").build().schema().create();
			SqlIdempotencyStore.on(database.pool()).table("migrated_record").build().schema().migrate();

			assertThat(columns(database, "created_record")).hasSizeGreaterThan(15)
				.isEqualTo(columns(database, "migrated_record"));
		}
	}

	private static void assertThatRecordsOfVersionOneAreContinued(SqlTestDatabase database) throws Exception {
		database.execute(records(database));
		SqlIdempotencyStore store = SqlIdempotencyStore.on(database.pool()).build();

		store.schema().migrate();

		store.schema().verify();
		assertThatOutcomesAreReplayed(store);
		assertThatOthersKeepTheirState(store);
		assertThatOwnersAndSuccessorsGoOn(store);
		assertThat(store.purgeExpired(100)).isEqualTo(2);
		assertThat(database.number("SELECT count(*) FROM idempotency_record")).isEqualTo(10);
	}

	private static void assertThatOutcomesAreReplayed(SqlIdempotencyStore store) {
		Map<Integer, StoredOutcome> outcomes = Map.of(1, StoredOutcome.value(bytes("{\"paid\":7}")), 2,
				StoredOutcome.noValue(), 3, StoredOutcome.failure(bytes("declined")), 4, StoredOutcome.unavailable());
		outcomes.forEach((number, outcome) -> {
			IdempotencyRecord record = ((ClaimResult.Occupied) store.claim(request(number))).record();
			assertThat(record.status()).isEqualTo(RecordStatus.COMPLETED);
			assertThat(record.outcome()).usingRecursiveComparison().isEqualTo(outcome);
			assertThat(record.fence()).isEqualTo(fence(number));
			assertThat(record.fingerprint()).isEqualTo(Fingerprint.of(repeated(0xf0, 16)));
			assertThat(record.claimedAt()).isEqualTo(Instant.parse("2023-07-22T04:26:40Z"));
			assertThat(record.expiresAt()).isEqualTo(Instant.parse("2100-01-01T00:00:00Z"));
		});
	}

	private static void assertThatOthersKeepTheirState(SqlIdempotencyStore store) {
		IdempotencyRecord live = find(store, 5);
		assertThat(live.live()).isTrue();
		assertThat(live.owner()).isEqualTo(owner(5));
		assertThat(live.fingerprint()).isNull();
		assertThat(store.claim(request(5))).isInstanceOf(ClaimResult.Occupied.class);
		assertThat(find(store, 6).lapsed()).isTrue();
		assertThat(find(store, 7).unknown()).isTrue();
		assertThat(store.claim(request(7))).isInstanceOf(ClaimResult.Occupied.class);
		assertThat(find(store, 8).status()).isEqualTo(RecordStatus.FAILED);
		assertThat(find(store, 8).failure()).isEqualTo(new FailureNote("java.io.IOException", "down"));
		assertThat(find(store, 9).status()).isEqualTo(RecordStatus.UNKNOWN);
		assertThat(store.claim(request(9))).isInstanceOf(ClaimResult.Occupied.class);
		assertThat(store.find(id(10))).isEmpty();
		assertThat(store.find(id(11))).isEmpty();
	}

	private static void assertThatOwnersAndSuccessorsGoOn(SqlIdempotencyStore store) {
		assertThat(store.renew(lease(5), TTL)).isTrue();
		assertThat(store.complete(lease(5), StoredOutcome.noValue(), TTL)).isTrue();
		assertThat(acquired(store, 6).fence()).isEqualTo(fence(6) + 1);
		assertThat(store.complete(lease(6), StoredOutcome.noValue(), TTL)).isFalse();
		assertThat(store.complete(lease(7), StoredOutcome.noValue(), TTL)).isTrue();
		assertThat(acquired(store, 8).fence()).isEqualTo(fence(8) + 1);
		assertThat(find(store, 8).attempt()).isEqualTo(4);
		assertThat(store.resolve(id(9), fence(9), new Resolution.RunAgain())).isTrue();
		assertThat(acquired(store, 9)).isNotNull();
		assertThat(((ClaimResult.Acquired) store.claim(request(12))).checkpoints()).usingRecursiveComparison()
			.isEqualTo(Map.of("reserve", StoredOutcome.value(bytes("7")), "charge", StoredOutcome.noValue()));
	}

	private static void migrateToVersionOne(SqlTestDatabase database) throws SQLException {
		Flyway.configure()
			.dataSource(database.pool())
			.locations("classpath:" + migrations(database))
			.table("idempotency_schema_history")
			.placeholders(Map.of("table", "idempotency_record"))
			.target("1")
			.load()
			.migrate();
	}

	private static String migrations(SqlTestDatabase database) throws SQLException {
		try (Connection connection = database.pool().getConnection()) {
			return SqlDialect.of(connection.getMetaData()).migrations();
		}
	}

	private static String records(SqlTestDatabase database) throws Exception {
		String literal = switch (migrations(database)) {
			case "db/idempotency/postgresql" -> "'\\x%s'";
			case "db/idempotency/oracle" -> "HEXTORAW('%s')";
			case "db/idempotency/sqlserver" -> "0x%s";
			default -> "X'%s'";
		};
		return BYTES.matcher(resource("records-of-version-1.sql"))
			.replaceAll((bytes) -> Matcher.quoteReplacement(literal.formatted(bytes.group(1))));
	}

	private static List<String> columns(SqlTestDatabase database, String table) throws SQLException {
		List<String> columns = new ArrayList<>();
		try (Connection connection = database.pool().getConnection();
				ResultSet rows = connection.getMetaData()
					.getColumns(connection.getCatalog(), connection.getSchema(), "%", "%")) {
			while (rows.next()) {
				if (rows.getString("TABLE_NAME").toLowerCase(Locale.ROOT).equals(table)) {
					columns.add(rows.getString("COLUMN_NAME") + " " + rows.getString("TYPE_NAME") + " "
							+ rows.getInt("COLUMN_SIZE") + " " + rows.getString("IS_NULLABLE"));
				}
			}
		}
		return columns;
	}

	private static String resource(String name) throws IOException {
		try (var stream = SchemaUpgradeIntegrationTests.class.getResourceAsStream(name)) {
			assertThat(stream).as(name).isNotNull();
			return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	private static IdempotencyRecord find(SqlIdempotencyStore store, int number) {
		return store.find(id(number)).orElseThrow();
	}

	private static Lease acquired(SqlIdempotencyStore store, int number) {
		return ((ClaimResult.Acquired) store.claim(request(number))).lease();
	}

	private static ClaimRequest request(int number) {
		return new ClaimRequest(id(number), "charge", UUID.randomUUID(), null, OnUnknown.RETRY, Duration.ofSeconds(30),
				Duration.ofDays(1), TTL, false);
	}

	private static Lease lease(int number) {
		return new Lease(id(number), owner(number), fence(number));
	}

	private static RecordId id(int number) {
		return RecordId.of(repeated(number, RecordId.LENGTH));
	}

	private static UUID owner(int number) {
		long half = 0x0101010101010101L * number;
		return new UUID(half, half);
	}

	private static long fence(int number) {
		return 1_690_000_000_000_000L + number;
	}

	private static byte[] repeated(int value, int length) {
		byte[] bytes = new byte[length];
		Arrays.fill(bytes, (byte) value);
		return bytes;
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
