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
 * PostgreSQL from version 13, the oldest that the tests run on. A common table expression
 * is {@code MATERIALIZED} from version 12.
 *
 * @see <a href="https://www.postgresql.org/docs/release/12.0/">PostgreSQL: release 12</a>
 */
final class PostgresDialect extends SqlDialect {

	private static final Set<String> DUPLICATE_KEY = Set.of("23505");

	private static final Set<String> MISSING_TABLE = Set.of("42P01", "3F000", "42703");

	// Of lock_timeout
	private static final Set<String> LOCK_NOT_AVAILABLE = Set.of("55P03");

	PostgresDialect() {
		super("postgresql", new SqlVersion(13, 0), "PostgreSQL");
	}

	// Not now(), which stands still while a statement waits for a lock. Not extract(),
	// which computes in numeric; a double carries microseconds exactly until 2106.
	@Override
	String now() {
		return "(date_part('epoch', clock_timestamp()) * 1000000)::bigint";
	}

	// A conflict with a row that is there is found before anything is written: a replay
	// gets no transaction id and writes no WAL. Reading and inserting in one statement
	// would cost a first run and a replay more than the other half of it does by itself.
	@Override
	String insert() {
		return super.insert() + """
				ON CONFLICT (id) DO NOTHING
				RETURNING fence
				""";
	}

	@Override
	boolean insertAnswers() {
		return true;
	}

	@Override
	boolean takesArrays() {
		return true;
	}

	// Of the driver, whose java.util.Timer is woken for each statement
	@Override
	boolean timersAreDear() {
		return true;
	}

	@Override
	String appendCheckpoint() {
		return """
				UPDATE ${table} SET payload = COALESCE(payload, '') || ?
				WHERE id = ? AND ${mine} AND status = ${in-progress}
				""";
	}

	// The time comes from a sub-select, evaluated once: a volatile function cannot be
	// the bound of an index scan.
	@Override
	String purge() {
		return """
				WITH expired AS MATERIALIZED (
					SELECT id FROM ${table}
					WHERE purge_day <= (SELECT ${today}) AND expires_at <= (SELECT ${now}) AND format <= ${format}
					ORDER BY purge_day LIMIT ?
					FOR UPDATE SKIP LOCKED)
				DELETE FROM ${table} USING expired WHERE ${table}.id = expired.id
				""";
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
		return super.saysTryAgain(ex) || hasState(ex, LOCK_NOT_AVAILABLE);
	}

}
