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
import java.util.Optional;

import javax.sql.DataSource;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.CompletionSignals;
import io.idempotency.store.FailureNote;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the records in a table of a relational database: PostgreSQL from version 13, or
 * H2.
 *
 * <p>
 * Every verb takes a connection straight from the pool and works on it in autocommit and
 * READ COMMITTED. It never joins a transaction of the calling thread, on whichever
 * transaction manager, and so neither flushes nor commits anything of the caller's, nor
 * does the caller's rollback undo it. A caller in a transaction therefore needs a second
 * connection for as long as a verb takes. A JTA data source that enlists its connections
 * by itself must not be used.
 *
 * <p>
 * A claim is one statement on PostgreSQL where nobody is in the way, and a replay is one
 * statement that writes nothing; a completion is one statement. Statements are cut off
 * after the query time-out (on H2 after its own {@code LOCK_TIMEOUT}).
 *
 * <p>
 * Verbs throw {@link SqlStoreException} if the database does not answer, and
 * {@link MissingTableException} as long as there is no table. Safe for use by any number
 * of threads.
 */
public final class SqlIdempotencyStore implements IdempotencyStore {

	/** The table unless another is named. */
	public static final String DEFAULT_TABLE = "idempotency_record";

	/** The query time-out unless another is given. */
	public static final Duration DEFAULT_QUERY_TIMEOUT = Duration.ofSeconds(5);

	private final String name;

	private final SqlConnections connections;

	private final IdempotencySchema schema;

	private final SqlStatements statements;

	private SqlIdempotencyStore(Builder builder) {
		this.name = builder.name;
		this.connections = new SqlConnections(builder.dataSource, builder.queryTimeout);
		this.schema = new IdempotencySchema(this.connections, builder.table);
		this.statements = this.schema.statements();
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
		return call("claim", request.id(),
				(connection) -> new SqlClaim(this.connections, this.statements, connection, request).result());
	}

	@Override
	public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		return call("complete", lease.id(), (connection) -> {
			try (PreparedStatement update = prepare(connection, this.statements.complete)) {
				new Parameters(update).outcome(outcome, ttl).lease(lease);
				return update.executeUpdate() == 1
						|| left(select(connection, lease.id()), lease, RecordStatus.COMPLETED);
			}
		});
	}

	@Override
	public boolean release(Lease lease, Release how) {
		if (how instanceof Release.Failed failed) {
			return release(this.statements.fail, lease, RecordStatus.FAILED, failed.note());
		}
		if (how instanceof Release.Unknown unknown) {
			return release(this.statements.leaveUnknown, lease, RecordStatus.UNKNOWN, unknown.note());
		}
		return call("forget", lease.id(), (connection) -> {
			try (PreparedStatement update = prepare(connection, this.statements.forget)) {
				new Parameters(update).lease(lease);
				return update.executeUpdate() == 1 || gone(select(connection, lease.id()));
			}
		});
	}

	private boolean release(String sql, Lease lease, RecordStatus status, FailureNote note) {
		return call("release", lease.id(), (connection) -> {
			try (PreparedStatement update = prepare(connection, sql)) {
				new Parameters(update).note(note).lease(lease);
				return update.executeUpdate() == 1 || left(select(connection, lease.id()), lease, status);
			}
		});
	}

	@Override
	public boolean renew(Lease lease, Duration extension) {
		return call("renew", lease.id(), (connection) -> {
			try (PreparedStatement update = prepare(connection, this.statements.renew)) {
				new Parameters(update).duration(extension).duration(extension).lease(lease);
				return update.executeUpdate() == 1;
			}
		});
	}

	@Override
	public Optional<IdempotencyRecord> find(RecordId id) {
		return call("find", id, (connection) -> {
			SqlRow row = select(connection, id);
			return (row != null && !row.expired()) ? Optional.of(row.record()) : Optional.empty();
		});
	}

	@Override
	public boolean resolve(RecordId id, long observedFence, Resolution how) {
		return call("resolve", id, (connection) -> {
			Resolution.Complete completion = (how instanceof Resolution.Complete complete) ? complete : null;
			try (PreparedStatement update = prepare(connection,
					(completion != null) ? this.statements.resolveComplete : this.statements.resolveRunAgain)) {
				Parameters parameters = new Parameters(update);
				if (completion != null) {
					parameters.outcome(completion.outcome(), completion.ttl());
				}
				parameters.id(id).number(observedFence);
				return update.executeUpdate() == 1;
			}
		});
	}

	/**
	 * {@inheritDoc}
	 * <p>
	 * One statement, led by an index. Rows are removed from the day after they expired.
	 * On PostgreSQL it passes over rows that another instance is just removing.
	 */
	@Override
	public int purgeExpired(int limit) {
		return call("purge", null, (connection) -> {
			try (PreparedStatement delete = prepare(connection, this.statements.purge)) {
				new Parameters(delete).number(limit);
				return delete.executeUpdate();
			}
		});
	}

	@Override
	public @Nullable CompletionSignals signals() {
		return null;
	}

	private @Nullable SqlRow select(Connection connection, RecordId id) throws SQLException {
		try (PreparedStatement select = prepare(connection, this.statements.select)) {
			new Parameters(select).id(id);
			return SqlRow.first(id, select);
		}
	}

	private static boolean left(@Nullable SqlRow row, Lease lease, RecordStatus status) {
		return row != null && row.left(lease, status);
	}

	private static boolean gone(@Nullable SqlRow row) {
		return row == null || row.expired();
	}

	private PreparedStatement prepare(Connection connection, String sql) throws SQLException {
		return this.connections.prepare(connection, sql);
	}

	private <T extends @Nullable Object> T call(String verb, @Nullable RecordId id, SqlConnections.Work<T> work) {
		try {
			return this.connections.call(work);
		}
		catch (SQLException ex) {
			if (this.connections.dialect().saysMissingTable(ex)) {
				throw this.schema.missing(ex);
			}
			throw new SqlStoreException("The database did not carry out the verb '" + verb + "'"
					+ ((id != null) ? " on record " + id : "") + ": " + ex.getMessage(), ex);
		}
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
		 * @param queryTimeout the time, rounded up to whole seconds, five seconds by
		 * default; zero for no limit
		 * @return this builder
		 */
		public Builder queryTimeout(Duration queryTimeout) {
			this.queryTimeout = queryTimeout;
			return this;
		}

		/**
		 * Build the store. Asks the database which one it is.
		 * @return the store
		 * @throws UnsupportedDatabaseException if there are no statements for it
		 * @throws SqlStoreException if it does not answer
		 */
		public SqlIdempotencyStore build() {
			return new SqlIdempotencyStore(this);
		}

	}

}
