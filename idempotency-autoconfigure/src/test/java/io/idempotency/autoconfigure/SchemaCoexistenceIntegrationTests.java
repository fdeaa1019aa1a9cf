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

package io.idempotency.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.idempotency.Idempotency;
import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.store.sql.MissingTableException;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.test.servers.MariaDbServer;
import io.idempotency.test.servers.PostgresServer;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import liquibase.integration.spring.SpringLiquibase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.LinkedCaseInsensitiveMap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The table beside whatever else makes tables in the application's database, over several
 * starts of the application.
 */
class SchemaCoexistenceIntegrationTests {

	private final List<AutoCloseable> databases = new ArrayList<>();

	@AfterEach
	void closeDatabases() throws Exception {
		for (AutoCloseable database : this.databases) {
			database.close();
		}
	}

	@ParameterizedTest
	@EnumSource
	void flywayOfTheApplicationInTheSameDatabaseKeepsItsHistory(Product product) {
		ApplicationContextRunner application = application(database(product))
			.withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class));

		application.withPropertyValues("spring.flyway.locations=classpath:db/flyway/first").run((context) -> {
			assertRunsOnce(context);
			assertThat(versions(context, "flyway_schema_history")).containsExactly("1");
			assertThat(versions(context, "idempotency_schema_history")).contains("1");
		});
		application.withPropertyValues("spring.flyway.locations=classpath:db/flyway/second").run((context) -> {
			assertReplays(context);
			assertThat(versions(context, "flyway_schema_history")).containsExactly("1", "2");
		});
	}

	@ParameterizedTest
	@EnumSource
	void flywayOfTheApplicationGoesFirstEvenIfSomethingIsCalledBeforeTheStart(Product product) {
		application(database(product)).withUserConfiguration(CalledEarly.class)
			.withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.locations=classpath:db/flyway/first")
			.run((context) -> {
				assertRunsOnce(context);
				assertThat(versions(context, "flyway_schema_history")).containsExactly("1");
			});
	}

	@Test
	void flywayOfTheApplicationMayMigrateAnotherDatabase() {
		String other = database(Product.POSTGRESQL);
		application(database(Product.H2)).withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.locations=classpath:db/flyway/first", "spring.flyway.url=" + other,
					"spring.flyway.user=postgres")
			.run((context) -> {
				assertRunsOnce(context);
				assertThat(tables(context)).contains("idempotency_record", "idempotency_schema_history")
					.doesNotContain("flyway_schema_history", "orders");
			});
	}

	@ParameterizedTest
	@EnumSource
	void flywayOfTheApplicationMayBeTheOnlyOne(Product product) {
		application(database(product)).withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.locations=classpath:db/flyway/first", "idempotency.sql.flyway=false",
					"idempotency.sql.initialize-schema=always")
			.run((context) -> {
				assertRunsOnce(context);
				assertThat(tables(context)).contains("idempotency_record", "flyway_schema_history", "orders")
					.doesNotContain("idempotency_schema_history");
			});
	}

	@ParameterizedTest
	@EnumSource
	void flywayThatIsTurnedOffMigratesNothing(Product product) {
		application(database(product)).withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.locations=classpath:db/flyway/first", "spring.flyway.enabled=false",
					"idempotency.sql.initialize-schema=always")
			.run((context) -> {
				assertRunsOnce(context);
				assertThat(tables(context)).contains("idempotency_record")
					.doesNotContain("idempotency_schema_history", "flyway_schema_history", "orders");
			});
	}

	@Test
	void locationOfTheApplicationThatIsTooWideTakesInTheScriptsOfTheLibrary() {
		application(database(Product.H2)).withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.locations=classpath:db")
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				// Which two it names depends on the order of the file system
				.hasMessageContaining("more than one migration with version 1"));
	}

	// MariaDB's schemas are databases
	@ParameterizedTest
	@EnumSource(names = "MARIADB", mode = EnumSource.Mode.EXCLUDE)
	void scriptsOfTheApplicationGoFirst(Product product) {
		ApplicationContextRunner application = application(database(product))
			.withPropertyValues("idempotency.sql.table=shop.calls");

		application.run((context) -> assertThat(context).hasFailed());
		application.withConfiguration(AutoConfigurations.of(DataSourceInitializationAutoConfiguration.class))
			.withPropertyValues("spring.sql.init.mode=always",
					"spring.sql.init.schema-locations=classpath:db/init/schema.sql")
			.run((context) -> {
				assertRunsOnce(context);
				assertThat(count(context, "shop.calls")).isOne();
			});
	}

	@ParameterizedTest
	@EnumSource
	void tableOfTheApplicationThatWasNamedByMistakeDoesNoLastingHarm(Product product) {
		String url = database(product);
		ApplicationContextRunner application = application(url);
		application(url, false).run((context) -> new JdbcTemplate(context.getBean(DataSource.class))
			.execute("CREATE TABLE orders (id INT)"));

		application.withPropertyValues("idempotency.sql.table=orders")
			.run((context) -> assertThat(context.getStartupFailure()).hasRootCauseInstanceOf(SQLException.class)
				.hasStackTraceContaining("no usable table 'orders': "));
		application.run(SchemaCoexistenceIntegrationTests::assertRunsOnce);
	}

	@ParameterizedTest
	@EnumSource
	void tableThatWasDroppedAfterFlywayMadeItIsToldApartFromOneThatNeverWas(Product product) {
		ApplicationContextRunner application = application(database(product));

		application.run((context) -> new JdbcTemplate(context.getBean(DataSource.class))
			.execute("DROP TABLE idempotency_record"));
		application.run((context) -> assertThat(context.getStartupFailure())
			.hasStackTraceContaining("'idempotency_schema_history' says that the table was made")
			.hasStackTraceContaining("CREATE TABLE idempotency_record"));
	}

	@ParameterizedTest
	@EnumSource
	void liquibaseIncludesTheChangelogOfTheLibrary(Product product) {
		ApplicationContextRunner application = application(database(product)).withUserConfiguration(WithLiquibase.class)
			.withPropertyValues("idempotency.sql.flyway=false", "idempotency.sql.initialize-schema=never");

		application.run((context) -> {
			assertRunsOnce(context);
			assertThat(changeSets(context)).containsExactly("orders EXECUTED",
					"idempotency-1-" + product.changeLog() + " EXECUTED");
			assertThat(tables(context)).doesNotContain("idempotency_schema_history");
			assertThatTableIsThatOfTheScript(context, "idempotency_record");
		});
		application.run((context) -> {
			assertReplays(context);
			assertThat(changeSets(context)).hasSize(2);
		});
	}

	@ParameterizedTest
	@EnumSource
	void liquibaseGivesTheTableAnotherName(Product product) {
		application(database(product)).withUserConfiguration(WithLiquibase.class)
			.withPropertyValues("idempotency.sql.flyway=false", "idempotency.sql.initialize-schema=never",
					"idempotency.sql.table=calls", "liquibase.table=calls")
			.run((context) -> {
				assertRunsOnce(context);
				assertThat(tables(context)).contains("calls").doesNotContain("idempotency_record");
			});
	}

	@ParameterizedTest
	@EnumSource
	void liquibaseTakesOverATableThatFlywayMade(Product product) {
		ApplicationContextRunner application = application(database(product));

		application.run(SchemaCoexistenceIntegrationTests::assertRunsOnce);
		application.withUserConfiguration(WithLiquibase.class)
			.withPropertyValues("idempotency.sql.flyway=false", "idempotency.sql.initialize-schema=never")
			.run((context) -> {
				assertReplays(context);
				assertThat(changeSets(context)).last().asString().endsWith("MARK_RAN");
			});
	}

	@Test
	void changelogForLiquibaseHasEveryMigrationOfEveryDatabase() throws Exception {
		Path migrations = Path.of("src/main/resources/db/idempotency");
		String changelog = Files.readString(migrations.resolve("liquibase/changelog.yaml"));

		try (Stream<Path> files = Files.walk(migrations)) {
			assertThat(files.filter((file) -> file.toString().endsWith(".sql"))).isNotEmpty()
				.allSatisfy((file) -> assertThat(changelog)
					.containsOnlyOnce("path: db/idempotency/" + migrations.relativize(file) + "\n"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "none", "validate", "update", "create", "create-drop" })
	void hibernateLeavesTheTableAlone(String ddlAuto) {
		for (Product product : List.of(Product.H2, Product.POSTGRESQL)) {
			ApplicationContextRunner application = application(database(product)).withUserConfiguration(Entities.class)
				.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class));
			application.withPropertyValues("spring.jpa.hibernate.ddl-auto=update")
				.run(SchemaCoexistenceIntegrationTests::assertRunsOnce);

			application.withPropertyValues("spring.jpa.hibernate.ddl-auto=" + ddlAuto).run((context) -> {
				assertReplays(context);
				assertThat(context.getBean(SqlIdempotencyStore.class).name()).isEqualTo("jpa");
				try (EntityManager manager = context.getBean(EntityManagerFactory.class).createEntityManager()) {
					assertThat(manager.createQuery("from Customer").getResultList()).isEmpty();
				}
			});
			application.withPropertyValues("spring.jpa.hibernate.ddl-auto=update")
				.run(SchemaCoexistenceIntegrationTests::assertReplays);
		}
	}

	@ParameterizedTest
	@EnumSource
	void missingTableIsNoticedWhenItComesWithoutARestart(Product product) {
		ApplicationContextRunner unguarded = application(database(product), false)
			.withPropertyValues("idempotency.sql.flyway=false", "idempotency.sql.initialize-schema=never");

		unguarded.run((context) -> {
			AtomicInteger runs = new AtomicInteger();
			Idempotency facade = context.getBean(Idempotency.class);
			assertThatExceptionOfType(MissingTableException.class)
				.isThrownBy(() -> facade.call("import", "k").run(runs::incrementAndGet))
				.satisfies((ex) -> new JdbcTemplate(context.getBean(DataSource.class)).execute(ex.getDdl()));

			facade.call("import", "k").run(runs::incrementAndGet);
			facade.call("import", "k").run(runs::incrementAndGet);

			assertThat(runs).hasValue(1);
		});
	}

	@ParameterizedTest
	@EnumSource
	void tableThatGoesAndComesBackIsNoticedWithoutARestart(Product product) {
		application(database(product)).run((context) -> {
			Greetings greetings = context.getBean(Greetings.class);
			JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));
			String ddl = context.getBean(SqlIdempotencyStore.class).schema().ddl();
			for (int i = 0; i < 10; i++) { // the driver prepares statements on the server
											// by then
				greetings.greet("before");
			}

			jdbc.execute("DROP TABLE idempotency_record");
			assertThatExceptionOfType(IdempotencyStoreUnavailableException.class)
				.isThrownBy(() -> greetings.greet("without"))
				.withStackTraceContaining("CREATE TABLE idempotency_record");
			jdbc.execute(ddl);

			assertThat(greetings.greet("after")).isEqualTo(greetings.greet("after")).contains("run 2");
			assertThat(greetings.runs()).isEqualTo(2);
		});
	}

	// MariaDB's schemas are databases
	@ParameterizedTest
	@EnumSource(names = "MARIADB", mode = EnumSource.Mode.EXCLUDE)
	void tableMayBeInAnotherSchema(Product product) {
		String url = database(product);
		application(url, false)
			.run((context) -> new JdbcTemplate(context.getBean(DataSource.class)).execute("CREATE SCHEMA ops"));

		application(url).withPropertyValues("idempotency.sql.table=ops.calls").run((context) -> {
			assertRunsOnce(context);
			assertThat(count(context, "ops.calls")).isOne();
		});
		for (String table : List.of("calls; DROP TABLE orders", "ops.\"calls\"", "a.b.c", "calls--", "")) {
			application(url).withPropertyValues("idempotency.sql.table=" + table)
				.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
					.hasMessageContaining("cannot name the table"));
		}
	}

	/** The literal row is what version 1 left behind after {@code greet("Ada")}. */
	@Test
	void callThatVersionOneRecordedIsReplayed() {
		application(database(Product.H2)).run((context) -> {
			new JdbcTemplate(context.getBean(DataSource.class)).execute("""
					INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt,
						fingerprint, claimed_at, first_claimed_at, lease_until, completed_at, expires_at,
						unsettled_ttl, purge_day, payload, format)
					VALUES (X'394ce778d6d7ee1b8c269039e44692e29e4eac73cd1262abc33045c7148ff3ad', 'greet', 1, 0, 0,
						X'01010101010101010101010101010101', 1690000000000000, 1,
						X'6255aec8b3a3ad8559aca7dcb5d6c78a', 1690000000000000, 1690000000000000, 1690000030000000,
						1690000001000000, 4102444800000000,
						604800000000, 47482, X'2248656c6c6f204164612c2072756e203122', 1)
					""");

			assertReplays(context);
		});
	}

	private ApplicationContextRunner application(String url) {
		return application(url, true);
	}

	private ApplicationContextRunner application(String url, boolean guarded) {
		ApplicationContextRunner application = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(IdempotencyAutoConfiguration.class,
					IdempotencyJdbcAutoConfiguration.class, IdempotencyJpaAutoConfiguration.class,
					IdempotencySqlAutoConfiguration.class, JacksonAutoConfiguration.class,
					DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=" + url);
		return guarded ? application.withBean(Greetings.class) : application;
	}

	private String database(Product product) {
		if (product == Product.H2) {
			return "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
		}
		if (product == Product.MARIADB) {
			MariaDbServer.Database database = MariaDbServer.shared().createDatabase();
			this.databases.add(database);
			return database.jdbcUrl();
		}
		PostgresServer.Database database = PostgresServer.shared().createDatabase();
		this.databases.add(database);
		return database.jdbcUrl();
	}

	private static void assertRunsOnce(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		Greetings greetings = context.getBean(Greetings.class);
		assertThat(greetings.greet("Ada")).isEqualTo(greetings.greet("Ada")).isEqualTo("Hello Ada, run 1");
		assertThat(greetings.runs()).isOne();
	}

	private static void assertReplays(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		Greetings greetings = context.getBean(Greetings.class);
		assertThat(greetings.greet("Ada")).isEqualTo("Hello Ada, run 1");
		assertThat(greetings.runs()).isZero();
	}

	private static void assertThatTableIsThatOfTheScript(AssertableApplicationContext context, String table) {
		JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));
		String script = context.getBean(SqlIdempotencyStore.class).schema().ddl();
		jdbc.execute(script.replace("idempotency_record", "expected"));
		assertThat(columns(jdbc, table)).isNotEmpty().isEqualTo(columns(jdbc, "expected"));
	}

	private static List<String> columns(JdbcTemplate jdbc, String table) {
		return rows(jdbc,
				(connection) -> connection.getMetaData()
					.getColumns(connection.getCatalog(), connection.getSchema(), "%", "%"))
			.stream()
			.filter((row) -> table.equalsIgnoreCase(row.get("TABLE_NAME")))
			.map((row) -> row.get("COLUMN_NAME") + " " + row.get("TYPE_NAME") + " " + row.get("COLUMN_SIZE") + " "
					+ row.get("IS_NULLABLE"))
			.toList();
	}

	private static List<String> versions(AssertableApplicationContext context, String history) {
		JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));
		String quote = jdbc
			.execute((ConnectionCallback<String>) (connection) -> connection.getMetaData().getIdentifierQuoteString());
		String query = "SELECT 'version' FROM '%s' WHERE 'success' AND 'type' = ? ORDER BY 'installed_rank'"
			.formatted(history);
		return jdbc.queryForList(query.replace("'", quote), String.class, "SQL");
	}

	private static List<String> changeSets(AssertableApplicationContext context) {
		return new JdbcTemplate(context.getBean(DataSource.class)).query(
				"SELECT id, exectype FROM DATABASECHANGELOG ORDER BY ORDEREXECUTED",
				(row, i) -> row.getString(1) + " " + row.getString(2));
	}

	private static List<String> tables(AssertableApplicationContext context) {
		JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));
		return rows(jdbc,
				(connection) -> connection.getMetaData()
					.getTables(connection.getCatalog(), connection.getSchema(), "%", null))
			.stream()
			.map((row) -> row.get("TABLE_NAME").toLowerCase(Locale.ROOT))
			.toList();
	}

	private static List<Map<String, String>> rows(JdbcTemplate jdbc, MetaDataQuery query) {
		return jdbc.execute((ConnectionCallback<List<Map<String, String>>>) (connection) -> {
			List<Map<String, String>> rows = new ArrayList<>();
			try (ResultSet result = query.on(connection)) {
				while (result.next()) {
					Map<String, String> row = new LinkedCaseInsensitiveMap<>();
					for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
						row.put(result.getMetaData().getColumnLabel(i), result.getString(i));
					}
					rows.add(row);
				}
			}
			return rows;
		});
	}

	private static Integer count(AssertableApplicationContext context, String table) {
		return new JdbcTemplate(context.getBean(DataSource.class)).queryForObject("SELECT count(*) FROM " + table,
				Integer.class);
	}

	enum Product {

		H2, POSTGRESQL, MARIADB;

		/** Return what the changelog calls it. */
		String changeLog() {
			return (this == MARIADB) ? "mysql" : name().toLowerCase(Locale.ROOT);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithLiquibase {

		@Bean
		SpringLiquibase liquibase(DataSource dataSource, @Value("${liquibase.table:}") String table) {
			SpringLiquibase liquibase = new SpringLiquibase();
			liquibase.setDataSource(dataSource);
			liquibase.setChangeLog("classpath:db/liquibase/changelog.yaml");
			if (!table.isEmpty()) {
				liquibase.setChangeLogParameters(Map.of("idempotency.table", table));
			}
			return liquibase;
		}

	}

	private interface MetaDataQuery {

		ResultSet on(Connection connection) throws SQLException;

	}

	/** Calls a guarded bean while the application is still being put together. */
	@Configuration(proxyBeanMethods = false)
	static class CalledEarly {

		@Bean
		InitializingBean caller(Greetings greetings) {
			return () -> assertThat(greetings.greet("Ada")).contains("run 1");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan("io.idempotency.store.jpa")
	static class Entities {

	}

}
