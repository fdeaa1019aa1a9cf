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

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

import javax.sql.DataSource;

import jakarta.persistence.EntityManagerFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.orm.jpa.EntityManagerFactoryInfo;

/**
 * The persistence unit whose database keeps the records: the one on the marked data
 * source, else the only or the primary one. Several units on one database are as good as
 * one.
 */
final class RecordsPersistenceUnit implements StorePrecedence {

	private final ListableBeanFactory beanFactory;

	private final ObjectProvider<EntityManagerFactory> candidates;

	private final RecordsDataSource dataSource;

	RecordsPersistenceUnit(ListableBeanFactory beanFactory, ObjectProvider<EntityManagerFactory> candidates,
			RecordsDataSource dataSource) {
		this.beanFactory = beanFactory;
		this.candidates = candidates;
		this.dataSource = dataSource;
	}

	/**
	 * Return the persistence unit.
	 * @return the one to use
	 * @throws UndecidedDataSourceException if there is none on the marked data source, or
	 * there are several and none stands out
	 */
	EntityManagerFactory get() {
		DataSource marked = this.dataSource.marked();
		if (marked == null) {
			return unmarked();
		}
		EntityManagerFactory unit = on(marked);
		if (unit == null) {
			throw new UndecidedDataSourceException(
					"the store 'jpa' is asked for, and no EntityManagerFactory is on the data source that is marked "
							+ "with @IdempotencyDataSource",
					"Use the store jdbc, which needs no EntityManagerFactory, or mark a data source of JPA.");
		}
		return unit;
	}

	/**
	 * {@inheritDoc}
	 * <p>
	 * JPA wins over JDBC, unless the marked data source is none of JPA's.
	 */
	@Override
	public String standsBack() {
		DataSource marked = this.dataSource.marked();
		return (marked != null && on(marked) == null) ? IdempotencyJpaAutoConfiguration.STORE
				: IdempotencyJdbcAutoConfiguration.STORE;
	}

	private EntityManagerFactory unmarked() {
		try {
			return this.candidates.getObject();
		}
		catch (NoUniqueBeanDefinitionException ex) {
			TreeSet<String> names = RecordsDataSource.names(ex);
			Map<@Nullable DataSource, EntityManagerFactory> databases = new HashMap<>();
			for (String name : names) {
				EntityManagerFactory unit = this.beanFactory.getBean(name, EntityManagerFactory.class);
				databases.put(dataSource(unit), unit);
			}
			if (databases.size() == 1) {
				return databases.values().iterator().next();
			}
			throw RecordsDataSource.undecided("there are several EntityManagerFactories, " + names
					+ ", on different data sources, and none of either is primary or marked");
		}
	}

	private @Nullable EntityManagerFactory on(DataSource wanted) {
		return this.beanFactory.getBeansOfType(EntityManagerFactory.class)
			.values()
			.stream()
			.filter((unit) -> Objects.equals(dataSource(unit), wanted))
			.findFirst()
			.orElse(null);
	}

	private static @Nullable DataSource dataSource(EntityManagerFactory unit) {
		return (unit instanceof EntityManagerFactoryInfo info) ? info.getDataSource() : null;
	}

}
