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

import java.util.regex.Pattern;

/**
 * The table of the records is not there, or lacks a column. Nothing is remembered of it:
 * the next verb succeeds as soon as the table exists.
 */
@SuppressWarnings("serial")
public final class MissingTableException extends SqlStoreException {

	private static final Pattern END_OF_REASON = Pattern.compile("; SQL statement:|\\R");

	private final String table;

	private final String reason;

	private final String ddl;

	MissingTableException(String table, String ddl, Throwable cause) {
		super("The idempotency records have no usable table '" + table + "': " + reason(cause)
				+ ". Put Flyway on the class path, let the library "
				+ "create it with idempotency.sql.initialize-schema=always, or run:\n\n" + ddl, cause);
		this.table = table;
		this.reason = reason(cause);
		this.ddl = ddl;
	}

	/**
	 * Return the table that was looked for.
	 * @return the name as it was configured
	 */
	public String getTable() {
		return this.table;
	}

	/**
	 * Return what the database said about it, or Flyway's history.
	 * @return a line without its full stop
	 */
	public String getReason() {
		return this.reason;
	}

	/**
	 * Return the script that creates the table in this database.
	 * @return one or more statements, each ended by a semicolon
	 */
	public String getDdl() {
		return this.ddl;
	}

	// Vendors add the statement, positions and links
	private static String reason(Throwable cause) {
		String[] parts = END_OF_REASON.split(String.valueOf(cause.getMessage()), 2);
		return parts[0].strip();
	}

}
