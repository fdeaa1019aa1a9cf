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

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.RecordId;

/**
 * A statement for each record, which the driver sends together, and which one transaction
 * commits; reads are one statement for as many records as fit. A statement that the
 * database gives up takes the rest of its transaction with it, so all of it may be tried
 * again.
 */
final class BatchedStatements implements ManyStatements {

	// Oracle takes 1,000 in a list
	private static final int MOST_READ = 512;

	private static final String READ = """
			SELECT ${columns}, ${now}, id FROM ${table} WHERE id IN (%s)
			""";

	private final SqlVerbs verbs;

	private final SqlStatements statements;

	BatchedStatements(SqlVerbs verbs, SqlStatements statements) {
		this.verbs = verbs;
		this.statements = statements;
	}

	@Override
	public SqlRow.Many open(Connection connection, Collection<ClaimRequest> requests) throws SQLException {
		return read(connection, requests.stream().map(ClaimRequest::id).toList());
	}

	@Override
	public void insert(Connection connection, List<ClaimRequest> requests) throws SQLException {
		inTransaction(connection, () -> {
			try (BoundedStatement insert = this.verbs.prepare(connection, this.statements.insert)) {
				for (ClaimRequest request : requests) {
					insert.parameters().id(request.id()).claimant(request).terms(request);
					insert.add();
				}
				return insert.executeAdded();
			}
			catch (BatchUpdateException ex) {
				if (!this.verbs.dialect().saysDuplicateKey(ex)) {
					throw ex;
				}
				return new int[0]; // what is there now, is read next
			}
		});
	}

	@Override
	public SqlRow.Many read(Connection connection, Collection<RecordId> ids) throws SQLException {
		SqlRow.Many all = new SqlRow.Many(new HashMap<>(), new HashMap<>());
		List<RecordId> list = List.copyOf(ids);
		for (int from = 0; from < list.size(); from += MOST_READ) {
			SqlRow.Many some = readSome(connection, list.subList(from, Math.min(from + MOST_READ, list.size())));
			all.readable().putAll(some.readable());
			all.unreadable().putAll(some.unreadable());
		}
		return all;
	}

	/**
	 * With few lengths of the list, so that the statement is often one that was prepared.
	 */
	private SqlRow.Many readSome(Connection connection, List<RecordId> ids) throws SQLException {
		int length = Math.max(Integer.highestOneBit(2 * ids.size() - 1), 1);
		String sql = this.statements.format(READ.formatted(String.join(", ", Collections.nCopies(length, "?"))));
		try (BoundedStatement select = this.verbs.prepare(connection, sql)) {
			Parameters parameters = select.parameters();
			for (int i = 0; i < length; i++) {
				parameters.id(ids.get(Math.min(i, ids.size() - 1)));
			}
			return select.rows();
		}
	}

	@Override
	public Set<RecordId> update(Connection connection, String sql, List<Change> changes) throws SQLException {
		int[] counts = inTransaction(connection, () -> {
			try (BoundedStatement update = this.verbs.prepare(connection, sql)) {
				for (Change change : changes) {
					change.parameters().of(update.parameters());
					update.add();
				}
				return update.executeAdded();
			}
		});
		Set<RecordId> updated = new HashSet<>();
		for (int i = 0; i < counts.length; i++) {
			if (counts[i] == 1) {
				updated.add(changes.get(i).id());
			}
		}
		return updated;
	}

	private static int[] inTransaction(Connection connection, Batch batch) throws SQLException {
		connection.setAutoCommit(false);
		try {
			int[] counts = batch.execute();
			connection.commit();
			return counts;
		}
		catch (SQLException | RuntimeException ex) {
			connection.rollback();
			throw ex;
		}
		finally {
			connection.setAutoCommit(true);
		}
	}

	/**
	 * Statements that are executed together.
	 */
	@FunctionalInterface
	private interface Batch {

		int[] execute() throws SQLException;

	}

}
