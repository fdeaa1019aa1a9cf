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
import java.util.Collection;
import java.util.List;
import java.util.Set;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.RecordId;

/**
 * Statements on many records, in whatever form the database takes them. Those that write
 * are given the records in the order of their ids, and lock them in that order.
 */
interface ManyStatements {

	/**
	 * Read the records. May insert those that are missing.
	 * @param connection where
	 * @param requests the claims
	 * @return the rows, as far as they are there
	 * @throws SQLException if the driver does
	 */
	SqlRow.Many open(Connection connection, Collection<ClaimRequest> requests) throws SQLException;

	/**
	 * Insert records that were missing, unless somebody else just did.
	 * @param connection where
	 * @param requests the claims
	 * @throws SQLException if the driver does
	 */
	void insert(Connection connection, List<ClaimRequest> requests) throws SQLException;

	/**
	 * Read records.
	 * @param connection where
	 * @param ids which
	 * @return the rows, as far as they are there
	 * @throws SQLException if the driver does
	 */
	SqlRow.Many read(Connection connection, Collection<RecordId> ids) throws SQLException;

	/**
	 * Update records.
	 * @param connection where
	 * @param update one of {@link SqlStatements#updatesOfMany()}
	 * @param changes what is changed
	 * @return those that are known to have been updated; of others it is not known
	 * @throws SQLException if the driver does
	 */
	Set<RecordId> update(Connection connection, SqlUpdate update, List<Change> changes) throws SQLException;

	/**
	 * A change of one record.
	 *
	 * @param id the record
	 * @param parameters sets those of the statement
	 */
	record Change(RecordId id, Setting parameters) {

	}

	/**
	 * Sets the parameters for one record.
	 */
	@FunctionalInterface
	interface Setting {

		void of(Parameters parameters) throws SQLException;

	}

}
