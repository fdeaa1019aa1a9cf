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

import io.idempotency.store.jpa.JpaIdempotencyStore;
import io.idempotency.store.sql.SqlIdempotencyStore;
import jakarta.persistence.EntityManagerFactory;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.orm.jpa.EntityManagerFactoryInfo;

/**
 * The relational store in the database of a persistence unit of the application. Whether
 * it is used is decided by {@code idempotency.store}, and which unit by
 * {@link io.idempotency.IdempotencyDataSource} where there are several.
 */
@AutoConfiguration(after = IdempotencySqlAutoConfiguration.class,
		afterName = { "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
				"org.springframework.boot.autoconfigure.orm.jpa.HibernateJpaAutoConfiguration" })
@ConditionalOnClass({ EntityManagerFactory.class, EntityManagerFactoryInfo.class })
@ConditionalOnBean({ EntityManagerFactory.class, RecordsDataSource.class })
public final class IdempotencyJpaAutoConfiguration {

	static final String STORE = "jpaIdempotencyStore";

	@Bean
	RecordsPersistenceUnit idempotencyRecordsPersistenceUnit(ListableBeanFactory beanFactory,
			ObjectProvider<EntityManagerFactory> candidates, RecordsDataSource dataSource) {
		return new RecordsPersistenceUnit(beanFactory, candidates, dataSource);
	}

	@Bean(STORE)
	@Lazy
	@DependsOnDatabaseInitialization
	SqlIdempotencyStore jpaIdempotencyStore(RecordsPersistenceUnit unit, IdempotencyProperties properties) {
		return properties.sql().configure(JpaIdempotencyStore.on(unit.get())).build();
	}

}
