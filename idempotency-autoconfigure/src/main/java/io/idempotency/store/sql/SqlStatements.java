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

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The statements of the store, made once for a database and a table. Columns are always
 * listed, in one order, because a wildcard would break prepared statements while a newer
 * version adds a column. Each write names the state in which it applies, so the order in
 * which two of them arrive does not matter.
 */
final class SqlStatements {

	/** The format that this version of the library writes and reads. */
	static final int FORMAT = 1;

	private static final Pattern PURGE_DAY = Pattern.compile("\\$\\{day\\((.*?)\\)}");

	private static final String SELECT = """
			SELECT ${columns}, ${now} FROM ${table} WHERE id = ?
			""";

	// The fence alone is not enough: since the read, the owner may have renewed the lease
	// or completed the record
	private static final String TAKE_OVER = """
			UPDATE ${table} SET operation = ?, policy = ?, owner = ?, fence = ?, attempt = ?, fingerprint = ?,
				first_claimed_at = CASE WHEN expires_at <= ${now} THEN ${now} ELSE first_claimed_at END,
				claimed_at = ${now}, lease_until = ${now} + ?, expires_at = ${now} + ?, unsettled_ttl = ?,
				purge_day = ${day(${now} + ?)},
				status = ${in-progress}, kind = NULL, payload = NULL, completed_at = NULL,
				failure_type = NULL, failure_message = NULL
			WHERE id = ? AND fence = ? AND format = ${format} AND (status = ${failed} OR expires_at <= ${now}
				OR (status = ${in-progress} AND policy = ${retry} AND lease_until <= ${now}))
			""";

	private static final String COMPLETE = """
			UPDATE ${table} SET status = ${completed}, kind = ?, payload = ?, completed_at = ${now},
				expires_at = ${now} + ?, failure_type = NULL, failure_message = NULL
			WHERE ${mine} AND status IN (${in-progress}, ${unknown})
			""";

	// With another day, or each batch of the purge would read past all that failed in the
	// last days. Completions keep theirs, because an indexed column that changes costs
	// the update in place.
	private static final String FAIL = """
			UPDATE ${table} SET status = ${failed}, failure_type = ?, failure_message = ?,
				expires_at = ${now} + unsettled_ttl, purge_day = ${day(${now} + unsettled_ttl)}
			WHERE ${mine} AND status IN (${in-progress}, ${unknown})
			""";

	private static final String LEAVE_UNKNOWN = """
			UPDATE ${table} SET status = ${unknown}, failure_type = ?, failure_message = ?,
				expires_at = ${now} + unsettled_ttl, purge_day = ${day(${now} + unsettled_ttl)}
			WHERE ${mine} AND status = ${in-progress}
			""";

	// The row stays until it is purged, because it knows the fence: an insert that
	// tells the time and then waits for a deletion would begin with a lower one
	private static final String FORGET = """
			UPDATE ${table} SET expires_at = 0, failure_type = NULL, failure_message = NULL
			WHERE ${mine} AND status IN (${in-progress}, ${unknown})
			""";

	// In this order, because MySQL lets an assignment see those before it. A record in
	// progress outlives its lease by what its claimant wanted
	private static final String RENEW = """
			UPDATE ${table} SET expires_at = ${now} + ? + (expires_at - lease_until), lease_until = ${now} + ?
			WHERE ${mine} AND status = ${in-progress}
			""";

	private static final String RESOLVE_COMPLETE = """
			UPDATE ${table} SET fence = fence + 1, status = ${completed}, kind = ?, payload = ?, completed_at = ${now},
				expires_at = ${now} + ?, failure_type = NULL, failure_message = NULL
			WHERE ${observed}
			""";

	private static final String RESOLVE_RUN_AGAIN = """
			UPDATE ${table} SET fence = fence + 1, status = ${failed}, kind = NULL, payload = NULL, completed_at = NULL,
				expires_at = ${now} + unsettled_ttl, purge_day = ${day(${now} + unsettled_ttl)}
			WHERE ${observed}
			""";

	private static final String VERIFY = """
			SELECT ${columns}, ${claim-columns}, completed_at FROM ${table} WHERE 1 = 0
			""";

	private static final String MINE = "id = ? AND owner = ? AND fence = ? AND format = ${format} AND expires_at > ${now}";

	private static final String OBSERVED = "id = ? AND fence = ? AND format = ${format} AND expires_at > ${now} "
			+ "AND NOT (status = ${in-progress} AND lease_until > ${now})";

	private static final String CLAIM_COLUMNS = "id, operation, policy, owner, fence, fingerprint, claimed_at, "
			+ "first_claimed_at, lease_until, expires_at, unsettled_ttl, purge_day, status, attempt, format";

	private static final String CLAIM_VALUES = "?, ?, ?, ?, micros, ?, micros, micros, micros + ?, micros + ?, ?, "
			+ "${day(micros + ?)}, ${in-progress}, 1, ${format}";

	final String insert;

	final String select;

	final @Nullable String selectLocked;

	final String takeOver;

	final String complete;

	final String fail;

	final String leaveUnknown;

	final String forget;

	final String renew;

	final String resolveComplete;

	final String resolveRunAgain;

	final String purge;

	final String verify;

	SqlStatements(SqlDialect dialect, TableName table) {
		this.insert = format(dialect.insert(), dialect, table);
		this.select = format(SELECT, dialect, table);
		String selectLocked = dialect.selectLocked();
		this.selectLocked = (selectLocked != null) ? format(selectLocked, dialect, table) : null;
		this.takeOver = format(TAKE_OVER, dialect, table);
		this.complete = format(COMPLETE, dialect, table);
		this.fail = format(FAIL, dialect, table);
		this.leaveUnknown = format(LEAVE_UNKNOWN, dialect, table);
		this.forget = format(FORGET, dialect, table);
		this.renew = format(RENEW, dialect, table);
		this.resolveComplete = format(RESOLVE_COMPLETE, dialect, table);
		this.resolveRunAgain = format(RESOLVE_RUN_AGAIN, dialect, table);
		this.purge = format(dialect.purge(), dialect, table);
		this.verify = format(VERIFY, dialect, table);
	}

	private static String format(String template, SqlDialect dialect, TableName table) {
		// Rounded up, so that a record has expired on its purge day
		String days = PURGE_DAY.matcher(template.replace("${claim-values}", CLAIM_VALUES))
			.replaceAll((day) -> Matcher.quoteReplacement(dialect.day(day.group(1) + " + 86399999999")));
		return days.replace("${mine}", MINE)
			.replace("${observed}", OBSERVED)
			.replace("${today}", dialect.day("${now}"))
			.replace("${now}", dialect.now())
			.replace("${table}", table.value())
			.replace("${columns}", SqlRow.COLUMNS)
			.replace("${claim-columns}", CLAIM_COLUMNS)
			.replace("${in-progress}", code(SqlRow.IN_PROGRESS))
			.replace("${completed}", code(SqlRow.COMPLETED))
			.replace("${failed}", code(SqlRow.FAILED))
			.replace("${unknown}", code(SqlRow.UNKNOWN))
			.replace("${retry}", code(SqlRow.RETRY))
			.replace("${format}", code(FORMAT));
	}

	private static String code(int code) {
		return Integer.toString(code);
	}

}
