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

import javax.sql.DataSource;

import io.idempotency.store.sql.SqlIdempotencyStore;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/**
 * The relational store on a data source of the application, which needs nothing of JPA.
 * Whether it is used is decided by {@code idempotency.store}, and which data source by
 * {@link io.idempotency.IdempotencyDataSource} where there are several.
 */
@AutoConfiguration(after = { IdempotencySqlAutoConfiguration.class, IdempotencyJpaAutoConfiguration.class },
		afterName = { "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
				"org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration",
				"org.springframework.boot.jdbc.autoconfigure.XADataSourceAutoConfiguration",
				"org.springframework.boot.autoconfigure.jdbc.XADataSourceAutoConfiguration" })
@ConditionalOnBean({ DataSource.class, RecordsDataSource.class })
public final class IdempotencyJdbcAutoConfiguration {

	static final String STORE = "jdbcIdempotencyStore";

	private static SqlIdempotencyStore store(RecordsDataSource dataSource, IdempotencyProperties properties) {
		return properties.sql().configure(SqlIdempotencyStore.on(dataSource.get())).build();
	}

	/**
	 * The only relational store.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean(name = IdempotencyJpaAutoConfiguration.STORE)
	static class WithoutJpa {

		@Bean(STORE)
		@Lazy
		@DependsOnDatabaseInitialization
		SqlIdempotencyStore jdbcIdempotencyStore(RecordsDataSource dataSource, IdempotencyProperties properties) {
			return store(dataSource, properties);
		}

	}

	/**
	 * There for those who name it. Whoever injects an {@code SqlIdempotencyStore} gets
	 * that of JPA.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBean(name = IdempotencyJpaAutoConfiguration.STORE)
	static class BesideJpa {

		@Bean(name = STORE, defaultCandidate = false)
		@Lazy
		@DependsOnDatabaseInitialization
		SqlIdempotencyStore jdbcIdempotencyStore(RecordsDataSource dataSource, IdempotencyProperties properties) {
			return store(dataSource, properties);
		}

	}

}
