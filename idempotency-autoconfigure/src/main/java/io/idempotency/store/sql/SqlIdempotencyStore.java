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

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import javax.sql.DataSource;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.CompletionSignals;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.LockedRecordException;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.TransactionalStore;
import io.idempotency.store.Write;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * Keeps the records in a table of a relational database: PostgreSQL from version 13, H2
 * or MariaDB from version 10.6; MySQL, Oracle and SQL Server are experimental.
 *
 * <p>
 * Every verb takes a connection straight from the pool and works on it in autocommit and
 * READ COMMITTED, or what does as well. It never joins a transaction of the calling
 * thread, on whichever transaction manager, and so neither flushes nor commits anything
 * of the caller's, nor does the caller's rollback undo it. A caller in a transaction
 * therefore needs a second connection for as long as a verb takes. Only the verbs of
 * {@link #joined()} take part in the thread's transaction, where a JDBC or JPA
 * transaction manager of Spring's holds it. JTA is not supported: a data source that
 * enlists its connections by itself must not be used.
 *
 * <p>
 * A claim is one statement on PostgreSQL where nobody is in the way, and a replay is one
 * statement that writes nothing; elsewhere a claim is three statements and a replay one.
 * A completion is one statement. Statements are cut off after the query time-out (on H2
 * after its own {@code LOCK_TIMEOUT}). What the database gives up because of a deadlock
 * or a lock that was not to be had is tried four times, but not again once the query
 * time-out has passed.
 *
 * <p>
 * Verbs throw {@link SqlStoreException} if the database does not answer, and
 * {@link MissingTableException} as long as there is no table. Safe for use by any number
 * of threads.
 */
public final class SqlIdempotencyStore implements TransactionalStore {

	private static final boolean SPRING_JDBC = ClassUtils
		.isPresent("org.springframework.jdbc.datasource.ConnectionHolder", SqlIdempotencyStore.class.getClassLoader());

	/** The table unless another is named. */
	public static final String DEFAULT_TABLE = "idempotency_record";

	/** The query time-out unless another is given. */
	public static final Duration DEFAULT_QUERY_TIMEOUT = Duration.ofSeconds(5);

	private final String name;

	private final SqlConnections connections;

	private final IdempotencySchema schema;

	private final SqlVerbs verbs;

	private final @Nullable SqlVerbs joinedVerbs;

	private final SqlCalls calls;

	private final SqlManyCalls manyCalls;

	private SqlIdempotencyStore(Builder builder) {
		this.name = builder.name;
		this.connections = new SqlConnections(builder.dataSource, builder.queryTimeout);
		this.schema = new IdempotencySchema(this.connections, builder.table);
		SqlStatements statements = this.schema.statements();
		MetRecords met = new MetRecords();
		this.verbs = new SqlVerbs(this.connections.dialect(), statements, met, this.connections.limits()::prepare);
		this.joinedVerbs = SPRING_JDBC ? SqlTransaction.verbs(this.connections, statements, met) : null;
		this.calls = new SqlCalls(this.connections, this.schema,
				builder.queryTimeout.isZero() ? DEFAULT_QUERY_TIMEOUT : builder.queryTimeout);
		this.manyCalls = new SqlManyCalls(this.calls, this.verbs, statements);
	}

	/**
	 * Begin to build a store.
	 * @param dataSource the pool; a transaction-aware proxy is taken off
	 * @return a builder
	 */
	public static Builder on(DataSource dataSource) {
		return new Builder(dataSource);
	}

	@Override
	public String name() {
		return this.name;
	}

	/**
	 * Return the table that this store works on.
	 * @return the schema, to create or check it
	 */
	public IdempotencySchema schema() {
		return this.schema;
	}

	@Override
	public ClaimResult claim(ClaimRequest request) {
		try {
			return call("claim", request.id(), (connection) -> this.verbs.claim(connection, request));
		}
		catch (SqlStoreException ex) {
			if (ex.getCause() instanceof SQLException cause && this.connections.dialect().saysWaitedTooLong(cause)) {
				throw new LockedRecordException(request.id(), cause);
			}
			throw ex;
		}
	}

	@Override
	public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		return call("complete", lease.id(), (connection) -> this.verbs.complete(connection, lease, outcome, ttl)
				|| this.verbs.left(connection, lease, RecordStatus.COMPLETED));
	}

	@Override
	public boolean release(Lease lease, Release how) {
		return call("release", lease.id(), (connection) -> this.verbs.release(connection, lease, how));
	}

	/**
	 * {@inheritDoc}
	 * <p>
	 * One statement on PostgreSQL, and one more if records are taken over. Elsewhere one
	 * to read, and a statement for each record that is missing, sent together. If a
	 * transaction holds one of the records for too long, none is claimed.
	 */
	@Override
	public List<ClaimResult> claimAll(List<ClaimRequest> requests) {
		return this.manyCalls.claim(requests);
	}

	@Override
	public List<Boolean> writeAll(List<Write> writes) {
		return this.manyCalls.write(writes);
	}

	@Override
	public List<Boolean> renewAll(List<Lease> leases, Duration extension) {
		return this.manyCalls.renew(leases, extension);
	}

	@Override
	public boolean renew(Lease lease, Duration extension) {
		return call("renew", lease.id(), (connection) -> this.verbs.renew(connection, lease, extension));
	}

	@Override
	public boolean checkpoint(Lease lease, String step, StoredOutcome outcome) {
		return call("checkpoint", lease.id(), (connection) -> this.verbs.checkpoint(connection, lease, step, outcome));
	}

	@Override
	public Optional<IdempotencyRecord> find(RecordId id) {
		return call("find", id, (connection) -> {
			SqlRow row = this.verbs.select(connection, id);
			return (row != null && !row.expired()) ? Optional.of(row.record()) : Optional.empty();
		});
	}

	@Override
	public boolean resolve(RecordId id, long observedFence, Resolution how) {
		return call("resolve", id, (connection) -> this.verbs.resolve(connection, id, observedFence, how));
	}

	/**
	 * {@inheritDoc}
	 * <p>
	 * One statement, led by an index. Rows are removed from the day after they expired.
	 * On all but H2 and Oracle it passes over rows that another instance is just
	 * removing.
	 */
	@Override
	public int purgeExpired(int limit) {
		return this.calls.callOnMany("purge", (connection) -> this.verbs.purge(connection, limit));
	}

	@Override
	public @Nullable JoinedVerbs joined() {
		SqlVerbs verbs = this.joinedVerbs;
		return (verbs != null) ? SqlTransaction.current(this.connections, verbs) : null;
	}

	@Override
	public boolean joinsTransactionsOf(Object transactionManager) {
		return SPRING_JDBC && SqlTransaction.managedBy(transactionManager, this.connections.dataSource());
	}

	@Override
	public @Nullable CompletionSignals signals() {
		return null;
	}

	private <T extends @Nullable Object> T call(String verb, RecordId id, SqlConnections.Work<T> work) {
		return this.calls.call(verb, id, work);
	}

	/**
	 * Builds a store.
	 */
	public static final class Builder {

		private final DataSource dataSource;

		private String name = "jdbc";

		private TableName table = new TableName(DEFAULT_TABLE);

		private Duration queryTimeout = DEFAULT_QUERY_TIMEOUT;

		private Builder(DataSource dataSource) {
			this.dataSource = dataSource;
		}

		/**
		 * Set what the store is called in meters, logs and the start-up table.
		 * @param name a short lower-case word, {@code jdbc} by default
		 * @return this builder
		 */
		public Builder name(String name) {
			this.name = name;
			return this;
		}

		/**
		 * Set the table.
		 * @param table {@code table} or {@code schema.table}, {@value #DEFAULT_TABLE} by
		 * default
		 * @return this builder
		 * @throws IllegalArgumentException if that is not one or two plain identifiers
		 */
		public Builder table(String table) {
			this.table = new TableName(table);
			return this;
		}

		/**
		 * Set how long a statement may take before it is cut off.
		 * @param queryTimeout the time, rounded up to whole seconds on all but
		 * PostgreSQL, five seconds by default; zero for no limit
		 * @return this builder
		 * @throws IllegalArgumentException if it is negative
		 */
		public Builder queryTimeout(Duration queryTimeout) {
			if (queryTimeout.isNegative()) {
				throw new IllegalArgumentException("A time limit of statements is not negative; zero is none");
			}
			this.queryTimeout = queryTimeout;
			return this;
		}

		/**
		 * Build the store. Asks the database which one it is.
		 * @return the store
		 * @throws UnsupportedDatabaseException if there are no statements for it
		 * @throws OutdatedDatabaseException if it is too old for them
		 * @throws UnreachableDatabaseException if it does not answer
		 */
		public SqlIdempotencyStore build() {
			return new SqlIdempotencyStore(this);
		}

	}

}
