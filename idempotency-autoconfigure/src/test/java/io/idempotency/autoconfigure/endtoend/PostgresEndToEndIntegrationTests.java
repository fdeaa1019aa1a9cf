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

package io.idempotency.autoconfigure.endtoend;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.autoconfigure.endtoend.Guarded.Receipt;
import io.idempotency.test.servers.PostgresServer;
import io.idempotency.test.servers.TcpProxy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

class PostgresEndToEndIntegrationTests extends SqlEndToEndIntegrationTests {

	private final PostgresServer.Database database = PostgresServer.shared().createDatabase();

	@Override
	TcpProxy openProxy() {
		PGSimpleDataSource dataSource = (PGSimpleDataSource) this.database.dataSource();
		return TcpProxy.to(dataSource.getServerNames()[0], dataSource.getPortNumbers()[0]);
	}

	@Override
	String[] properties() {
		return properties(this.database.jdbcUrl());
	}

	@Override
	String[] properties(TcpProxy proxy) {
		return properties(this.database.jdbcUrl().replaceFirst("//[^/]+/", "//127.0.0.1:" + proxy.port() + "/"));
	}

	private static String[] properties(String url) {
		return new String[] { "idempotency.store=jpa", "spring.datasource.url=" + url,
				"spring.datasource.hikari.connection-timeout=1000", "spring.datasource.hikari.validation-timeout=500",
				"spring.datasource.hikari.minimum-idle=1", "spring.datasource.hikari.maximum-pool-size=8",
				"idempotency.sql.query-timeout=2s" };
	}

	@AfterAll
	void drop() {
		this.database.close();
	}

	@Test
	void firstRunCostsTwoStatementsAndAReplayOneThatWritesNothing() throws Exception {
		ConfigurableApplicationContext instance = instances().startLogged(properties());
		StatementLog log = logged(instance);
		guarded(instance).charge(nextKey());
		String key = nextKey();

		log.take();
		guarded(instance).charge(key);
		assertThat(log.take()).containsExactly("insert record", "update record");

		Map<String, Object> row = row();
		guarded(instance).charge(key);
		assertThat(log.take()).containsExactly("select record");
		assertThat(row()).isEqualTo(row);
	}

	private Map<String, Object> row() {
		return new JdbcTemplate(this.database.dataSource()).queryForMap(
				"SELECT xmin::text, xmax::text, ctid::text FROM idempotency_record ORDER BY claimed_at DESC LIMIT 1");
	}

	@Test
	void frozenServerIsGivenUpInBoundedTime() throws Exception {
		String key = nextKey();
		ConfigurableApplicationContext instance = instances().start(properties(proxy()));
		guarded(instance).charge(nextKey());
		proxy().freeze();

		long begin = System.nanoTime();
		assertThatExceptionOfType(IdempotencyStoreUnavailableException.class)
			.isThrownBy(() -> guarded(instance).charge(key));

		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
		assertThat(runs(key)).isZero();
	}

	@Test
	void serverThatIsStoppedAndStartedInMidCallKeepsTheAnswer() throws Exception {
		try (PostgresServer server = PostgresServer.start()) {
			ConfigurableApplicationContext instance = instances().start(properties(server.jdbcUrl()));
			String key = nextKey();
			instances().script().during(key, (run) -> server.stop());

			Receipt answer = guarded(instance).charge(key);

			assertThatExceptionOfType(IdempotencyStoreUnavailableException.class)
				.isThrownBy(() -> guarded(instance).charge(key));
			server.restart();
			await().atMost(Duration.ofSeconds(15))
				.ignoreExceptions()
				.until(() -> guarded(instance).charge(key).equals(answer));
			assertThat(runs(key)).isEqualTo(1);
			instance.close();
		}
	}

	@Test
	void tableOfTheLibraryIsMigratedWithAHistoryOfItsOwn() {
		List<String> tables = new JdbcTemplate(this.database.dataSource())
			.queryForList("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", String.class);

		assertThat(tables).contains("idempotency_record", "idempotency_schema_history");
	}

}
