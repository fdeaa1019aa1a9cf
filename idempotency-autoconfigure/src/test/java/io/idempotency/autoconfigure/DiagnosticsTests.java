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

import java.util.List;
import java.util.Map;
import java.util.Set;

import javax.sql.DataSource;

import io.idempotency.Idempotent;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.test.servers.PostgresServer;
import io.idempotency.test.servers.RedisServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What somebody reads whose application does not start.
 */
@ExtendWith(OutputCaptureExtension.class)
class DiagnosticsTests {

	private static final String NO_DATABASE = "--spring.autoconfigure.exclude="
			+ "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration,"
			+ "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
			+ "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration";

	private static final String NO_REDIS = "--spring.autoconfigure.exclude="
			+ "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration";

	private static final String REDIS = "--spring.data.redis.url=";

	@Test
	void everyAnalyzerExplainsItsExceptionAndSaysWhatToDo() {
		List<FailureAnalyzer> analyzers = SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class, DiagnosticsTests::onlyThoseOfOthersMayNeedArguments)
			.stream()
			.filter((analyzer) -> analyzer.getClass().getName().startsWith("io.idempotency."))
			.toList();
		List<Throwable> failures = List.of(new NoStoreException(), new SeveralStoresException(Set.of("jpa", "redis")),
				new UnknownStoreException("mongo", Set.of("jpa")), new UnknownOperationException("x", Set.of("y")),
				new NoCodecException(), RecordsDataSource.undecided("there are two"),
				new InvalidOperationException("x", "is wrong", "Do it right"));

		assertThat(analyzers).hasSize(13);
		for (Throwable failure : failures) {
			List<FailureAnalysis> analyses = analyzers.stream()
				.map((analyzer) -> analyzer.analyze(new IllegalStateException("outer", failure)))
				.filter((analysis) -> analysis != null)
				.toList();
			assertThat(analyses).as(failure.toString()).hasSize(1);
			assertThat(analyses.get(0).getDescription()).isNotBlank();
			assertThat(analyses.get(0).getAction())
				.matches("(?s)(Do|Choose|Use|Correct|Add|Set|Make|Mark|Give|Write) .+");
		}
	}

	@Test
	void noStore(CapturedOutput output) {
		assertReport(output, Guarded.class, NO_DATABASE);

		assertThat(output).contains("there is no store for its records")
			.contains("add spring-boot-starter-data-redis")
			.contains("add spring-boot-starter-jdbc or spring-boot-starter-data-jpa")
			.contains("idempotency.store=memory");
	}

	@Test
	void severalStores(CapturedOutput output) {
		assertReport(output, Guarded.class, REDIS + RedisServer.shared().url());

		assertThat(output).contains("idempotency:\n  store: jpa\n").contains("idempotency:\n  store: redis\n");
	}

	@Test
	void unknownStore(CapturedOutput output) {
		assertReport(output, Guarded.class, NO_REDIS, "--idempotency.store=mongo");

		assertThat(output).contains("'mongo'").contains("There are: [jdbc, jpa, memory]");
	}

	@Test
	void unknownOperation(CapturedOutput output) {
		assertReport(output, Guarded.class, NO_DATABASE, "--idempotency.store=memory",
				"--idempotency.operations.gret.ttl=1h");

		assertThat(output).contains("idempotency.operations.gret is configured")
			.contains("[greet]")
			.contains("idempotency.operations.gret.programmatic=true");
	}

	@Test
	void unknownVariableInAnExpression(CapturedOutput output) {
		assertReport(output, UnknownVariable.class, NO_DATABASE, "--idempotency.store=memory");

		assertThat(output).contains("'pay'").contains("#order").contains("amount");
	}

	@Test
	void modeThatCannotHold(CapturedOutput output) {
		assertReport(output, Guarded.class, NO_REDIS, "--idempotency.operations.greet.transaction=atomic");

		assertThat(output).contains("The idempotent operation 'greet' has transaction=ATOMIC")
			.contains("its method opens no transaction.")
			.contains("Make it @Transactional");
	}

	@Test
	void modeThatTheStoreCannotKeep(CapturedOutput output) {
		assertReport(output, Guarded.class, NO_DATABASE, "--idempotency.store=memory",
				"--idempotency.transaction=joined");

		assertThat(output).contains("has transaction=JOINED, but its store 'memory' takes part in no transaction.")
			.contains("Use the store jpa or jdbc");
	}

	@Test
	void severalDataSources(CapturedOutput output) {
		assertReport(output, OnTwoDataSources.class, NO_REDIS, "--spring.flyway.enabled=false",
				"--spring.data.jpa.repositories.enabled=false");

		assertThat(output).contains("there are several data sources, [archive, orders], and none is primary or marked.")
			.contains("Mark exactly one with @io.idempotency.IdempotencyDataSource.");
	}

	@Test
	void missingTableOnH2WithItsScript(CapturedOutput output) {
		assertReport(output, Guarded.class, NO_REDIS, "--idempotency.sql.flyway=false",
				"--idempotency.sql.initialize-schema=never");

		assertThat(output).contains("The table 'idempotency_record'")
			.contains("CREATE TABLE idempotency_record (")
			.contains("BINARY(32)")
			.contains("initialize-schema=always");
	}

	@Test
	void missingTableOnPostgresWithItsScript(CapturedOutput output) {
		try (PostgresServer.Database database = PostgresServer.shared().createDatabase()) {
			assertReport(output, Guarded.class, NO_REDIS, "--spring.datasource.url=" + database.jdbcUrl(),
					"--idempotency.sql.flyway=false");

			assertThat(output).contains("CREATE TABLE idempotency_record (")
				.containsIgnoringCase("bytea")
				.contains("relation \"idempotency_record\" does not exist.\n");
		}
	}

	@Test
	void tableThatCannotBeCreatedWithTheReason(CapturedOutput output) {
		try (PostgresServer.Database database = PostgresServer.shared().createDatabase()) {
			assertReport(output, Guarded.class, NO_REDIS, "--spring.datasource.url=" + database.jdbcUrl(),
					"--idempotency.sql.flyway=false", "--idempotency.sql.initialize-schema=always",
					"--idempotency.sql.table=ops.calls");

			assertThat(output).contains("The table 'ops.calls'").contains("schema \"ops\" does not exist.\n");
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			idempotency.sql.table=idempotency-record | idempotency.sql.table  | each of letters, digits and underscores
			idempotency.sql.query-timeout=-1s        | .sql.query-timeout     | not negative; zero is none
			idempotency.sql.purge.batch-size=0       | idempotency.sql.purge  | a positive interval and batch-size
			idempotency.sql.purge.interval=0s        | idempotency.sql.purge  | a positive interval and batch-size
			""")
	void settingThatItsUserRefuses(String setting, String property, String reason, CapturedOutput output) {
		assertReport(output, Guarded.class, NO_REDIS, "--" + setting);

		assertThat(output).contains("Invalid value '").contains(property + "'").contains(reason);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					idempotency.web.methods=POST,get         | idempotency.web.methods       | GET, HEAD, OPTIONS and TRACE are safe
					idempotency.web.scope.headers=X Tenant   | idempotency.web.scope.headers | is not the name of a header
					""")
	void settingThatTheHttpLayerRefuses(String setting, String property, String reason, CapturedOutput output) {
		assertReport(output, Guarded.class, NO_DATABASE, "--spring.main.web-application-type=servlet",
				"--server.port=0", "--idempotency.store=memory", "--" + setting);

		assertThat(output).contains("Invalid value '").contains(property + "'").contains(reason);
	}

	@Test
	void unsupportedDatabase(CapturedOutput output) {
		assertReport(output, OnOtherProduct.class, NO_REDIS, "--spring.flyway.enabled=false",
				"--spring.jpa.database-platform=org.hibernate.dialect.H2Dialect");

		assertThat(output).contains("The database '" + OtherProduct.NAME + "'")
			.contains("PostgreSQL")
			.contains("idempotency.store=redis");
	}

	@Test
	void outdatedDatabase(CapturedOutput output) {
		assertReport(output, OnOldH2.class, NO_REDIS, "--spring.flyway.enabled=false",
				"--spring.jpa.database-platform=org.hibernate.dialect.H2Dialect");

		assertThat(output).contains("The database is H2 1.4.200 (2019-10-14), which is too old")
			.contains("Use H2 2 or newer")
			.contains("idempotency.store=redis");
	}

	@Test
	void databaseThatDoesNotAnswer(CapturedOutput output) {
		assertReport(output, OnNoServer.class,
				NO_REDIS + ",org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration"
						+ ",org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration",
				"--spring.flyway.enabled=false");

		assertThat(output).contains("does not answer: Connection to 127.0.0.1:1 refused")
			.contains("Start the server, and check the address and the credentials in spring.datasource.*");
	}

	@Test
	void tableWithANameThatIsTooLongForFlyway(CapturedOutput output) {
		String name = "r".repeat(43);

		assertReport(output, Guarded.class, NO_REDIS, "--idempotency.sql.table=" + name);

		assertThat(output).contains("The table '" + name + "' has a name that is too long for Flyway")
			.contains("a name of at most 42 characters")
			.contains("idempotency.sql.flyway=false");
	}

	@Test
	void storeThatIsChosenIsUsedBesideADatabaseThatIsNotSupported() {
		try (var context = start(OnOtherProduct.class, "--spring.flyway.enabled=false",
				REDIS + RedisServer.shared().url(), "--idempotency.store=redis",
				"--spring.jpa.database-platform=org.hibernate.dialect.H2Dialect")) {
			assertThat(context.getBean(Greetings.class).greet("other " + System.nanoTime())).contains("run 1");
		}
	}

	@Test
	void twoOperationsWithOneName(CapturedOutput output) {
		assertReport(output, TwoOfOneName.class, NO_DATABASE, "--idempotency.store=memory");

		assertThat(output).contains("'greet' is the name of two methods").contains("Give one of them a name");
	}

	private static void onlyThoseOfOthersMayNeedArguments(Class<?> type, String name, Throwable failure) {
		assertThat(name).doesNotStartWith("io.idempotency.");
	}

	private static void assertReport(CapturedOutput output, Class<?> application, String... arguments) {
		assertThatThrownBy(() -> start(application, arguments).close()).isInstanceOf(Exception.class);
		assertThat(output).contains("APPLICATION FAILED TO START").contains("Description:").contains("Action:");
	}

	private static ConfigurableApplicationContext start(Class<?> application, String... arguments) {
		return new SpringApplicationBuilder(application).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.registerShutdownHook(false)
			.run(arguments);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Guarded {

		@Bean
		Greetings greetings() {
			return new Greetings();
		}

	}

	static class OnOtherProduct extends Guarded {

		@Bean
		static OtherProduct otherProduct() {
			return new OtherProduct();
		}

	}

	static class OnOldH2 extends Guarded {

		@Bean
		static OtherProduct oldH2() {
			return new OtherProduct(Map.of("getDatabaseProductVersion", "1.4.200 (2019-10-14)",
					"getDatabaseMajorVersion", 1, "getDatabaseMinorVersion", 4));
		}

	}

	static class OnNoServer extends Guarded {

		@Bean
		DataSource dataSource() {
			return new DriverManagerDataSource("jdbc:postgresql://127.0.0.1:1/none");
		}

	}

	static class OnTwoDataSources extends Guarded {

		@Bean
		DataSource orders() {
			return new DriverManagerDataSource("jdbc:h2:mem:orders");
		}

		@Bean
		DataSource archive() {
			return new DriverManagerDataSource("jdbc:h2:mem:archive");
		}

	}

	static class TwoOfOneName extends Guarded {

		@Bean
		Welcome welcome() {
			return new Welcome();
		}

		static class Welcome {

			@Idempotent(key = "#name", operation = "greet")
			void welcome(String name) {
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class UnknownVariable {

		@Bean
		Payments payments() {
			return new Payments();
		}

		static class Payments {

			@Idempotent(key = "#order", operation = "pay")
			void pay(int amount) {
			}

		}

	}

}
