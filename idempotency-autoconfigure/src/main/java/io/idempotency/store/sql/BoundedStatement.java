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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import io.idempotency.store.RecordId;
import org.jspecify.annotations.Nullable;

/**
 * A statement that gives up in time. After its limit it is cancelled, which only asks the
 * server to stop; a server that is frozen or cut off does not hear that, and a second
 * later the connection is aborted. A cancellation never reaches beyond {@link #close()},
 * so that it meets no other statement.
 */
final class BoundedStatement implements AutoCloseable {

	private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final PreparedStatement statement;

	private final @Nullable Connection lent;

	private final @Nullable StatementWatch watch;

	private final long deadline;

	private boolean cancelled;

	private boolean cancelling;

	private boolean aborted;

	private boolean ended;

	/**
	 * Create a statement that the driver bounds.
	 * @param statement the statement, its time-out set
	 */
	BoundedStatement(PreparedStatement statement) {
		this(statement, null, null, 0);
	}

	BoundedStatement(PreparedStatement statement, @Nullable Connection lent, @Nullable StatementWatch watch,
			long deadline) {
		this.statement = statement;
		this.lent = lent;
		this.watch = watch;
		this.deadline = deadline;
	}

	/**
	 * Set the parameters.
	 * @return the parameters, none of them set yet
	 */
	Parameters parameters() {
		return new Parameters(this.statement);
	}

	/**
	 * Add what was set to those that are executed together.
	 * @throws SQLException if the driver does
	 */
	void add() throws SQLException {
		this.statement.addBatch();
	}

	/**
	 * Execute all that was added.
	 * @return of each how many rows it changed, where the driver knows
	 * @throws SQLException if the driver does
	 */
	int[] executeAdded() throws SQLException {
		return this.statement.executeBatch();
	}

	/**
	 * Set the parameters of many rows, each an array.
	 * @return the arrays, still empty
	 */
	ParameterArrays arrays() {
		return new ParameterArrays(this.statement);
	}

	int executeUpdate() throws SQLException {
		return this.statement.executeUpdate();
	}

	/**
	 * Run a query for one number.
	 * @return the number, or {@code null} if there is no row
	 * @throws SQLException if the driver does
	 */
	@Nullable Long number() throws SQLException {
		try (ResultSet rows = this.statement.executeQuery()) {
			return rows.next() ? rows.getLong(1) : null;
		}
	}

	/**
	 * Run a query for one row.
	 * @param id the record that it is on
	 * @return the row, or {@code null} if there is none
	 * @throws SQLException if the driver does
	 */
	@Nullable SqlRow row(RecordId id) throws SQLException {
		return SqlRow.first(id, this.statement);
	}

	/**
	 * Run a query for many rows.
	 * @return the rows
	 * @throws SQLException if the driver does
	 */
	SqlRow.Many rows() throws SQLException {
		try (ResultSet rows = this.statement.executeQuery()) {
			return SqlRow.all(rows);
		}
	}

	/**
	 * Run a query for ids.
	 * @return the ids
	 * @throws SQLException if the driver does
	 */
	Set<RecordId> ids() throws SQLException {
		try (ResultSet rows = this.statement.executeQuery()) {
			Set<RecordId> ids = new HashSet<>();
			while (rows.next()) {
				ids.add(RecordId.of(rows.getBytes(1)));
			}
			return ids;
		}
	}

	synchronized void check(long now) {
		if (this.ended) {
			return;
		}
		if (!this.cancelled && now - this.deadline >= 0) {
			inBackground("cancel", this::cancel);
			this.cancelled = true;
			this.cancelling = true;
		}
		if (this.lent != null && !this.aborted && now - this.deadline >= GRACE_NANOS) {
			inBackground("abort", this::abort);
			this.aborted = true;
			notifyAll();
		}
	}

	private void cancel() {
		try {
			this.statement.cancel();
		}
		catch (SQLException | RuntimeException ex) {
			// Whoever waits for the statement learns what is wrong
		}
		finally {
			synchronized (this) {
				this.cancelling = false;
				notifyAll();
			}
		}
	}

	private void abort() {
		Connection connection = this.lent;
		try {
			if (connection != null) {
				connection.abort(Runnable::run);
			}
		}
		catch (SQLException | RuntimeException ex) {
			// Whoever waits for the statement learns what is wrong
		}
	}

	private static void inBackground(String what, Runnable task) {
		Thread thread = new Thread(task, "idempotency-sql-" + what);
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() throws SQLException {
		StatementWatch watch = this.watch;
		if (watch != null) {
			awaitCancellation();
			watch.ended(this);
		}
		this.statement.close();
	}

	private synchronized void awaitCancellation() {
		this.ended = true;
		boolean interrupted = false;
		while (this.cancelling && !this.aborted) {
			try {
				wait();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

}
