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

import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import javax.xml.parsers.DocumentBuilderFactory;

import io.idempotency.autoconfigure.reduced.ReducedApplication;
import io.idempotency.autoconfigure.reduced.jdbc.ReducedJdbcApplication;
import io.idempotency.test.servers.PostgresServer;
import io.idempotency.test.servers.RedisServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The library in applications that have less than this build: each case starts a whole
 * application on a class path without the jars.
 */
@ExtendWith(OutputCaptureExtension.class)
class OptionalLibrariesTests {

	private static final String[] JACKSON_3 = { "jackson-core", "jackson-databind", "jackson-annotations" };

	private static final String[] JPA = { "spring-orm", "spring-data-jpa", "hibernate-core", "jakarta.persistence-api",
			"spring-boot-data-jpa", "spring-boot-hibernate", "spring-boot-jpa", "spring-boot-persistence" };

	private static final String[] JDBC = { "spring-jdbc", "spring-boot-jdbc", "spring-boot-sql", "HikariCP" };

	private static final String[] FLYWAY = { "flyway-core", "flyway-database-postgresql", "spring-boot-flyway" };

	private static final String[] REDIS = { "spring-data-redis", "spring-data-keyvalue", "lettuce-core",
			"spring-boot-data-redis" };

	private static final String[] MICROMETER = { "micrometer-observation", "micrometer-commons",
			"micrometer-observation-test", "micrometer-core", "spring-boot-micrometer-metrics",
			"spring-boot-micrometer-observation", "micrometer-jakarta9", "spring-boot-actuator",
			"spring-boot-actuator-autoconfigure", "spring-boot-health",
			// which need it
			"spring-kafka", "spring-boot-kafka", "spring-rabbit", "spring-amqp", "spring-boot-amqp", "spring-jms",
			"spring-boot-jms", "resilience4j-spring6" };

	@Test
	void needsNothingButJackson() throws Exception {
		assertThat(runOnly(JACKSON_3, "--idempotency.store=memory")).isEqualTo("1 run, Jackson3OutcomeCodec");
	}

	@Test
	void missesAStoreWithoutAnyLibraryForOne(CapturedOutput output) throws Exception {
		assertThat(runOnly(JACKSON_3)).contains(NoStoreException.class.getName());
		assertThat(output).contains("APPLICATION FAILED TO START").contains("spring-boot-starter-data-redis");
	}

	@Test
	void takesJackson2WhereThereIsNoJackson3() throws Exception {
		assertThat(runWithoutClasses("tools.jackson.", "--idempotency.store=memory"))
			.isEqualTo("1 run, Jackson2OutcomeCodec");
	}

	@Test
	void saysWhatIsMissingWithoutAnyJackson(CapturedOutput output) throws Exception {
		assertThat(runOnly(new String[0], "--idempotency.store=memory")).contains(NoCodecException.class.getName());
		assertThat(output).contains("APPLICATION FAILED TO START").contains("spring-boot-starter-jackson");
	}

	@Test
	void redisNeedsNoDatabase() throws Exception {
		try (ReducedClassPath classPath = ReducedClassPath.without(concat(JPA, FLYWAY, JDBC))) {
			assertThat(classPath.has("org.springframework.jdbc.core.JdbcTemplate")).isFalse();
			assertThat(classPath.has("org.springframework.boot.jdbc.EmbeddedDatabaseConnection")).isFalse();
			assertThat(classPath.run(ReducedApplication.class, "--idempotency.store=redis",
					"--spring.data.redis.url=" + RedisServer.shared().url(),
					"--idempotency.redis.key-prefix=reduced-" + System.nanoTime() + ":"))
				.isEqualTo("1 run, Jackson3OutcomeCodec");
		}
	}

	@Test
	void jpaNeedsNeitherRedisNorFlywayNorMicrometer() throws Exception {
		assertThat(runWithout(concat(REDIS, FLYWAY, MICROMETER))).isEqualTo("1 run, Jackson3OutcomeCodec");
	}

	@Test
	void jdbcNeedsNothingOfJpa() throws Exception {
		try (ReducedClassPath classPath = ReducedClassPath.without(concat(JPA, REDIS, FLYWAY, MICROMETER))) {
			assertThat(classPath.has("jakarta.persistence.EntityManager")).isFalse();
			assertThat(classPath.has("org.springframework.orm.jpa.JpaTransactionManager")).isFalse();
			assertThat(classPath.has("org.hibernate.Session")).isFalse();
			assertThat(classPath.run(ReducedJdbcApplication.class))
				.isEqualTo("jdbc, 3 runs, 2 rows, replays [true, true]");
		}
	}

	@Test
	void jdbcTakesFlywayWithoutJpa() throws Exception {
		try (ReducedClassPath classPath = ReducedClassPath.without(concat(JPA, REDIS, MICROMETER))) {
			assertThat(classPath.run(ReducedJdbcApplication.class))
				.isEqualTo("jdbc, 3 runs, 2 rows, replays [true, true]");
		}
	}

	@Test
	void saysWhichModuleOfFlywayIsMissing(CapturedOutput output) throws Exception {
		try (ReducedClassPath classPath = ReducedClassPath.without(
				concat(JPA, REDIS, MICROMETER, new String[] { "flyway-database-postgresql", "spring-boot-flyway" }));
				PostgresServer.Database database = PostgresServer.shared().createDatabase()) {
			assertThat(classPath.has("org.flywaydb.core.Flyway")).isTrue();
			assertThat(classPath.run(ReducedJdbcApplication.class, "--spring.datasource.url=" + database.jdbcUrl()))
				.contains("Unsupported Database");
		}
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Flyway lacks its module for this database")
			.contains("flyway-database-postgresql")
			.contains("idempotency.sql.flyway=false");
	}

	@Test
	void needsNoAspectJ() throws Exception {
		assertThat(runWithout(concat(REDIS, new String[] { "aspectjweaver", "spring-aspects" })))
			.isEqualTo("1 run, Jackson3OutcomeCodec");
	}

	@Test
	void bringsOnlyWhatEverySpringApplicationHas() throws Exception {
		List<String> carried = new ArrayList<>();
		List<String> optional = new ArrayList<>();
		NodeList dependencies = DocumentBuilderFactory.newInstance()
			.newDocumentBuilder()
			.parse(new File("pom.xml"))
			.getElementsByTagName("dependency");
		for (int i = 0; i < dependencies.getLength(); i++) {
			Element dependency = (Element) dependencies.item(i);
			if (!"test".equals(text(dependency, "scope"))) {
				("true".equals(text(dependency, "optional")) ? optional : carried).add(text(dependency, "artifactId"));
			}
		}

		assertThat(carried).containsExactlyInAnyOrder("spring-boot", "spring-boot-autoconfigure", "spring-context",
				"spring-aop", "jspecify", "structured-fields");
		assertThat(optional).contains("spring-tx", "spring-jdbc", "spring-orm", "jakarta.persistence-api",
				"spring-data-redis", "flyway-core", "jackson-databind", "micrometer-observation", "spring-webmvc",
				"spring-webflux", "jakarta.servlet-api");
	}

	private static String runOnly(String[] artifacts, String... arguments) throws Exception {
		try (ReducedClassPath classPath = ReducedClassPath.ofOnly(artifacts)) {
			return classPath.run(ReducedApplication.class, arguments);
		}
	}

	private static String runWithout(String[] artifacts, String... arguments) throws Exception {
		try (ReducedClassPath classPath = ReducedClassPath.without(artifacts)) {
			return classPath.run(ReducedApplication.class, arguments);
		}
	}

	private static String runWithoutClasses(String hiddenPrefix, String... arguments) throws Exception {
		try (ReducedClassPath classPath = ReducedClassPath.ofOnly(JACKSON_3).hiding(hiddenPrefix)) {
			return classPath.run(ReducedApplication.class, arguments);
		}
	}

	private static String[] concat(String[]... arrays) {
		return Arrays.stream(arrays).flatMap(Arrays::stream).toArray(String[]::new);
	}

	private static String text(Element dependency, String child) {
		NodeList children = dependency.getElementsByTagName(child);
		return (children.getLength() > 0) ? children.item(0).getTextContent() : "";
	}

}
