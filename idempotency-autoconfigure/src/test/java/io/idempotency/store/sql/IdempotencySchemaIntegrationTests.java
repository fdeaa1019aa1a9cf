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

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import io.idempotency.store.RecordId;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link IdempotencySchema}.
 */
class IdempotencySchemaIntegrationTests {

	private static final RecordId ID = RecordId.of(new byte[RecordId.LENGTH]);

	@ParameterizedTest
	@EnumSource
	void instancesThatStartAtOnceCreateOneTable(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			CyclicBarrier start = new CyclicBarrier(6);
			List<CompletableFuture<Boolean>> instances = IntStream.range(0, 6)
				.mapToObj((i) -> CompletableFuture.supplyAsync(() -> {
					IdempotencySchema schema = SqlIdempotencyStore.on(database.pool()).build().schema();
					await(start);
					return schema.create();
				}, (task) -> new Thread(task).start()))
				.toList();

			List<Boolean> created = instances.stream().map(CompletableFuture::join).toList();

			assertThat(created).containsOnlyOnce(true);
			IdempotencySchema schema = SqlIdempotencyStore.on(database.pool()).build().schema();
			assertThatCode(schema::verify).doesNotThrowAnyException();
			assertThat(schema.create()).isFalse();
		}
	}

	@ParameterizedTest
	@EnumSource
	void instancesThatStartAtOnceMigrateOnce(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			SqlIdempotencyStore.on(database.pool()).build().schema().migrate();
			CyclicBarrier start = new CyclicBarrier(3);

			List<CompletableFuture<Void>> instances = IntStream.range(0, 3)
				.mapToObj((i) -> CompletableFuture.runAsync(() -> {
					await(start);
					SqlIdempotencyStore.on(database.pool()).build().schema().migrate();
				}, (task) -> new Thread(task).start()))
				.toList();
			instances.forEach(CompletableFuture::join);

			SqlIdempotencyStore.on(database.pool()).build().schema().verify();
			assertThat(migrations(database, "idempotency_schema_history")).isOne();
		}
	}

	@ParameterizedTest
	@EnumSource
	void migrationLeavesTheApplicationsOwnAlone(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			database.execute("CREATE TABLE orders (id INTEGER)");
			Flyway application = Flyway.configure()
				.dataSource(database.pool())
				.locations("classpath:db/none")
				.failOnMissingLocations(false)
				.baselineOnMigrate(true)
				.load();
			application.migrate();
			long history = database.number("SELECT count(*) FROM " + database.quoted("flyway_schema_history"));

			SqlIdempotencyStore store = SqlIdempotencyStore.on(database.pool()).build();
			store.schema().migrate();

			store.schema().verify();
			assertThat(application.validateWithResult().validationSuccessful).isTrue();
			assertThat(database.number("SELECT count(*) FROM " + database.quoted("flyway_schema_history")))
				.isEqualTo(history);
			assertThat(store.find(ID)).isEmpty();
		}
	}

	@ParameterizedTest
	@EnumSource
	void migrationAcceptsATableThatWasCreatedWithoutIt(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			SqlIdempotencyStore store = database.store();

			store.schema().migrate();

			assertThatCode(store.schema()::verify).doesNotThrowAnyException();
		}
	}

	@ParameterizedTest
	@EnumSource
	void tableMayHaveAnyNameInAnySchema(Vendor vendor) throws Exception {
		String schema = "Ops_" + UUID.randomUUID().toString().replace("-", "");
		// MySQL takes names of tables and schemas to the letter, where its files do
		String otherwise = vendor.isMySql() ? schema : schema.toLowerCase(Locale.ROOT);
		try (SqlTestDatabase database = vendor.create()) {
			database.execute(
					(vendor == Vendor.ORACLE) ? "CREATE USER " + schema + " NO AUTHENTICATION QUOTA UNLIMITED ON users"
							: "CREATE SCHEMA " + schema);
			SqlIdempotencyStore created = SqlIdempotencyStore.on(database.pool()).table(schema + ".Calls").build();
			SqlIdempotencyStore migrated = SqlIdempotencyStore.on(database.pool())
				.table(otherwise + ".migrated_calls")
				.build();

			created.schema().create();
			migrated.schema().migrate();

			created.schema().verify();
			migrated.schema().verify();
			assertThat(created.find(ID)).isEmpty();
			assertThat(migrated.purgeExpired(10)).isZero();
			assertThat(database.number("SELECT count(*) FROM " + schema + ".Calls")).isZero();
			if (vendor.isMySql()) { // elsewhere it ends with its database
				database.execute("DROP SCHEMA " + schema);
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void tablesInOneSchemaAreMigratedEachOnItsOwn(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			for (String table : List.of("idempotency_record", "calls", "a".repeat(42))) {
				SqlIdempotencyStore store = SqlIdempotencyStore.on(database.pool()).table(table).build();

				store.schema().migrate();
				store.schema().migrate();

				store.schema().verify();
				assertThat(store.find(ID)).isEmpty();
			}
			assertThat(migrations(database, "idempotency_schema_history")).isOne();
			assertThat(migrations(database, "calls_schema_history")).isOne();
			assertThat(migrations(database, "a".repeat(42) + "_schema_history")).isOne();
		}
	}

	@Test
	void tableWhoseHistoryCouldNotBeNamedIsNotMigrated() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.h2()) {
			IdempotencySchema schema = SqlIdempotencyStore.on(database.pool()).table("a".repeat(43)).build().schema();

			assertThatIllegalStateException().isThrownBy(schema::migrate)
				.withMessageContaining("at most 42 characters")
				.withMessageContaining("idempotency.sql.flyway=false");

			assertThat(schema.create()).isTrue();
			schema.verify();
		}
	}

	@ParameterizedTest
	@EnumSource
	void missingTableSaysHowToCreateItAndIsNoticedWhenItComes(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			SqlIdempotencyStore store = SqlIdempotencyStore.on(database.pool()).build();
			String ddl = store.schema().ddl();

			assertThatExceptionOfType(MissingTableException.class).isThrownBy(store.schema()::verify)
				.withMessageContaining("idempotency_record")
				.withMessageContaining("idempotency.sql.initialize-schema")
				.withMessageContaining("CREATE TABLE idempotency_record")
				.satisfies((ex) -> assertThat(ex.getDdl()).isEqualTo(ddl));
			assertThatExceptionOfType(MissingTableException.class).isThrownBy(() -> store.find(ID));
			database.execute(ddl);

			assertThatCode(store.schema()::verify).doesNotThrowAnyException();
			assertThat(store.find(ID)).isEmpty();
		}
	}

	@ParameterizedTest
	@EnumSource
	void tableThatLacksAColumnIsNotVerified(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			SqlIdempotencyStore store = database.store();
			database.execute("ALTER TABLE idempotency_record DROP COLUMN unsettled_ttl");

			assertThatExceptionOfType(MissingTableException.class).isThrownBy(store.schema()::verify);
		}
	}

	@ParameterizedTest
	@EnumSource
	void unknownDatabaseIsNamedWithTheSupportedOnes(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			assertThatExceptionOfType(UnsupportedDatabaseException.class)
				.isThrownBy(() -> SqlIdempotencyStore.on(named(database.pool(), "Sybase")).build())
				.withMessageContaining("'Sybase'")
				.withMessageContaining("PostgreSQL, H2, MariaDB, MySQL")
				.satisfies((ex) -> assertThat(ex.getSupported()).containsExactly("PostgreSQL", "H2", "MariaDB", "MySQL",
						"Oracle", "Microsoft SQL Server"));
			assertThat(database.pool().getHikariPoolMXBean().getActiveConnections()).isZero();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "a b", "a;b", "a--", "\"a\"", "a.b.c", ".a", "a.", "1a", "a'", "caf\u00e9" })
	void tableNameIsNothingButIdentifiers(String name) {
		SqlIdempotencyStore.Builder builder = SqlIdempotencyStore.on(new DelegatingDataSource());

		assertThatIllegalArgumentException().isThrownBy(() -> builder.table(name))
			.withMessageContaining("'" + name + "'");
		assertThatIllegalArgumentException().isThrownBy(() -> builder.table("a".repeat(64)));
	}

	@ParameterizedTest
	@EnumSource
	void serverThatIsDownIsSaidToBeDown(Vendor vendor) throws Exception {
		SqlTestDatabase database = vendor.create();
		database.close();

		assertThatExceptionOfType(SqlStoreException.class)
			.isThrownBy(() -> SqlIdempotencyStore.on(database.pool()).build())
			.withMessageContaining("DataSource");
	}

	private static long migrations(SqlTestDatabase database, String history) {
		return database.number(
				"SELECT count(*) FROM " + database.quoted(history) + " WHERE " + database.quoted("version") + " = '1'");
	}

	private static DataSource named(DataSource target, String product) {
		return new DelegatingDataSource(target) {

			@Override
			public Connection getConnection() throws java.sql.SQLException {
				Connection connection = super.getConnection();
				DatabaseMetaData metaData = proxy(DatabaseMetaData.class, connection.getMetaData(),
						"getDatabaseProductName", product);
				return proxy(Connection.class, connection, "getMetaData", metaData);
			}

		};
	}

	private static <T> T proxy(Class<T> type, T target, String method, Object answer) {
		return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type },
				(proxy, called, args) -> called.getName().equals(method) ? answer : called.invoke(target, args)));
	}

	private static void await(CyclicBarrier barrier) {
		try {
			barrier.await();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
