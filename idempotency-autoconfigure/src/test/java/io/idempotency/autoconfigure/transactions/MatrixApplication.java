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

import javax.sql.DataSource;

import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJpaAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyRedisAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencySqlAutoConfiguration;
import io.idempotency.store.sql.SqlIdempotencyStore;
import jakarta.persistence.EntityManagerFactory;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.SharedEntityManagerCreator;

/**
 * The applications that guard a ledger; each gets its data source from the test.
 */
final class MatrixApplication {

	private MatrixApplication() {
	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = LedgerEntry.class)
	@ImportAutoConfiguration({ AopAutoConfiguration.class, HibernateJpaAutoConfiguration.class,
			TransactionAutoConfiguration.class, ValidationAutoConfiguration.class,
			IdempotencySqlAutoConfiguration.class, IdempotencyJpaAutoConfiguration.class,
			IdempotencyAutoConfiguration.class })
	static class OnJpa {

		@Bean
		Ledger ledger(DataSource dataSource, EntityManagerFactory entityManagerFactory) {
			return new Ledger(dataSource, SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ AopAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
			TransactionAutoConfiguration.class, ValidationAutoConfiguration.class, IdempotencyAutoConfiguration.class })
	static class OnJdbc {

		@Bean
		SqlIdempotencyStore jdbcIdempotencyStore(DataSource dataSource) {
			SqlIdempotencyStore store = SqlIdempotencyStore.on(dataSource).build();
			store.schema().create();
			return store;
		}

		@Bean
		Ledger ledger(DataSource dataSource) {
			return new Ledger(dataSource, null);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ AopAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
			TransactionAutoConfiguration.class, DataRedisAutoConfiguration.class,
			IdempotencyRedisAutoConfiguration.class, IdempotencyAutoConfiguration.class })
	static class OnRedis {

		@Bean
		Ledger ledger(DataSource dataSource) {
			return new Ledger(dataSource, null);
		}

	}

}
