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
import java.util.Set;

/**
 * SQL Server from version 2016, which is number 13 and brought DATEDIFF_BIG. A refused
 * insert ends the statement and not the transaction, unless somebody switched XACT_ABORT
 * on.
 *
 * @see <a href=
 * "https://learn.microsoft.com/sql/t-sql/functions/datediff-big-transact-sql">SQL Server:
 * DATEDIFF_BIG</a>
 * @see <a href=
 * "https://learn.microsoft.com/sql/t-sql/functions/serverproperty-transact-sql">SQL
 * Server: ProductVersion</a>
 */
final class SqlServerDialect extends SqlDialect {

	private static final Set<Integer> DUPLICATE_KEY = Set.of(2601, 2627);

	// No such column, table, schema
	private static final Set<Integer> MISSING_TABLE = Set.of(207, 208, 2760);

	// Deadlock, time-out of a lock, change since the snapshot
	private static final Set<Integer> TRY_AGAIN = Set.of(1205, 1222, 3960);

	// Of LOCK_TIMEOUT
	private static final Set<Integer> WAITED_TOO_LONG = Set.of(1222);

	private static final int AZURE = 12;

	SqlServerDialect() {
		super("sqlserver", new SqlVersion(13, 0), "Microsoft SQL Server");
	}

	// Azure's database has what version 13 brought, and goes on to call itself 12, as
	// version 2014 does, where the first claim fails
	@Override
	void checkVersion(DatabaseMetaData metaData) throws SQLException {
		if (metaData.getDatabaseMajorVersion() != AZURE) {
			super.checkVersion(metaData);
		}
	}

	@Override
	String now() {
		return "DATEDIFF_BIG(MICROSECOND, CAST('1970-01-01T00:00:00' AS DATETIME2), SYSUTCDATETIME())";
	}

	@Override
	String selectLocked() {
		return """
				SELECT ${columns}, ${now} FROM ${table} WITH (UPDLOCK, ROWLOCK) WHERE id = ?
				""";
	}

	@Override
	String payloadLength() {
		return "DATALENGTH(payload)";
	}

	@Override
	String purge() {
		return """
				DELETE TOP (?) FROM ${table} WITH (ROWLOCK, READPAST)
				WHERE purge_day <= ${today} AND expires_at <= ${now} AND format <= ${format}
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
