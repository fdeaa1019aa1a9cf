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
import java.sql.SQLTransactionRollbackException;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordStatus;
import org.jspecify.annotations.Nullable;

/**
 * One claim. It goes:
 * <ol>
 * <li>Read the row, and insert it if it is not there.
 * <li>If the row is the claimant's, the lease is acquired: now, or by the same claim sent
 * before.
 * <li>If it is not claimable, it is occupied.
 * <li>Update it on condition that it still has the fence that was seen and still is
 * claimable; if it is not, begin again.
 * </ol>
 */
final class SqlClaim {

	// Each round is lost to somebody else's progress; nobody loses that many in practice
	private static final int ROUNDS = 50;

	private static final String SERIALIZATION_FAILURE = "40001";

	private final SqlVerbs verbs;

	private final SqlStatements statements;

	private final Connection connection;

	private final ClaimRequest request;

	SqlClaim(SqlVerbs verbs, SqlStatements statements, Connection connection, ClaimRequest request) {
		this.verbs = verbs;
		this.statements = statements;
		this.connection = connection;
		this.request = request;
	}

	ClaimResult result() throws SQLException {
		for (int round = 0; round < ROUNDS; round++) {
			SqlRow row = readOrInsert();
			ClaimResult result = (row != null) ? decide(row) : null;
			if (result != null) {
				return result;
			}
		}
		throw new SqlStoreException(
				"Record " + this.request.id() + " changed hands " + ROUNDS + " times during one claim: try again later",
				null);
	}

	private @Nullable SqlRow readOrInsert() throws SQLException {
		String probe = this.statements.probe;
		SqlRow row = (probe != null) ? probe(probe) : select(this.statements.select);
		if (row != null) {
			return mayBeOutdated(row) ? readOrInsertNow() : row;
		}
		if (probe == null) {
			insert();
		}
		row = select(this.statements.select);
		return (row == null && readsThePast()) ? selectLocked() : row;
	}

	// What the transaction still sees may have been purged
	private SqlRow readOrInsertNow() throws SQLException {
		SqlRow row = lockedRow();
		if (row != null) {
			return row;
		}
		insert();
		return selectLocked();
	}

	private boolean mayBeOutdated(SqlRow row) throws SQLException {
		boolean settled = row.record().status() == RecordStatus.COMPLETED && !row.expired();
		return !settled && this.statements.selectLocked != null && readsThePast();
	}

	// In a transaction above READ COMMITTED, and MySQL's are REPEATABLE READ by default,
	// plain reads go on to show what the first one saw
	private boolean readsThePast() throws SQLException {
		return !this.connection.getAutoCommit()
				&& this.connection.getTransactionIsolation() > Connection.TRANSACTION_READ_COMMITTED;
	}

	private SqlRow selectLocked() throws SQLException {
		SqlRow row = lockedRow();
		if (row == null) {
			throw new SQLTransactionRollbackException(
					"Record " + this.request.id() + " was changed by another transaction since this one began to read",
					SERIALIZATION_FAILURE);
		}
		return row;
	}

	private @Nullable SqlRow lockedRow() throws SQLException {
		String locked = this.statements.selectLocked;
		return (locked != null) ? select(locked) : null;
	}

	private @Nullable ClaimResult decide(SqlRow row) throws SQLException {
		if (row.ownedBy(this.request)) {
			return acquired(row.record().fence(), row.record().attempt());
		}
		if (!row.claimableBy(this.request)) {
			return new ClaimResult.Occupied(row.record());
		}
		return takeOver(row.record(), row.nextFence(), row.nextAttempt()) ? acquired(row.nextFence(), row.nextAttempt())
				: null;
	}

	private ClaimResult acquired(long fence, int attempt) {
		return new ClaimResult.Acquired(new Lease(this.request.id(), this.request.owner(), fence), attempt);
	}

	private @Nullable SqlRow probe(String sql) throws SQLException {
		try (PreparedStatement probe = this.verbs.prepare(this.connection, sql)) {
			new Parameters(probe).id(this.request.id())
				.id(this.request.id())
				.claimant(this.request)
				.terms(this.request);
			return SqlRow.first(this.request.id(), probe);
		}
	}

	private @Nullable SqlRow select(String sql) throws SQLException {
		try (PreparedStatement select = this.verbs.prepare(this.connection, sql)) {
			new Parameters(select).id(this.request.id());
			return SqlRow.first(this.request.id(), select);
		}
	}

	private void insert() throws SQLException {
		try (PreparedStatement insert = this.verbs.prepare(this.connection, this.statements.insert)) {
			new Parameters(insert).id(this.request.id()).claimant(this.request).terms(this.request);
			insert.executeUpdate();
		}
		catch (SQLException ex) {
			if (!this.verbs.dialect().saysDuplicateKey(ex)) {
				throw ex;
			}
		}
	}

	private boolean takeOver(IdempotencyRecord seen, long fence, int attempt) throws SQLException {
		try (PreparedStatement update = this.verbs.prepare(this.connection, this.statements.takeOver)) {
			new Parameters(update).claimant(this.request)
				.number(fence)
				.number(attempt)
				.terms(this.request)
				.id(this.request.id())
				.number(seen.fence());
			return update.executeUpdate() == 1;
		}
	}

}
