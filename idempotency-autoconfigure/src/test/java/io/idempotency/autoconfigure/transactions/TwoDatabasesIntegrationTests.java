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

package io.idempotency.autoconfigure.transactions;

import java.util.UUID;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.key.Identity;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.sql.SqlIdempotencyStore;
import jakarta.annotation.PreDestroy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Work in the transaction of another database than the store's is recorded apart from it,
 * and according to it, not to a transaction on the store's database around it.
 */
class TwoDatabasesIntegrationTests {

	private final String key = UUID.randomUUID().toString();

	private ConfigurableApplicationContext context;

	private Payments payments;

	private TransactionTemplate onTheStoresDatabase;

	@BeforeEach
	void start() {
		this.context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("idempotency.store=jdbc", "spring.main.banner-mode=off")
			.run();
		this.payments = this.context.getBean(Payments.class);
		this.onTheStoresDatabase = new TransactionTemplate(
				this.context.getBean("transactionManager", JdbcTransactionManager.class));
	}

	@AfterEach
	void stop() {
		this.context.close();
	}

	@Test
	void commitElsewhereIsRecordedAfterIt() {
		String answer = this.payments.pay(this.key, false);

		assertThat(record()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(this.payments.pay(this.key, false)).isEqualTo(answer);
		assertThat(this.payments.effects(this.key)).isOne();
	}

	@Test
	void commitElsewhereCountsEvenIfTheCallerRollsBackOnTheStoresDatabase() {
		String answer = this.onTheStoresDatabase.execute((status) -> {
			status.setRollbackOnly();
			return this.payments.pay(this.key, false);
		});

		assertThat(this.payments.effects(this.key)).isOne();
		assertThat(record()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(this.payments.pay(this.key, false)).isEqualTo(answer);
		assertThat(this.payments.effects(this.key)).isOne();
	}

	@Test
	void rollbackElsewhereCountsEvenIfTheCallerCommitsOnTheStoresDatabase() {
		this.onTheStoresDatabase.executeWithoutResult(
				(status) -> assertThatIllegalStateException().isThrownBy(() -> this.payments.pay(this.key, true))
					.withMessage("declined"));

		assertThat(this.payments.effects(this.key)).isZero();
		assertThat(record()).isEqualTo(RecordStatus.FAILED);
	}

	@Test
	void commitOnTheStoresDatabaseCountsEvenIfTheCallerRollsBackElsewhere() {
		String answer = elsewhere().execute((status) -> {
			status.setRollbackOnly();
			return this.payments.payHere(this.key, false);
		});

		assertThat(record("pay-here")).isEqualTo(RecordStatus.COMPLETED);
		assertThat(this.payments.payHere(this.key, false)).isEqualTo(answer);
	}

	@Test
	void rollbackOnTheStoresDatabaseCountsEvenIfTheCallerCommitsElsewhere() {
		elsewhere().executeWithoutResult(
				(status) -> assertThatIllegalStateException().isThrownBy(() -> this.payments.payHere(this.key, true))
					.withMessage("declined"));

		assertThat(record("pay-here")).isEqualTo(RecordStatus.FAILED);
	}

	@Test
	void connectionThatNobodyCommitsIsNoTransactionOfTheStoresDatabase() {
		String answer = elsewhere().execute((status) -> {
			this.payments.readRecords();
			return this.payments.note(this.key);
		});

		assertThat(record("note")).isEqualTo(RecordStatus.COMPLETED);
		assertThat(this.payments.note(this.key)).isEqualTo(answer);
	}

	@Test
	void transactionOnAConnectionWithoutAutocommitIsJoined() {
		this.onTheStoresDatabase.executeWithoutResult((status) -> {
			this.payments.note(this.key);
			assertThat(record("note")).isNull();
		});

		assertThat(record("note")).isEqualTo(RecordStatus.COMPLETED);
	}

	private TransactionTemplate elsewhere() {
		return new TransactionTemplate(this.context.getBean("elsewhere", JdbcTransactionManager.class));
	}

	private RecordStatus record() {
		return record("pay");
	}

	private RecordStatus record(String operation) {
		return this.context.getBean(SqlIdempotencyStore.class)
			.find(Identity.of("", operation, "", this.key))
			.map(IdempotencyRecord::status)
			.orElse(null);
	}

	static class Payments {

		private final JdbcTemplate jdbc;

		private final JdbcTemplate records;

		private int runs;

		Payments(JdbcTemplate jdbc, JdbcTemplate records) {
			this.jdbc = jdbc;
			this.records = records;
		}

		@Transactional("elsewhere")
		@Idempotent(key = "#key", operation = "pay", fingerprint = "none")
		public String pay(String key, boolean decline) {
			this.jdbc.update("INSERT INTO ledger (name) VALUES (?)", key);
			if (decline) {
				throw new IllegalStateException("declined");
			}
			return "payment " + ++this.runs;
		}

		@Transactional("transactionManager")
		@Idempotent(key = "#key", operation = "pay-here", fingerprint = "none")
		public String payHere(String key, boolean decline) {
			if (decline) {
				throw new IllegalStateException("declined");
			}
			return "payment " + ++this.runs;
		}

		@Idempotent(key = "#key", operation = "note")
		public String note(String key) {
			return "note " + ++this.runs;
		}

		void readRecords() {
			this.records.queryForObject("SELECT count(*) FROM idempotency_record", Integer.class);
		}

		int effects(String key) {
			Integer count = this.jdbc.queryForObject("SELECT count(*) FROM ledger WHERE name = ?", Integer.class, key);
			return (count != null) ? count : 0;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ AopAutoConfiguration.class, TransactionAutoConfiguration.class,
			IdempotencyAutoConfiguration.class })
	static class Application {

		private final HikariDataSource records = withoutAutocommit(database());

		private final DataSource effects = database();

		@Bean
		SqlIdempotencyStore jdbcIdempotencyStore() {
			SqlIdempotencyStore store = SqlIdempotencyStore.on(this.records).build();
			store.schema().create();
			return store;
		}

		@Bean
		@Primary
		JdbcTransactionManager transactionManager() {
			return new JdbcTransactionManager(this.records);
		}

		@Bean
		JdbcTransactionManager elsewhere() {
			return new JdbcTransactionManager(this.effects);
		}

		@Bean
		Payments payments() {
			JdbcTemplate jdbc = new JdbcTemplate(this.effects);
			jdbc.execute("CREATE TABLE ledger (name VARCHAR(40) NOT NULL)");
			return new Payments(jdbc, new JdbcTemplate(this.records));
		}

		private static HikariDataSource withoutAutocommit(DataSource database) {
			HikariDataSource pool = new HikariDataSource();
			pool.setDataSource(database);
			pool.setAutoCommit(false);
			return pool;
		}

		@PreDestroy
		void close() {
			this.records.close();
		}

		private static DataSource database() {
			return new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
		}

	}

}
