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

import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What differs from one database to the next. The verbs are the same everywhere; a
 * constant says how this database tells the time, which errors mean what, and where it
 * has a better statement than the common one.
 */
enum SqlDialect {

	/** PostgreSQL from version 13. */
	POSTGRESQL("PostgreSQL", "postgresql", Set.of("42P01", "3F000", "42703")) {

		// Not now(), which stands still while a statement waits for a lock. Not
		// extract(),
		// which computes in numeric; a double carries microseconds exactly until 2106.
		@Override
		String now() {
			return "(date_part('epoch', clock_timestamp()) * 1000000)::bigint";
		}

		// Looks first, so that a replay gets no transaction id and writes no WAL. No row
		// at
		// all means that another transaction inserted the record after this statement's
		// snapshot: a statement of its own sees it.
		@Override
		String probe() {
			return """
					WITH clock AS MATERIALIZED (SELECT ${now} AS micros),
					found AS MATERIALIZED (SELECT ${columns} FROM ${table} WHERE id = ?),
					created AS (
						INSERT INTO ${table} (${claim-columns})
						SELECT ?, ?, ?, ?, micros, ?, micros, micros, micros + ?, micros + ?, ?, ${day(micros + ?)},
							${in-progress}, 1, ${format}
						FROM clock WHERE NOT EXISTS (SELECT 1 FROM found)
						ON CONFLICT (id) DO NOTHING
						RETURNING ${columns})
					SELECT ${columns}, micros FROM created, clock
					UNION ALL
					SELECT ${columns}, micros FROM found, clock
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
		boolean statementTimeouts() {
			return true;
		}

	},

	/** H2 from version 2. */
	H2("H2", "h2", Set.of("42S02", "42S03", "42S04", "42S22", "90079")) {

		@Override
		String now() {
			return "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP(6)) * 1000000 AS BIGINT)";
		}

		@Override
		@Nullable String probe() {
			return null;
		}

		@Override
		String purge() {
			return """
					DELETE FROM ${table}
					WHERE purge_day <= ${today} AND expires_at <= ${now} AND format <= ${format}
					FETCH FIRST ? ROWS ONLY
					""";
		}

		// H2 would keep a statement's time-out for everyone who gets the connection
		// later;
		// it gives up a lock after LOCK_TIMEOUT by itself.
		@Override
		boolean statementTimeouts() {
			return false;
		}

	};

	private static final String DUPLICATE_KEY = "23505";

	private final String product;

	private final String directory;

	private final Set<String> missingTableStates;

	SqlDialect(String product, String directory, Set<String> missingTableStates) {
		this.product = product;
		this.directory = directory;
		this.missingTableStates = missingTableStates;
	}

	/**
	 * Find the dialect of a database.
	 * @param metaData what its driver says
	 * @return the dialect
	 * @throws SQLException if the driver does not answer
	 * @throws UnsupportedDatabaseException if there is none
	 */
	static SqlDialect of(DatabaseMetaData metaData) throws SQLException {
		String name = metaData.getDatabaseProductName();
		for (SqlDialect dialect : values()) {
			if (dialect.product.equals(name)) {
				return dialect;
			}
		}
		throw new UnsupportedDatabaseException(name,
				Arrays.stream(values()).map((dialect) -> dialect.product).toList());
	}

	/**
	 * Return where the migrations are.
	 * @return a folder of the class path
	 */
	String migrations() {
		return "db/idempotency/" + this.directory;
	}

	/**
	 * Return the expression for this moment.
	 * @return an expression of type BIGINT, microseconds since 1970, not older than the
	 * statement
	 */
	abstract String now();

	/**
	 * Return the statement that reads the record or, if there is none, inserts it, and
	 * writes nothing if there is one. It takes the id and then what an insert takes, and
	 * answers with what a read answers.
	 * @return the statement, or {@code null} to read, insert and read again
	 */
	abstract @Nullable String probe();

	/**
	 * Return the statement that removes expired rows and takes their greatest number.
	 * @return the statement
	 */
	abstract String purge();

	/**
	 * Return whether a statement's time-out ends with the statement.
	 * @return whether statements are given a time-out
	 */
	abstract boolean statementTimeouts();

	boolean saysDuplicateKey(SQLException ex) {
		return DUPLICATE_KEY.equals(ex.getSQLState());
	}

	boolean saysMissingTable(SQLException ex) {
		return this.missingTableStates.contains(String.valueOf(ex.getSQLState()));
	}

}
