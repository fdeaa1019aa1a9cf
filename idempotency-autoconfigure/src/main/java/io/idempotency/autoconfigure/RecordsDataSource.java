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

import java.util.TreeSet;

import javax.sql.DataSource;

import io.idempotency.IdempotencyDataSource;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.ObjectProvider;

/**
 * The data source that the records are kept in: the one that is marked, else the only or
 * the primary one. Asked when a relational store is first needed, so that an application
 * without one may have as many data sources as it likes.
 */
final class RecordsDataSource {

	private static final String ACTION = "Mark exactly one with @" + IdempotencyDataSource.class.getName() + ".";

	private final ObjectProvider<DataSource> marked;

	private final ObjectProvider<DataSource> candidates;

	RecordsDataSource(ObjectProvider<DataSource> marked, ObjectProvider<DataSource> candidates) {
		this.marked = marked;
		this.candidates = candidates;
	}

	/**
	 * Return the data source.
	 * @return the one to use
	 * @throws UndecidedDataSourceException if there are several and none stands out
	 */
	DataSource get() {
		DataSource marked = marked();
		if (marked != null) {
			return marked;
		}
		try {
			return this.candidates.getObject();
		}
		catch (NoUniqueBeanDefinitionException ex) {
			throw undecided("there are several data sources, " + names(ex) + ", and none is primary or marked");
		}
	}

	/**
	 * Return the data source that is marked.
	 * @return the marked one, or {@code null} if there is none
	 * @throws UndecidedDataSourceException if there are several
	 */
	@Nullable DataSource marked() {
		try {
			return this.marked.getIfAvailable();
		}
		catch (NoUniqueBeanDefinitionException ex) {
			throw undecided("several data sources are marked with @IdempotencyDataSource, " + names(ex));
		}
	}

	static UndecidedDataSourceException undecided(String fact) {
		return new UndecidedDataSourceException(fact, ACTION);
	}

	static TreeSet<String> names(NoUniqueBeanDefinitionException ex) {
		return new TreeSet<>((ex.getBeanNamesFound() != null) ? ex.getBeanNamesFound() : new TreeSet<>());
	}

}
