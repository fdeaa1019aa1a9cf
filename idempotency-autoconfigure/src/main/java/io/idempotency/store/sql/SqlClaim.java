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
import java.sql.SQLTransactionRollbackException;
import java.util.Map;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * One claim. It goes:
 * <ol>
 * <li>Read the row, and insert it if it is not there. Where an insert tells what it did,
 * it comes first, unless the record was met lately: then a first run and a replay need
 * one statement each.
 * <li>If the row is the claimant's, the lease is acquired: now, or by the same claim sent
 * before.
 * <li>If it is not claimable, it is occupied.
 * <li>Update it on condition that it still has the fence that was seen and still is
 * claimable; if it is not, begin again. Where its owner was there until then, read once
 * more what that left.
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
		boolean insertFirst = this.verbs.dialect().insertAnswers() && !this.verbs.met().contains(this.request.id());
		ClaimResult result = insertFirst ? created() : null;
		for (int round = 0; result == null && round < ROUNDS; round++) {
			SqlRow row = this.verbs.select(this.connection, this.request.id());
			result = (row != null) ? decide(mayBeOutdated(row) ? readOrInsertNow() : row) : created();
		}
		if (result == null) {
			throw new SqlStoreException("Record " + this.request.id() + " changed hands " + ROUNDS
					+ " times during one claim: try again later", null);
		}
		return result;
	}

	/** Insert the record, unless somebody else did. */
	private @Nullable ClaimResult created() throws SQLException {
		if (this.verbs.dialect().insertAnswers()) {
			return insertAnswered();
		}
		insert();
		SqlRow row = this.verbs.select(this.connection, this.request.id());
		if (row == null && readsThePast()) {
			row = selectLocked();
		}
		return (row != null) ? decide(row) : null;
	}

	private @Nullable ClaimResult insertAnswered() throws SQLException {
		try (BoundedStatement insert = this.verbs.prepare(this.connection, this.statements.insert)) {
			setInserted(insert.parameters());
			Long fence = insert.number();
			return (fence != null) ? acquired(fence, 1, Map.of()) : null;
		}
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
		return (locked != null) ? this.verbs.select(this.connection, locked, this.request.id()) : null;
	}

	private @Nullable ClaimResult decide(SqlRow row) throws SQLException {
		if (row.ownedBy(this.request)) {
			return acquired(row);
		}
		this.verbs.met().add(this.request.id());
		if (!row.claimableBy(this.request)) {
			return new ClaimResult.Occupied(row.record());
		}
		if (row.expired()) {
			return takeOver(row) ? acquired(row.nextFence(), 1, Map.of()) : null;
		}
		// Read before, so that what cannot be read keeps its owner
		Map<String, StoredOutcome> checkpoints = row.checkpoints();
		if (!takeOver(row)) {
			return null;
		}
		// An owner whose lease lapsed may have done another step since it was read
		return row.record().lapsed() ? acquiredNow() : acquired(row.nextFence(), row.nextAttempt(), checkpoints);
	}

	private @Nullable ClaimResult acquiredNow() throws SQLException {
		SqlRow row = this.verbs.select(this.connection, this.request.id());
		return (row != null) ? decide(row) : null;
	}

	private ClaimResult acquired(SqlRow row) {
		return acquired(row.record().fence(), row.record().attempt(), row.checkpoints());
	}

	private ClaimResult acquired(long fence, int attempt, Map<String, StoredOutcome> checkpoints) {
		return new ClaimResult.Acquired(new Lease(this.request.id(), this.request.owner(), fence), attempt,
				checkpoints);
	}

	private void insert() throws SQLException {
		try (BoundedStatement insert = this.verbs.prepare(this.connection, this.statements.insert)) {
			setInserted(insert.parameters());
			insert.executeUpdate();
		}
		catch (SQLException ex) {
			if (!this.verbs.dialect().saysDuplicateKey(ex)) {
				throw ex;
			}
		}
	}

	private void setInserted(Parameters parameters) throws SQLException {
		parameters.id(this.request.id()).claimant(this.request).terms(this.request);
	}

	private boolean takeOver(SqlRow seen) throws SQLException {
		try (BoundedStatement update = this.verbs.prepare(this.connection, this.statements.takeOver.ofOne)) {
			update.parameters()
				.claimant(this.request)
				.number(seen.nextFence())
				.number(seen.nextAttempt())
				.terms(this.request)
				.id(this.request.id())
				.number(seen.record().fence());
			return update.executeUpdate() == 1;
		}
	}

}
