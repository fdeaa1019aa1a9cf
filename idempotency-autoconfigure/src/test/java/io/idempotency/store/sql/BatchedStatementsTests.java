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

import java.lang.reflect.Proxy;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import io.idempotency.store.RecordId;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests for {@link BatchedStatements}, on a connection that only tells what is done to
 * it: no database breaks off at each of these points.
 */
class BatchedStatementsTests {

	private final List<String> done = new ArrayList<>();

	private final SQLException first = new BatchUpdateException();

	@Test
	void statementThatFailsIsTakenBackAndTold() {
		assertThatThrownBy(() -> update(connection(null, null))).isSameAs(this.first).hasNoSuppressedExceptions();

		assertThat(this.done).containsExactly("setAutoCommit false", "rollback", "setAutoCommit true");
	}

	@Test
	void rollbackThatFailsDoesNotHideTheStatement() {
		SQLException rollback = new SQLException("rollback");

		assertThatThrownBy(() -> update(connection(rollback, null))).isSameAs(this.first)
			.hasSuppressedException(rollback);

		assertThat(this.done).containsExactly("setAutoCommit false", "rollback", "setAutoCommit true");
	}

	@Test
	void autocommitThatCannotBeSetDoesNotHideTheStatement() {
		SQLException rollback = new SQLException("rollback");
		SQLException autocommit = new SQLException("autocommit");

		assertThatThrownBy(() -> update(connection(rollback, autocommit))).isSameAs(this.first)
			.hasSuppressedException(rollback);

		assertThat(rollback.getSuppressed()).containsExactly(autocommit);
	}

	@Test
	void autocommitThatCannotBeSetAfterTheCommitIsTold() {
		SQLException autocommit = new SQLException("autocommit");
		Connection connection = connection(null, autocommit);
		BatchedStatements statements = statements((ignored, sql) -> new BoundedStatement(statement()));

		assertThatThrownBy(() -> statements.update(connection, sqlStatements().forget, List.of(change())))
			.isSameAs(autocommit);

		assertThat(this.done).containsExactly("setAutoCommit false", "commit", "setAutoCommit true");
	}

	private void update(Connection connection) throws SQLException {
		statements((ignored, sql) -> {
			throw this.first;
		}).update(connection, sqlStatements().forget, List.of(change()));
	}

	private static BatchedStatements statements(SqlVerbs.Preparation preparation) {
		return new BatchedStatements(new SqlVerbs(new H2Dialect(), sqlStatements(), new MetRecords(), preparation),
				sqlStatements());
	}

	private static SqlStatements sqlStatements() {
		return new SqlStatements(new H2Dialect(), new TableName("idempotency_record"));
	}

	private static ManyStatements.Change change() {
		return new ManyStatements.Change(RecordId.of(new byte[32]), (parameters) -> {
		});
	}

	private static PreparedStatement statement() {
		return (PreparedStatement) Proxy.newProxyInstance(BatchedStatementsTests.class.getClassLoader(),
				new Class<?>[] { PreparedStatement.class },
				(proxy, method, arguments) -> method.getName().equals("executeBatch") ? new int[] { 1 } : null);
	}

	private Connection connection(SQLException onRollback, SQLException onAutocommit) {
		return (Connection) Proxy.newProxyInstance(BatchedStatementsTests.class.getClassLoader(),
				new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
					this.done.add(method.getName() + ((arguments != null) ? " " + arguments[0] : ""));
					if (method.getName().equals("rollback") && onRollback != null) {
						throw onRollback;
					}
					if (onAutocommit != null && method.getName().equals("setAutoCommit")
							&& Boolean.TRUE.equals(arguments[0])) {
						throw onAutocommit;
					}
					return null;
				});
	}

}
