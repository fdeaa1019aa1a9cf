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
import java.util.Arrays;

import io.idempotency.store.Checkpoints;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.FailureNote;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * The verbs as statements on a connection, whoever lends it and whatever transaction it
 * is in. Safe for use by any number of threads.
 */
final class SqlVerbs {

	private final SqlDialect dialect;

	private final SqlStatements statements;

	private final MetRecords met;

	private final Preparation preparation;

	SqlVerbs(SqlDialect dialect, SqlStatements statements, MetRecords met, Preparation preparation) {
		this.dialect = dialect;
		this.statements = statements;
		this.met = met;
		this.preparation = preparation;
	}

	ClaimResult claim(Connection connection, ClaimRequest request) throws SQLException {
		return new SqlClaim(this, this.statements, connection, request).result();
	}

	boolean complete(Connection connection, Lease lease, StoredOutcome outcome, Duration ttl) throws SQLException {
		try (BoundedStatement update = prepare(connection, this.statements.complete.ofOne)) {
			update.parameters().outcome(outcome, ttl).lease(lease);
			this.met.add(lease.id());
			return update.executeUpdate() == 1;
		}
	}

	/**
	 * Give the record back, now or by the same verb sent before.
	 * @param connection where
	 * @param lease the owner's ticket
	 * @param how what becomes of it
	 * @return whether it was still the owner's
	 * @throws SQLException if the driver does
	 */
	boolean release(Connection connection, Lease lease, Release how) throws SQLException {
		if (how instanceof Release.Failed failed) {
			return note(connection, this.statements.fail.ofOne, lease, failed.note())
					|| left(connection, lease, RecordStatus.FAILED);
		}
		if (how instanceof Release.Unknown unknown) {
			return note(connection, this.statements.leaveUnknown.ofOne, lease, unknown.note())
					|| left(connection, lease, RecordStatus.UNKNOWN);
		}
		return forget(connection, lease) || gone(connection, lease.id());
	}

	boolean left(Connection connection, Lease lease, RecordStatus status) throws SQLException {
		SqlRow row = select(connection, lease.id());
		return row != null && row.left(lease, status);
	}

	private boolean gone(Connection connection, RecordId id) throws SQLException {
		SqlRow row = select(connection, id);
		return row == null || row.expired();
	}

	boolean forget(Connection connection, Lease lease) throws SQLException {
		try (BoundedStatement update = prepare(connection, this.statements.forget.ofOne)) {
			update.parameters().lease(lease);
			return update.executeUpdate() == 1;
		}
	}

	boolean renew(Connection connection, Lease lease, Duration extension) throws SQLException {
		try (BoundedStatement update = prepare(connection, this.statements.renew.ofOne)) {
			update.parameters().duration(extension).duration(extension).lease(lease);
			return update.executeUpdate() == 1;
		}
	}

	boolean checkpoint(Connection connection, Lease lease, String step, StoredOutcome outcome) throws SQLException {
		byte[] entry = Checkpoints.entry(step, outcome);
		String append = this.statements.appendCheckpoint;
		if (append == null) {
			return rewritten(connection, lease, step, entry);
		}
		try (BoundedStatement update = prepare(connection, append)) {
			update.parameters().bytes(entry).lease(lease);
			return update.executeUpdate() == 1;
		}
	}

	// A round is lost only to another step of the same run, whose entry is then there
	private boolean rewritten(Connection connection, Lease lease, String step, byte[] entry) throws SQLException {
		String read = (this.statements.selectLocked != null) ? this.statements.selectLocked : this.statements.select;
		while (true) {
			SqlRow row = select(connection, read, lease.id());
			if (row == null || !row.left(lease, RecordStatus.IN_PROGRESS)) {
				return false;
			}
			if (row.checkpoints().containsKey(step) || appended(connection, lease, row.unsettled(), entry)) {
				return true;
			}
		}
	}

	private boolean appended(Connection connection, Lease lease, byte[] present, byte[] entry) throws SQLException {
		byte[] all = Arrays.copyOf(present, present.length + entry.length);
		System.arraycopy(entry, 0, all, present.length, entry.length);
		try (BoundedStatement update = prepare(connection, this.statements.checkpoint)) {
			update.parameters().bytes(all).lease(lease).number(present.length);
			return update.executeUpdate() == 1;
		}
	}

	boolean resolve(Connection connection, RecordId id, long observedFence, Resolution how) throws SQLException {
		Resolution.Complete completion = (how instanceof Resolution.Complete complete) ? complete : null;
		try (BoundedStatement update = prepare(connection,
				(completion != null) ? this.statements.resolveComplete : this.statements.resolveRunAgain)) {
			Parameters parameters = update.parameters();
			if (completion != null) {
				parameters.outcome(completion.outcome(), completion.ttl());
			}
			parameters.id(id).number(observedFence);
			return update.executeUpdate() == 1;
		}
	}

	int purge(Connection connection, int limit) throws SQLException {
		try (BoundedStatement delete = prepare(connection, this.statements.purge)) {
			delete.parameters().number(limit);
			return delete.executeUpdate();
		}
	}

	@Nullable SqlRow select(Connection connection, RecordId id) throws SQLException {
		return select(connection, this.statements.select, id);
	}

	@Nullable SqlRow select(Connection connection, String sql, RecordId id) throws SQLException {
		try (BoundedStatement select = prepare(connection, sql)) {
			select.parameters().id(id);
			return select.row(id);
		}
	}

	SqlDialect dialect() {
		return this.dialect;
	}

	MetRecords met() {
		return this.met;
	}

	BoundedStatement prepare(Connection connection, String sql) throws SQLException {
		return this.preparation.prepare(connection, sql);
	}

	private boolean note(Connection connection, String sql, Lease lease, FailureNote note) throws SQLException {
		try (BoundedStatement update = prepare(connection, sql)) {
			update.parameters().note(note).lease(lease);
			return update.executeUpdate() == 1;
		}
	}

	/**
	 * Prepares statements that give up in time.
	 */
	@FunctionalInterface
	interface Preparation {

		BoundedStatement prepare(Connection connection, String sql) throws SQLException;

	}

}
