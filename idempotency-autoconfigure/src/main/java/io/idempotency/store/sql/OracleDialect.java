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
 * Oracle from version 19, the oldest with premier or extended support.
 *
 * @see <a href=
 * "https://www.oracle.com/us/assets/lifetime-support-technology-069183.pdf">Oracle:
 * lifetime support</a>
 */
final class OracleDialect extends SqlDialect {

	private static final Set<Integer> DUPLICATE_KEY = Set.of(1);

	// No such column, table, user
	private static final Set<Integer> MISSING_TABLE = Set.of(904, 942, 1918);

	// Row locked, time-out of a lock, deadlock, not serializable, WAIT is over
	private static final Set<Integer> TRY_AGAIN = Set.of(51, 54, 60, 8177, 30006);

	// Of a lock, and of a statement that was stopped
	private static final Set<Integer> WAITED_TOO_LONG = Set.of(51, 54, 1013, 30006);

	OracleDialect() {
		super("oracle", new SqlVersion(19, 0), "Oracle");
	}

	// The interval since 1970 in its parts: no function tells the whole, and a cast to
	// DATE may round
	@Override
	String now() {
		return "(SELECT EXTRACT(DAY FROM passed) * 86400000000 + EXTRACT(HOUR FROM passed) * 3600000000 "
				+ "+ EXTRACT(MINUTE FROM passed) * 60000000 + TRUNC(EXTRACT(SECOND FROM passed) * 1000000) "
				+ "FROM (SELECT SYS_EXTRACT_UTC(SYSTIMESTAMP) - TIMESTAMP '1970-01-01 00:00:00' AS passed FROM dual))";
	}

	@Override
	String day(String micros) {
		return "TRUNC((" + micros + ") / 86400000000)";
	}

	@Override
	String insert() {
		return """
				INSERT INTO ${table} (${claim-columns})
				SELECT ${claim-values} FROM (SELECT ${now} AS micros FROM dual) clock
				""";
	}

	@Override
	String selectLocked() {
		return """
				SELECT ${columns}, ${now} FROM ${table} WHERE id = ? FOR UPDATE
				""";
	}

	@Override
	String payloadLength() {
		return "DBMS_LOB.GETLENGTH(payload)";
	}

	// SKIP LOCKED is for cursors only: of two instances at the same rows, one waits
	@Override
	String purge() {
		return """
				DELETE FROM ${table}
				WHERE purge_day <= ${today} AND expires_at <= ${now} AND format <= ${format} AND ROWNUM <= ?
				""";
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
