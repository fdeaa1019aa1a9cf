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
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.Set;

/**
 * MariaDB from version 10.6, and MySQL from version 8, with which SKIP LOCKED came. They
 * are one dialect with one migration because there is no telling them apart by name:
 * MySQL's driver calls both MySQL.
 *
 * @see <a href="https://mariadb.com/kb/en/select/#skip-locked">MariaDB: SKIP LOCKED</a>
 * @see <a href="https://dev.mysql.com/doc/refman/8.0/en/innodb-locking-reads.html">MySQL:
 * locking reads</a>
 */
final class MySqlDialect extends SqlDialect {

	private static final Set<Integer> DUPLICATE_KEY = Set.of(1062);

	// No such database, column, table
	private static final Set<Integer> MISSING_TABLE = Set.of(1049, 1054, 1146);

	private static final String START_OF_STATEMENT = "TIMESTAMPDIFF(MICROSECOND, TIMESTAMP '1970-01-01 00:00:00', "
			+ "UTC_TIMESTAMP(6))";

	// Record has changed, lock wait time-out, deadlock
	private static final Set<Integer> TRY_AGAIN = Set.of(1020, 1205, 1213);

	// Of innodb_lock_wait_timeout, and of a statement that was stopped
	private static final Set<Integer> WAITED_TOO_LONG = Set.of(1205, 1317, 1969, 3024);

	private static final SqlVersion OLDEST_MARIADB = new SqlVersion(10, 6);

	// What MariaDB says before its own version, or replicas of MySQL would refuse it
	private static final String MARIADB_PREFIX = "5.5.5-";

	MySqlDialect() {
		super("mysql", new SqlVersion(8, 0), "MariaDB", "MySQL");
	}

	// In the text, because MySQL's driver takes the numbers from that prefix
	@Override
	void checkVersion(DatabaseMetaData metaData) throws SQLException {
		String text = metaData.getDatabaseProductVersion();
		if (!text.contains("MariaDB")) {
			super.checkVersion(metaData);
			return;
		}
		SqlVersion found = SqlVersion
			.in(text.startsWith(MARIADB_PREFIX) ? text.substring(MARIADB_PREFIX.length()) : text);
		requireAtLeast(OLDEST_MARIADB, (found != null) ? found : SqlVersion.of(metaData), "MariaDB", metaData);
	}

	// UTC_TIMESTAMP knows no time zone but stands still while the statement waits for a
	// lock. SYSDATE goes on but tells the session's time, and an hour of that comes twice
	// a year. So the one, and what has passed by the other since: less than a quarter of
	// an hour, and a change of the offset during the statement is a multiple of that.
	@Override
	String now() {
		return "(" + START_OF_STATEMENT
				+ " + MOD(GREATEST(TIMESTAMPDIFF(MICROSECOND, NOW(6), SYSDATE(6)), 0), 900000000))";
	}

	// CAST and / would round
	@Override
	String day(String micros) {
		return "(" + micros + ") DIV 86400000000";
	}

	// The update that changes nothing leaves the key locked for the one who asked last,
	// while a refused insert would lock it for all who asked, who could then wait for
	// each other. How many rows it says it touched depends on the driver's settings and
	// tells nothing.
	@Override
	String insert() {
		return super.insert() + """
				ON DUPLICATE KEY UPDATE id = id
				""";
	}

	@Override
	String selectLocked() {
		return """
				SELECT ${columns}, ${now} FROM ${table} WHERE id = ? FOR UPDATE
				""";
	}

	// SYSDATE cannot be the bound of an index scan, and there is no need of it: what had
	// expired when the statement began will do. In this order, or a small table would be
	// read as a whole and each of its rows locked.
	@Override
	String purge() {
		return """
				DELETE FROM ${table} USING (
					SELECT id FROM ${table}
					WHERE purge_day <= %s AND expires_at <= %s AND format <= ${format}
					ORDER BY purge_day LIMIT ?
					FOR UPDATE SKIP LOCKED) expired
				STRAIGHT_JOIN ${table} ON ${table}.id = expired.id
				""".formatted(day(START_OF_STATEMENT), START_OF_STATEMENT);
	}

	// Its default is REPEATABLE READ, and here it costs a round trip to change that
	@Override
	boolean autocommitsIn(int isolation) {
		return isolation == Connection.TRANSACTION_REPEATABLE_READ || isolation == Connection.TRANSACTION_SERIALIZABLE;
	}

	@Override
	boolean saysDuplicateKey(SQLException ex) {
		return hasCode(ex, DUPLICATE_KEY);
	}

	@Override
	boolean saysMissingTable(SQLException ex) {
		return hasCode(ex, MISSING_TABLE);
	}

	@Override
	boolean saysTryAgain(SQLException ex) {
		return super.saysTryAgain(ex) || hasCode(ex, TRY_AGAIN);
	}

	@Override
	boolean saysWaitedTooLong(SQLException ex) {
		return super.saysWaitedTooLong(ex) || hasCode(ex, WAITED_TOO_LONG);
	}

}
