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

package io.idempotency.store.jpa;

import java.util.Map;

import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.store.sql.SqlTestDatabase;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;

import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A persistence unit with one customer, and the store beside it.
 */
final class JpaTestUnit implements AutoCloseable {

	private final SqlTestDatabase database;

	private final LocalContainerEntityManagerFactoryBean factoryBean = new LocalContainerEntityManagerFactoryBean();

	private final SqlIdempotencyStore store;

	JpaTestUnit(SqlTestDatabase database) {
		this.database = database;
		this.factoryBean.setDataSource(database.pool());
		this.factoryBean.setManagedTypes(PersistenceManagedTypes.of(Customer.class.getName()));
		this.factoryBean.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
		this.factoryBean.setJpaPropertyMap(Map.of("hibernate.hbm2ddl.auto", "update"));
		this.factoryBean.afterPropertiesSet();
		this.store = JpaIdempotencyStore.on(entityManagerFactory()).build();
		this.store.schema().create();
		inTransaction().executeWithoutResult((status) -> entityManager().persist(new Customer()));
	}

	SqlTestDatabase database() {
		return this.database;
	}

	SqlIdempotencyStore store() {
		return this.store;
	}

	EntityManagerFactory entityManagerFactory() {
		return this.factoryBean.getObject();
	}

	TransactionTemplate inTransaction() {
		return new TransactionTemplate(new JpaTransactionManager(entityManagerFactory()));
	}

	/** Return the transaction's entity manager. */
	EntityManager entityManager() {
		return org.springframework.orm.jpa.EntityManagerFactoryUtils
			.getTransactionalEntityManager(entityManagerFactory());
	}

	/** Return whether the customer's change has reached the database. */
	boolean changed() {
		return this.database.number("SELECT count(*) FROM customer WHERE name <> 'clean'") > 0;
	}

	@Override
	public void close() throws Exception {
		this.factoryBean.destroy();
		this.database.close();
	}

}
