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

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.TransactionalStore;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.jdbc.support.SQLExceptionTranslator;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;
import org.springframework.util.ObjectUtils;

/**
 * The verbs in a transaction that Spring holds for the current thread, on a JDBC or on a
 * JPA transaction manager. Reached only where spring-jdbc is.
 */
final class SqlTransaction implements TransactionalStore.JoinedVerbs {

	private static final boolean SPRING_ORM = ClassUtils.isPresent("org.springframework.orm.jpa.EntityManagerHolder",
			SqlTransaction.class.getClassLoader())
			&& ClassUtils.isPresent("jakarta.persistence.EntityManager", SqlTransaction.class.getClassLoader());

	private static final SQLExceptionTranslator TRANSLATOR = new SQLExceptionSubclassTranslator();

	private final DataSource dataSource;

	private final boolean snapshots;

	private final SqlVerbs verbs;

	private final ConnectionHolder holder;

	private final @Nullable PersistenceContext persistence;

	private SqlTransaction(SqlConnections connections, SqlVerbs verbs, ConnectionHolder holder,
			@Nullable PersistenceContext persistence) {
		this.dataSource = connections.dataSource();
		this.snapshots = connections.snapshots();
		this.verbs = verbs;
		this.holder = holder;
		this.persistence = persistence;
	}

	/**
	 * Return the verbs for use in transactions. Where a transaction has a time-out, what
	 * is left of it is what a statement may take, as in Spring's own templates: a
	 * duplicate that waits for a row waits for another transaction.
	 * @param connections the connections that are not used, but whose rules apply
	 * @param statements the statements
	 * @param met the records that were met lately
	 * @return the verbs
	 */
	static SqlVerbs verbs(SqlConnections connections, SqlStatements statements, MetRecords met) {
		return new SqlVerbs(connections.dialect(), statements, met,
				(connection, sql) -> prepare(connections, connection, sql));
	}

	private static BoundedStatement prepare(SqlConnections connections, Connection connection, String sql)
			throws SQLException {
		Object resource = TransactionSynchronizationManager.getResource(connections.dataSource());
		if (resource instanceof ConnectionHolder holder && holder.hasTimeout()) {
			return connections.limits()
				.prepareJoined(connection, sql, Duration.ofMillis(holder.getTimeToLiveInMillis()));
		}
		return connections.limits().prepareJoined(connection, sql, null);
	}

	/**
	 * Return the current thread's transaction on a data source. Whoever is told that it
	 * was completed still sees it, but nothing commits what is written then; its
	 * synchronizations are gone by that time.
	 * @param connections of the pool
	 * @param verbs the statements
	 * @return the transaction, or {@code null} if there is none that writes
	 */
	static @Nullable SqlTransaction current(SqlConnections connections, SqlVerbs verbs) {
		DataSource dataSource = connections.dataSource();
		if (!TransactionSynchronizationManager.isActualTransactionActive()
				|| !TransactionSynchronizationManager.isSynchronizationActive()
				|| TransactionSynchronizationManager.isCurrentTransactionReadOnly()
				|| !(TransactionSynchronizationManager.getResource(dataSource) instanceof ConnectionHolder holder)) {
			return null;
		}
		PersistenceContext persistence = SPRING_ORM ? PersistenceContext.in(dataSource) : null;
		return (persistence != null || begun(connections, verbs, holder))
				? new SqlTransaction(connections, verbs, holder, persistence) : null;
	}

	/**
	 * A transaction on something else also keeps the connections that are used during it,
	 * and nobody commits those. Most pools give connections that commit by themselves, by
	 * which they are told apart; where they come without autocommit, only the manager
	 * that began a transaction on it knows. A persistence context that is part of the
	 * transaction proves it without asking for the connection, which may not have been
	 * needed yet.
	 */
	private static boolean begun(SqlConnections connections, SqlVerbs verbs, ConnectionHolder holder) {
		if (!connections.autocommits()) {
			return new Begun(connections.dataSource()).byItsManager();
		}
		try {
			return !holder.getConnection().getAutoCommit();
		}
		catch (SQLException ex) {
			throw translated(verbs, "join", ex);
		}
	}

	/**
	 * Return whether a manager begins its transactions on a data source.
	 * @param transactionManager the manager
	 * @param dataSource the pool
	 * @return whether they can be joined
	 */
	static boolean managedBy(Object transactionManager, DataSource dataSource) {
		if (transactionManager instanceof DataSourceTransactionManager jdbc) {
			return ObjectUtils.nullSafeEquals(dataSource, jdbc.getDataSource());
		}
		return SPRING_ORM && PersistenceContext.managedBy(transactionManager, dataSource);
	}

	@Override
	public ClaimResult claim(ClaimRequest request) {
		return on("claim", (connection) -> this.verbs.claim(connection, request));
	}

	@Override
	public void flush() {
		if (this.persistence != null) {
			this.persistence.flush();
		}
	}

	@Override
	public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		return on("complete", (connection) -> this.verbs.complete(connection, lease, outcome, ttl));
	}

	@Override
	public boolean checkpoint(Lease lease, String step, StoredOutcome outcome) {
		return on("checkpoint", (connection) -> this.verbs.checkpoint(connection, lease, step, outcome));
	}

	@Override
	public boolean forget(Lease lease) {
		return on("forget", (connection) -> this.verbs.forget(connection, lease));
	}

	@Override
	public boolean isSnapshot() {
		Integer declared = TransactionSynchronizationManager.getCurrentTransactionIsolationLevel();
		return (declared != null) ? declared >= Connection.TRANSACTION_REPEATABLE_READ : this.snapshots;
	}

	@Override
	public boolean isRollbackOnly() {
		return this.holder.isRollbackOnly() || (this.persistence != null && this.persistence.isRollbackOnly());
	}

	@Override
	public void setRollbackOnly() {
		this.holder.setRollbackOnly();
		if (this.persistence != null) {
			this.persistence.setRollbackOnly();
		}
	}

	private <T> T on(String verb, SqlConnections.Work<T> work) {
		Connection connection = DataSourceUtils.getConnection(this.dataSource);
		try {
			return work.on(connection);
		}
		catch (SQLException ex) {
			throw translated(this.verbs, verb, ex);
		}
		finally {
			DataSourceUtils.releaseConnection(connection, this.dataSource);
		}
	}

	// What may succeed in another transaction is to be recognized by those who retry,
	// where SQLSTATE does not say it
	private static DataAccessException translated(SqlVerbs verbs, String verb, SQLException ex) {
		String task = "Verb '" + verb + "' of the idempotency store in the caller's transaction";
		DataAccessException translated = TRANSLATOR.translate(task, null, ex);
		if (verbs.dialect().saysTryAgain(ex) && !(translated instanceof ConcurrencyFailureException)) {
			return new CannotAcquireLockException(task, ex);
		}
		return (translated != null) ? translated : new UncategorizedSQLException(task, null, ex);
	}

	/** Sees the transactions of the thread as the manager that began them does. */
	@SuppressWarnings("serial")
	private static final class Begun extends DataSourceTransactionManager {

		Begun(DataSource dataSource) {
			super(dataSource);
		}

		boolean byItsManager() {
			return isExistingTransaction(doGetTransaction());
		}

	}

}
