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

import io.idempotency.store.RecordId;
import org.jspecify.annotations.Nullable;

/**
 * Carries out verbs on connections of their own, and says what became of one that failed.
 * What the database gave up for the sake of others, a deadlock or a lock that was not to
 * be had, is tried again a few times: nothing of it was applied, and a verb that was is
 * idempotent. There is no pause, because whoever was preferred still holds the lock, and
 * the next try waits for that.
 */
final class SqlCalls {

	private static final int TRIES = 4;

	private final SqlConnections connections;

	private final IdempotencySchema schema;

	private final long patienceNanos;

	/**
	 * Prepare to carry out verbs.
	 * @param connections where
	 * @param schema the table that they work on
	 * @param patience after which time nothing is tried again
	 */
	SqlCalls(SqlConnections connections, IdempotencySchema schema, Duration patience) {
		this.connections = connections;
		this.schema = schema;
		this.patienceNanos = patience.toNanos();
	}

	/**
	 * Carry out a verb.
	 * @param <T> what it results in
	 * @param verb its name, for people
	 * @param id the record that it is on
	 * @param work the statements
	 * @return its result
	 * @throws MissingTableException if there is no table
	 * @throws SqlStoreException if the database does not do it, once more than enough
	 */
	<T extends @Nullable Object> T call(String verb, RecordId id, SqlConnections.Work<T> work) {
		return call("'" + verb + "' on record " + id, () -> this.connections.call(work));
	}

	/**
	 * Carry out a verb that is on many records, in READ COMMITTED.
	 * @param <T> what it results in
	 * @param verb its name, for people
	 * @param work the statements
	 * @return its result
	 * @throws MissingTableException if there is no table
	 * @throws SqlStoreException if the database does not do it, once more than enough
	 */
	<T extends @Nullable Object> T callOnMany(String verb, SqlConnections.Work<T> work) {
		return call("'" + verb + "' on many records", () -> this.connections.callReadCommitted(work));
	}

	private <T extends @Nullable Object> T call(String what, Attempt<T> attempt) {
		long start = System.nanoTime();
		for (int tries = 1;; tries++) {
			try {
				return attempt.make();
			}
			catch (SQLException ex) {
				boolean again = tries < TRIES && this.connections.dialect().saysTryAgain(ex)
						&& System.nanoTime() - start < this.patienceNanos;
				if (!again) {
					throw failure(what, ex);
				}
			}
		}
	}

	private SqlStoreException failure(String what, SQLException ex) {
		if (this.connections.dialect().saysMissingTable(ex)) {
			return this.schema.missing(ex);
		}
		return new SqlStoreException("The database did not carry out the verb " + what + ": " + ex.getMessage(), ex);
	}

	/**
	 * One try.
	 *
	 * @param <T> what it results in
	 */
	@FunctionalInterface
	private interface Attempt<T extends @Nullable Object> {

		T make() throws SQLException;

	}

}
