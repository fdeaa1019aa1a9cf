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
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.idempotency.store.sql.SqlIdempotencyStore;
import jakarta.persistence.EntityManagerFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.orm.jpa.EntityManagerFactoryInfo;
import org.springframework.util.ClassUtils;

/**
 * The store of an application that uses JPA: the {@linkplain SqlIdempotencyStore SQL
 * store} in the database of a persistence unit, under the name {@code jpa}.
 *
 * <p>
 * No verb goes through an {@code EntityManager}: what is claimed is not persisted as an
 * entity, so neither the thread's persistence context nor its transaction are seen,
 * flushed or committed by it.
 */
public final class JpaIdempotencyStore {

	private static final boolean SPRING_ORM = ClassUtils
		.isPresent("org.springframework.orm.jpa.EntityManagerFactoryInfo", JpaIdempotencyStore.class.getClassLoader());

	private static final String[] PROPERTIES = { "jakarta.persistence.nonJtaDataSource",
			"hibernate.connection.datasource" };

	private JpaIdempotencyStore() {
	}

	/**
	 * Begin to build a store.
	 * @param entityManagerFactory the persistence unit, usually made by Spring
	 * @return a builder of a store named {@code jpa}
	 * @throws IllegalArgumentException if the persistence unit does not say which
	 * {@code DataSource} it uses; build the SQL store on the right one then
	 */
	public static SqlIdempotencyStore.Builder on(EntityManagerFactory entityManagerFactory) {
		return SqlIdempotencyStore.on(dataSource(entityManagerFactory)).name("jpa");
	}

	private static DataSource dataSource(EntityManagerFactory entityManagerFactory) {
		DataSource dataSource = SPRING_ORM ? SpringOrm.dataSource(entityManagerFactory) : null;
		if (dataSource != null) {
			return dataSource;
		}
		Map<String, Object> properties = entityManagerFactory.getProperties();
		return Stream.of(PROPERTIES)
			.map(properties::get)
			.filter(DataSource.class::isInstance)
			.map(DataSource.class::cast)
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException("The EntityManagerFactory does not say which DataSource it "
					+ "uses: let Spring build it, or build the store with SqlIdempotencyStore.on(dataSource)"));
	}

	/** Reached only where spring-orm is. */
	private static final class SpringOrm {

		static @Nullable DataSource dataSource(EntityManagerFactory entityManagerFactory) {
			return (entityManagerFactory instanceof EntityManagerFactoryInfo info) ? info.getDataSource() : null;
		}

	}

}
