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
import java.util.stream.IntStream;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.RecordId;

/**
 * A statement for each record, which the driver sends together, and which one transaction
 * commits; reads are one statement for as many records as fit. A statement that the
 * database gives up takes the rest of its transaction with it, so all of it may be tried
 * again.
 */
final class BatchedStatements implements ManyStatements {

	// A power of two: Oracle takes 1,000 in a list
	private static final int MOST_READ = 512;

	private static final String READ = """
			SELECT ${columns}, ${now}, id FROM ${table} WHERE id IN (%s)
			""";

	private final SqlVerbs verbs;

	private final String insert;

	// Of one id, of two, of four and so on
	private final List<String> reads;

	BatchedStatements(SqlVerbs verbs, SqlStatements statements) {
		this.verbs = verbs;
		this.insert = statements.insert;
		this.reads = IntStream.iterate(1, (length) -> length <= MOST_READ, (length) -> 2 * length)
			.mapToObj((length) -> String.join(", ", Collections.nCopies(length, "?")))
			.map((parameters) -> statements.format(READ.formatted(parameters)))
			.toList();
	}

	@Override
	public SqlRow.Many open(Connection connection, Collection<ClaimRequest> requests) throws SQLException {
		return read(connection, requests.stream().map(ClaimRequest::id).toList());
	}

	@Override
	public void insert(Connection connection, List<ClaimRequest> requests) throws SQLException {
		inTransaction(connection, () -> {
			try (BoundedStatement insert = this.verbs.prepare(connection, this.insert)) {
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
		int length = Integer.highestOneBit(2 * ids.size() - 1);
		try (BoundedStatement select = this.verbs.prepare(connection,
				this.reads.get(Integer.numberOfTrailingZeros(length)))) {
			Parameters parameters = select.parameters();
			for (int i = 0; i < length; i++) {
				parameters.id(ids.get(Math.min(i, ids.size() - 1)));
			}
			return select.rows();
		}
	}

	@Override
	public Set<RecordId> update(Connection connection, SqlUpdate update, List<Change> changes) throws SQLException {
		int[] counts = inTransaction(connection, () -> {
			try (BoundedStatement statement = this.verbs.prepare(connection, update.ofOne)) {
				for (Change change : changes) {
					change.parameters().of(statement.parameters());
					statement.add();
				}
				return statement.executeAdded();
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
		try (Transaction transaction = new Transaction(connection)) {
			int[] counts = batch.execute();
			transaction.commit();
			return counts;
		}
	}

	/**
	 * Statements that are executed together.
	 */
	@FunctionalInterface
	private interface Batch {

		int[] execute() throws SQLException;

	}

	/**
	 * Taken back unless it was committed. What fails then is suppressed by what made it
	 * fail before.
	 */
	private static final class Transaction implements AutoCloseable {

		private final Connection connection;

		private boolean committed;

		Transaction(Connection connection) throws SQLException {
			this.connection = connection;
			connection.setAutoCommit(false);
		}

		void commit() throws SQLException {
			this.connection.commit();
			this.committed = true;
		}

		@Override
		public void close() throws SQLException {
			try (Ending autocommit = () -> this.connection.setAutoCommit(true)) {
				if (!this.committed) {
					this.connection.rollback();
				}
			}
		}

	}

	/**
	 * What is done last, whether or not it was preceded by a failure.
	 */
	@FunctionalInterface
	private interface Ending extends AutoCloseable {

		@Override
		void close() throws SQLException;

	}

}
