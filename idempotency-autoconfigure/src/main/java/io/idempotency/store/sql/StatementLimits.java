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
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How long statements may take, and who sees to it: the driver, or where its timers are
 * dear one watch for all statements.
 */
final class StatementLimits {

	private final Duration queryTimeout;

	private final boolean limited;

	private final @Nullable StatementWatch watch;

	/**
	 * Create limits.
	 * @param queryTimeout how long a statement may take, zero for as long as it likes
	 * @param dialect what the database and its driver can do
	 */
	StatementLimits(Duration queryTimeout, SqlDialect dialect) {
		this.queryTimeout = queryTimeout;
		this.limited = dialect.statementTimeouts();
		this.watch = dialect.timersAreDear() ? new StatementWatch() : null;
	}

	/**
	 * Return how long a server may stay silent, where the driver is to see to it. A query
	 * time-out is only a request to the server to stop, and one that is frozen or cut off
	 * does not hear it.
	 * @return milliseconds, 0 for as long as it likes
	 */
	int silenceMillis() {
		boolean byDriver = this.limited && this.watch == null && !this.queryTimeout.isZero();
		return byDriver ? (int) Math.min((seconds(this.queryTimeout) + 1) * 1000L, Integer.MAX_VALUE) : 0;
	}

	/**
	 * Prepare a statement that gives up in time.
	 * @param connection a lent connection, which does not outlive a silent server
	 * @param sql the statement
	 * @return the prepared statement
	 * @throws SQLException if the driver does
	 */
	BoundedStatement prepare(Connection connection, String sql) throws SQLException {
		return prepare(connection, sql, this.queryTimeout, connection);
	}

	/**
	 * Prepare a statement of somebody's transaction that gives up in time.
	 * @param connection the transaction's connection
	 * @param sql the statement
	 * @param left how long the transaction may still take, which then is the limit, or
	 * {@code null} if it has no time-out
	 * @return the prepared statement
	 * @throws SQLException if the driver does
	 */
	BoundedStatement prepareJoined(Connection connection, String sql, @Nullable Duration left) throws SQLException {
		return prepare(connection, sql, (left != null) ? left : this.queryTimeout, null);
	}

	private BoundedStatement prepare(Connection connection, String sql, Duration limit, @Nullable Connection lent)
			throws SQLException {
		PreparedStatement statement = connection.prepareStatement(sql);
		if (!this.limited || limit.isZero()) {
			return new BoundedStatement(statement);
		}
		if (this.watch != null) {
			return this.watch.watch(statement, limit, lent);
		}
		try {
			statement.setQueryTimeout(seconds(limit));
			return new BoundedStatement(statement);
		}
		catch (SQLException | RuntimeException ex) {
			statement.close();
			throw ex;
		}
	}

	private static int seconds(Duration limit) {
		return (int) Math.min(limit.plusNanos(999_999_999).toSeconds(), Integer.MAX_VALUE);
	}

}
