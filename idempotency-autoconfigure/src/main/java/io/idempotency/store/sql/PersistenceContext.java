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
package io.idempotency.store.sql;

import java.util.Map;

import javax.sql.DataSource;

import jakarta.persistence.EntityManager;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.orm.jpa.EntityManagerFactoryInfo;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.orm.jpa.JpaDialect;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ObjectUtils;

/**
 * The persistence context of a transaction. Reached only where spring-orm is.
 *
 * @param entityManager the persistence context
 * @param dialect translates its exceptions
 */
record PersistenceContext(EntityManager entityManager, @Nullable JpaDialect dialect) {

	/**
	 * Return whether a manager begins JPA transactions on a data source.
	 * @param transactionManager the manager
	 * @param dataSource the pool
	 * @return whether their connections are of that pool
	 */
	static boolean managedBy(Object transactionManager, DataSource dataSource) {
		return transactionManager instanceof JpaTransactionManager jpa
				&& ObjectUtils.nullSafeEquals(dataSource, jpa.getDataSource());
	}

	/**
	 * Return the persistence context that is part of the current transaction. There may
	 * be one that is only kept open around transactions that are none of its own.
	 * @param dataSource the pool of the transaction
	 * @return the persistence context, or {@code null} if there is none
	 */
	static @Nullable PersistenceContext in(DataSource dataSource) {
		for (Map.Entry<Object, Object> resource : TransactionSynchronizationManager.getResourceMap().entrySet()) {
			if (resource.getKey() instanceof EntityManagerFactoryInfo info
					&& resource.getValue() instanceof EntityManagerHolder holder
					&& ObjectUtils.nullSafeEquals(dataSource, info.getDataSource())
					&& holder.getEntityManager().isJoinedToTransaction()) {
				return new PersistenceContext(holder.getEntityManager(), info.getJpaDialect());
			}
		}
		return null;
	}

	/**
	 * Write what is held back.
	 */
	void flush() {
		try {
			this.entityManager.flush();
		}
		catch (RuntimeException ex) {
			DataAccessException translated = (this.dialect != null) ? this.dialect.translateExceptionIfPossible(ex)
					: null;
			throw (translated != null) ? translated : ex;
		}
	}

	boolean isRollbackOnly() {
		return this.entityManager.getTransaction().getRollbackOnly();
	}

	void setRollbackOnly() {
		this.entityManager.getTransaction().setRollbackOnly();
	}

}
