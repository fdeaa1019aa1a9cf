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

import java.util.List;
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

	private static final String TAKE_OVER = """
			operation = ?, policy = ?, owner = ?, fence = ?, attempt = ?, fingerprint = ?,
				first_claimed_at = CASE WHEN expires_at <= ${now} THEN ${now} ELSE first_claimed_at END,
				payload = CASE WHEN expires_at > ${now} THEN payload END,
				claimed_at = ${now}, lease_until = ${now} + ?, expires_at = ${now} + ?, unsettled_ttl = ?,
				purge_day = ${day(${now} + ?)},
				status = ${in-progress}, kind = NULL, completed_at = NULL, failure_type = NULL, failure_message = NULL""";

	// The fence alone is not enough: since the read, the owner may have renewed the lease
	// or completed the record. Until there is an outcome the payload is the checkpoints,
	// which stay; in this order, because MySQL lets an assignment see those before it
	private static final String CLAIMABLE = """
			fence = ? AND format = ${format} AND (status = ${failed} OR expires_at <= ${now}
				OR (status = ${in-progress} AND policy = ${retry} AND lease_until <= ${now}))""";

	private static final String COMPLETE = """
			status = ${completed}, kind = ?, payload = ?, completed_at = ${now},
				expires_at = ${now} + ?, failure_type = NULL, failure_message = NULL""";

	// With another day, or each batch of the purge would read past all that failed in the
	// last days. Completions keep theirs, because an indexed column that changes costs
	// the update in place.
	private static final String FAIL = """
			status = ${failed}, failure_type = ?, failure_message = ?,
				expires_at = ${now} + unsettled_ttl, purge_day = ${day(${now} + unsettled_ttl)}""";

	private static final String LEAVE_UNKNOWN = """
			status = ${unknown}, failure_type = ?, failure_message = ?,
				expires_at = ${now} + unsettled_ttl, purge_day = ${day(${now} + unsettled_ttl)}""";

	// The row stays until it is purged, because it knows the fence: an insert that
	// tells the time and then waits for a deletion would begin with a lower one
	private static final String FORGET = "expires_at = 0, failure_type = NULL, failure_message = NULL";

	// In this order, because MySQL lets an assignment see those before it. A record in
	// progress outlives its lease by what its claimant wanted
	private static final String RENEW = "expires_at = ${now} + ? + (expires_at - lease_until), lease_until = ${now} + ?";

	// As long as nobody else has appended since the read
	private static final String CHECKPOINT = """
			UPDATE ${table} SET payload = ?
			WHERE id = ? AND ${mine} AND status = ${in-progress} AND COALESCE(${payload-length}, 0) = ?
			""";

	private static final String RESOLVE_COMPLETE = """
			UPDATE ${table} SET fence = fence + 1, status = ${completed}, kind = ?, payload = ?, completed_at = ${now},
				expires_at = ${now} + ?, failure_type = NULL, failure_message = NULL
			WHERE ${observed}
			""";

	private static final String RESOLVE_RUN_AGAIN = """
			UPDATE ${table} SET payload = CASE WHEN status <> ${completed} THEN payload END,
				fence = fence + 1, status = ${failed}, kind = NULL, completed_at = NULL, expires_at = ${now} + unsettled_ttl, purge_day = ${day(${now} + unsettled_ttl)}
			WHERE ${observed}
			""";

	private static final String VERIFY = """
			SELECT ${columns}, ${claim-columns}, completed_at FROM ${table} WHERE 1 = 0
			""";

	private static final String IN_PROGRESS = "${mine} AND status = ${in-progress}";

	private static final String UNSETTLED = "${mine} AND status IN (${in-progress}, ${unknown})";

	private static final String MINE = "owner = ? AND fence = ? AND format = ${format} AND expires_at > ${now}";

	private static final String OBSERVED = "id = ? AND fence = ? AND format = ${format} AND expires_at > ${now} "
			+ "AND NOT (status = ${in-progress} AND lease_until > ${now})";

	private static final String CLAIM_COLUMNS = "id, operation, policy, owner, fence, fingerprint, claimed_at, "
			+ "first_claimed_at, lease_until, expires_at, unsettled_ttl, purge_day, status, attempt, format";

	static final String CLAIM_VALUES = "?, ?, ?, ?, micros, ?, micros, micros, micros + ?, micros + ?, ?, "
			+ "${day(micros + ?)}, ${in-progress}, 1, ${format}";

	final String table;

	final String insert;

	final String select;

	final @Nullable String selectLocked;

	final SqlUpdate takeOver;

	final SqlUpdate complete;

	final SqlUpdate fail;

	final SqlUpdate leaveUnknown;

	final SqlUpdate forget;

	final SqlUpdate renew;

	final String checkpoint;

	final @Nullable String appendCheckpoint;

	final String resolveComplete;

	final String resolveRunAgain;

	final String purge;

	final String verify;

	private final SqlDialect dialect;

	SqlStatements(SqlDialect dialect, TableName table) {
		this.dialect = dialect;
		this.table = table.value();
		this.insert = format(dialect.insert());
		this.select = format(SELECT);
		String selectLocked = dialect.selectLocked();
		this.selectLocked = (selectLocked != null) ? format(selectLocked) : null;
		this.takeOver = update(TAKE_OVER, CLAIMABLE);
		this.complete = update(COMPLETE, UNSETTLED);
		this.fail = update(FAIL, UNSETTLED);
		this.leaveUnknown = update(LEAVE_UNKNOWN, IN_PROGRESS);
		this.forget = update(FORGET, UNSETTLED);
		this.renew = update(RENEW, IN_PROGRESS);
		this.checkpoint = format(CHECKPOINT);
		String append = dialect.appendCheckpoint();
		this.appendCheckpoint = (append != null) ? format(append) : null;
		this.resolveComplete = format(RESOLVE_COMPLETE);
		this.resolveRunAgain = format(RESOLVE_RUN_AGAIN);
		this.purge = format(dialect.purge());
		this.verify = format(VERIFY);
	}

	/**
	 * Return the updates that may be of many records at once.
	 * @return those by a claim and by an owner that are no checkpoints
	 */
	List<SqlUpdate> updatesOfMany() {
		return List.of(this.takeOver, this.complete, this.fail, this.leaveUnknown, this.forget, this.renew);
	}

	private SqlUpdate update(String changes, String condition) {
		return new SqlUpdate(this.table, format(changes), format(condition));
	}

	/**
	 * Fill in what a template leaves open.
	 * @param template the statement with names in braces
	 * @return the statement
	 */
	String format(String template) {
		SqlDialect dialect = this.dialect;
		// Rounded up, so that a record has expired on its purge day
		String days = PURGE_DAY.matcher(template.replace("${claim-values}", CLAIM_VALUES))
			.replaceAll((day) -> Matcher.quoteReplacement(dialect.day(day.group(1) + " + 86399999999")));
		return days.replace("${mine}", MINE)
			.replace("${observed}", OBSERVED)
			.replace("${today}", dialect.day("${now}"))
			.replace("${now}", dialect.now())
			.replace("${table}", this.table)
			.replace("${payload-length}", dialect.payloadLength())
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
