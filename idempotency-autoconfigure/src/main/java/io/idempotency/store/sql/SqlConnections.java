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

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.util.ClassUtils;

/**
 * Lends connections straight from the pool, in autocommit and READ COMMITTED or what does
 * as well, and gives them back as they were. The connection of the thread's transaction
 * is never among them: to write on it would flush, commit or roll back what is the
 * caller's.
 */
final class SqlConnections {

	private static final boolean SPRING_JDBC = ClassUtils.isPresent(
			"org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy",
			SqlConnections.class.getClassLoader());

	private final DataSource dataSource;

	private final SqlDialect dialect;

	private final boolean readCommitted;

	private final boolean sufficient;

	private final boolean snapshots;

	private final boolean autocommits;

	private final StatementLimits limits;

	/**
	 * Ask the database what it is.
	 * @param dataSource the pool
	 * @param queryTimeout how long a statement may take, zero for as long as it likes
	 */
	SqlConnections(DataSource dataSource, Duration queryTimeout) {
		this.dataSource = SPRING_JDBC ? Unwrapping.pool(dataSource) : dataSource;
		try (Loan loan = new Loan(this.dataSource.getConnection(), true, 0)) {
			this.autocommits = loan.autoCommit;
			this.dialect = SqlDialect.of(loan.connection.getMetaData());
			int isolation = loan.connection.getTransactionIsolation();
			this.readCommitted = isolation == Connection.TRANSACTION_READ_COMMITTED;
			this.sufficient = this.readCommitted || this.dialect.autocommitsIn(isolation);
			this.snapshots = isolation > Connection.TRANSACTION_READ_COMMITTED && !this.sufficient;
		}
		catch (SQLException ex) {
			throw new UnreachableDatabaseException(ex);
		}
		this.limits = new StatementLimits(queryTimeout, this.dialect);
	}

	SqlDialect dialect() {
		return this.dialect;
	}

	/**
	 * Return how long statements may take.
	 * @return what prepares statements
	 */
	StatementLimits limits() {
		return this.limits;
	}

	/**
	 * Return the pool itself.
	 * @return the data source, without what would join a transaction
	 */
	DataSource dataSource() {
		return this.dataSource;
	}

	/**
	 * Return whether a transaction that asks for no isolation sees one snapshot. Where
	 * the pool's isolation makes no difference to a verb, an update finds the newest row.
	 * @return whether it is above READ COMMITTED by default
	 */
	boolean snapshots() {
		return this.snapshots;
	}

	/**
	 * Return whether the pool's connections commit by themselves, unless a transaction
	 * tells them not to.
	 * @return whether they come in autocommit
	 */
	boolean autocommits() {
		return this.autocommits;
	}

	/**
	 * Do some work on a connection of its own. Each statement of it is a transaction.
	 * @param <T> what it results in
	 * @param work the work
	 * @return its result
	 * @throws SQLException if the work or the pool does
	 */
	<T extends @Nullable Object> T call(Work<T> work) throws SQLException {
		return call(work, this.sufficient);
	}

	/**
	 * Do some work in READ COMMITTED, which locks no more than the rows that it finds,
	 * whatever else would do for a verb on one row.
	 * @param <T> what it results in
	 * @param work the work
	 * @return its result
	 * @throws SQLException if the work or the pool does
	 */
	<T extends @Nullable Object> T callReadCommitted(Work<T> work) throws SQLException {
		return call(work, this.readCommitted);
	}

	private <T extends @Nullable Object> T call(Work<T> work, boolean isolated) throws SQLException {
		try (Loan loan = new Loan(this.dataSource.getConnection(), isolated, this.limits.silenceMillis())) {
			return work.on(loan.connection);
		}
	}

	/**
	 * Work on a connection.
	 *
	 * @param <T> what it results in
	 */
	@FunctionalInterface
	interface Work<T extends @Nullable Object> {

		T on(Connection connection) throws SQLException;

	}

	/** A connection that goes back with the settings that it came with. */
	private static final class Loan implements AutoCloseable {

		private static final int UNCHANGED = -1;

		private final Connection connection;

		private final boolean autoCommit;

		private final int isolation;

		private final int networkTimeout;

		Loan(Connection connection, boolean isolated, int silenceMillis) throws SQLException {
			this.connection = connection;
			try {
				this.autoCommit = connection.getAutoCommit();
				if (!this.autoCommit) {
					connection.setAutoCommit(true);
				}
				this.isolation = isolated ? Connection.TRANSACTION_NONE : connection.getTransactionIsolation();
				if (!isolated) {
					connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
				}
				this.networkTimeout = (silenceMillis > 0) ? connection.getNetworkTimeout() : UNCHANGED;
				if (this.networkTimeout != UNCHANGED) {
					connection.setNetworkTimeout(Runnable::run, silenceMillis);
				}
			}
			catch (SQLException | RuntimeException ex) {
				connection.close();
				throw ex;
			}
		}

		@Override
		public void close() throws SQLException {
			try (Connection returned = this.connection) {
				if (this.networkTimeout != UNCHANGED) {
					returned.setNetworkTimeout(Runnable::run, this.networkTimeout);
				}
				if (this.isolation != Connection.TRANSACTION_NONE) {
					returned.setTransactionIsolation(this.isolation);
				}
				if (!this.autoCommit) {
					returned.setAutoCommit(false);
				}
			}
		}

	}

	/** Reached only where spring-jdbc is. */
	private static final class Unwrapping {

		// Whatever stands outside such a proxy, a foreign wrapper included, ends in it
		static DataSource pool(DataSource dataSource) {
			try {
				if (!dataSource.isWrapperFor(TransactionAwareDataSourceProxy.class)) {
					return dataSource;
				}
				DataSource target = dataSource.unwrap(TransactionAwareDataSourceProxy.class).getTargetDataSource();
				if (target == null) {
					throw new IllegalArgumentException("The TransactionAwareDataSourceProxy has no target DataSource");
				}
				return pool(target);
			}
			catch (SQLException ex) {
				throw new SqlStoreException("The DataSource does not say what it wraps", ex);
			}
		}

	}

}
