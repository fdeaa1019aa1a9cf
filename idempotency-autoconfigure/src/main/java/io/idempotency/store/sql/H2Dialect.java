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
import java.util.Set;

/**
 * H2 from version 2, which took to the standard's types: before it, {@code BINARY} had no
 * fixed length.
 *
 * @see <a href="https://h2database.com/html/migration-to-v2.html">Migration to 2.0</a>
 */
final class H2Dialect extends SqlDialect {

	private static final Set<String> DUPLICATE_KEY = Set.of("23505");

	private static final Set<String> MISSING_TABLE = Set.of("42S02", "42S03", "42S04", "42S22", "90079");

	// Of LOCK_TIMEOUT, and of a row that changed meanwhile
	private static final Set<String> LOCK_TIMEOUT = Set.of("HYT00", "90131");

	H2Dialect() {
		super("h2", new SqlVersion(2, 0), "H2");
	}

	@Override
	String now() {
		return "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP(6)) * 1000000 AS BIGINT)";
	}

	@Override
	String selectLocked() {
		return """
				SELECT ${columns}, ${now} FROM ${table} WHERE id = ? FOR UPDATE
				""";
	}

	@Override
	String purge() {
		return """
				DELETE FROM ${table}
				WHERE purge_day <= ${today} AND expires_at <= ${now} AND format <= ${format}
				FETCH FIRST ? ROWS ONLY
				""";
	}

	// H2 would keep a statement's time-out for everyone who gets the connection later;
	// it gives up a lock after LOCK_TIMEOUT by itself.
	@Override
	boolean statementTimeouts() {
		return false;
	}

	@Override
	boolean saysDuplicateKey(SQLException ex) {
		return hasState(ex, DUPLICATE_KEY);
	}

	@Override
	boolean saysMissingTable(SQLException ex) {
		return hasState(ex, MISSING_TABLE);
	}

	@Override
	boolean saysTryAgain(SQLException ex) {
		return super.saysTryAgain(ex) || hasState(ex, LOCK_TIMEOUT);
	}

}
