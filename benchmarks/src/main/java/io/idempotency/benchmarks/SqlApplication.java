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

package io.idempotency.benchmarks;

import java.util.UUID;

import javax.sql.DataSource;

import io.idempotency.Idempotent;
import io.idempotency.TransactionMode;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.store.sql.SqlIdempotencyStore;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * An application with guarded methods, and the same by hand.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({ AopAutoConfiguration.class, JacksonAutoConfiguration.class,
		DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
		IdempotencyAutoConfiguration.class })
class SqlApplication {

	private static final String PAYMENT = "INSERT INTO payment (id, receipt) VALUES (?, ?)";

	@Bean
	SqlIdempotencyStore jdbcIdempotencyStore(DataSource dataSource) {
		SqlIdempotencyStore store = SqlIdempotencyStore.on(dataSource).build();
		store.schema().create();
		return store;
	}

	@Bean
	Guarded guarded(DataSource dataSource) {
		return new Guarded(new JdbcTemplate(dataSource));
	}

	@Bean
	ByHand byHand(DataSource dataSource, PlatformTransactionManager transactionManager, JsonMapper mapper) {
		return new ByHand(new HandRolledSql(dataSource), new JdbcTemplate(dataSource),
				new TransactionTemplate(transactionManager), mapper);
	}

	/**
	 * Guarded by the library.
	 */
	static class Guarded {

		private final JdbcTemplate jdbc;

		Guarded(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Idempotent(key = "#key", operation = "answer", transaction = TransactionMode.SEPARATE)
		public Receipt answer(String key) {
			return Receipt.of(key);
		}

		@Transactional
		@Idempotent(key = "#key", operation = "joined", transaction = TransactionMode.JOINED)
		public Receipt joined(String key) {
			return pay(this.jdbc, key);
		}

		@Transactional
		@Idempotent(key = "#key", operation = "atomic", transaction = TransactionMode.ATOMIC)
		public Receipt atomic(String key) {
			return pay(this.jdbc, key);
		}

	}

	/**
	 * The same without the library, from the key to the answer.
	 */
	static class ByHand {

		private final HandRolledSql keys;

		private final JdbcTemplate jdbc;

		private final TransactionTemplate transaction;

		private final JsonMapper mapper;

		ByHand(HandRolledSql keys, JdbcTemplate jdbc, TransactionTemplate transaction, JsonMapper mapper) {
			this.keys = keys;
			this.jdbc = jdbc;
			this.transaction = transaction;
			this.mapper = mapper;
		}

		Receipt answer(String key) throws Exception {
			HandRolledSql.Claim claim = this.keys.claim(key);
			if (claim == null) {
				return this.mapper.readValue(this.keys.read(key), Receipt.class);
			}
			Receipt receipt = Receipt.of(key);
			this.keys.complete(key, claim, this.mapper.writeValueAsBytes(receipt));
			return receipt;
		}

		Receipt pay(String key) throws Exception {
			HandRolledSql.Claim claim = this.keys.claim(key);
			if (claim == null) {
				throw new IllegalStateException("Not the first run");
			}
			Receipt receipt = this.transaction.execute((status) -> SqlApplication.pay(this.jdbc, key));
			this.keys.complete(key, claim, this.mapper.writeValueAsBytes(receipt));
			return receipt;
		}

	}

	private static Receipt pay(JdbcTemplate jdbc, String key) {
		jdbc.update(PAYMENT, UUID.randomUUID(), key);
		return Receipt.of(key);
	}

}
