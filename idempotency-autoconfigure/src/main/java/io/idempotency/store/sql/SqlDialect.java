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
import java.sql.SQLTimeoutException;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What differs from one database to the next. The verbs are the same everywhere; a
 * dialect says how its database tells the time, which errors mean what, and where it has
 * a better statement than the common one.
 */
abstract class SqlDialect {

	// Of a statement that was stopped, and of a lock that was not to be had
	private static final Set<String> WAITED_TOO_LONG = Set.of("57014", "55P03", "HYT00");

	private final List<String> products;

	private final String directory;

	private final SqlVersion oldest;

	/**
	 * Describe a dialect.
	 * @param directory where its migrations are
	 * @param oldest the first version that speaks it
	 * @param products what drivers call the databases that speak it
	 */
	SqlDialect(String directory, SqlVersion oldest, String... products) {
		this.directory = directory;
		this.oldest = oldest;
		this.products = List.of(products);
	}

	/**
	 * Find the dialect of a database.
	 * @param metaData what its driver says
	 * @return the dialect
	 * @throws SQLException if the driver does not answer
	 * @throws UnsupportedDatabaseException if there is none
	 * @throws OutdatedDatabaseException if the database is older than the dialect
	 */
	static SqlDialect of(DatabaseMetaData metaData) throws SQLException {
		String name = metaData.getDatabaseProductName();
		List<SqlDialect> dialects = List.of(new PostgresDialect(), new H2Dialect(), new MySqlDialect(),
				new OracleDialect(), new SqlServerDialect());
		SqlDialect found = dialects.stream()
			.filter((dialect) -> dialect.products.contains(name))
			.findFirst()
			.orElseThrow(() -> new UnsupportedDatabaseException(name,
					dialects.stream().flatMap((dialect) -> dialect.products.stream()).toList()));
		found.checkVersion(metaData);
		return found;
	}

	/**
	 * Check that the database is new enough to understand the statements.
	 * @param metaData what its driver says
	 * @throws SQLException if the driver does not answer
	 * @throws OutdatedDatabaseException if it is not
	 */
	void checkVersion(DatabaseMetaData metaData) throws SQLException {
		requireAtLeast(this.oldest, SqlVersion.of(metaData), metaData.getDatabaseProductName(), metaData);
	}

	static void requireAtLeast(SqlVersion oldest, SqlVersion found, String product, DatabaseMetaData metaData)
			throws SQLException {
		if (found.isBefore(oldest)) {
			throw new OutdatedDatabaseException(product, metaData.getDatabaseProductVersion(), oldest.toString());
		}
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
	 * @return an expression of type BIGINT, microseconds since 1970, that no time zone
	 * shifts
	 */
	abstract String now();

	/**
	 * Return the expression for the day that a moment is in.
	 * @param micros an expression for the moment, microseconds since 1970
	 * @return an expression of type INTEGER, days since 1970
	 */
	String day(String micros) {
		return "CAST((" + micros + ") / 86400000000 AS INTEGER)";
	}

	/**
	 * Return the statement that inserts the record, and either changes nothing or raises
	 * {@linkplain #saysDuplicateKey a duplicate key} if there is one. The time comes from
	 * a sub-select, evaluated once.
	 * @return the statement
	 */
	String insert() {
		return """
				INSERT INTO ${table} (${claim-columns})
				SELECT ${claim-values} FROM (SELECT ${now} AS micros) clock
				""";
	}

	/**
	 * Return whether an insert answers with the fence of the record that it made, and
	 * with nothing if there is one, in which case it writes nothing. A claim then begins
	 * with it.
	 * @return whether the insert is a query
	 */
	boolean insertAnswers() {
		return false;
	}

	/**
	 * Return whether one statement can take many records, their parameters as arrays, and
	 * answer which of them it wrote. Else there is a statement for each, and the driver
	 * sends them together.
	 * @return whether {@link ArrayStatements} work
	 */
	boolean takesArrays() {
		return false;
	}

	/**
	 * Return the statement that reads the record as it is now, in a transaction whose
	 * plain reads see the past: it locks the row, and a lock is only had on the present.
	 * @return the statement, or {@code null} where a plain read sees what an insert has
	 * met, or the insert fails
	 */
	@Nullable String selectLocked() {
		return null;
	}

	/**
	 * Return the statement that appends to the checkpoints of a record in progress. Its
	 * parameters are what to append, and the lease.
	 * @return the statement, or {@code null} to read what is there and write all of it
	 */
	@Nullable String appendCheckpoint() {
		return null;
	}

	/**
	 * Return the expression for the number of bytes of the payload.
	 * @return an expression, NULL where there is no payload
	 */
	String payloadLength() {
		return "OCTET_LENGTH(payload)";
	}

	/**
	 * Return the statement that removes expired rows. Its only parameter is how many at
	 * most.
	 * @return the statement
	 */
	abstract String purge();

	/**
	 * Return whether a statement's time-out ends with the statement.
	 * @return whether statements are given a time-out
	 */
	boolean statementTimeouts() {
		return true;
	}

	/**
	 * Return whether the driver sets a timer of its own for each statement that has a
	 * time-out, which costs more than a short statement does.
	 * @return whether one watch for all statements is to be used instead
	 */
	boolean timersAreDear() {
		return false;
	}

	/**
	 * Return whether a verb on one row may run in this isolation, each statement being a
	 * transaction of its own, because it sees and locks what it does in READ COMMITTED.
	 * @param isolation one above READ COMMITTED
	 * @return whether it need not be changed, which can cost two round trips
	 */
	boolean autocommitsIn(int isolation) {
		return false;
	}

	/**
	 * Return whether an insert met a record that is there.
	 * @param ex the driver's exception
	 * @return whether the key is taken
	 */
	abstract boolean saysDuplicateKey(SQLException ex);

	/**
	 * Return whether the table, its schema or one of its columns is not there.
	 * @param ex the driver's exception
	 * @return whether the table cannot be used
	 */
	abstract boolean saysMissingTable(SQLException ex);

	/**
	 * Return whether the statement was given up for the sake of others, a deadlock, a
	 * lock that was not to be had in time or a change that came in between, and may
	 * succeed if it is tried again.
	 * @param ex the driver's exception
	 * @return whether nothing was done that a further try could not do
	 */
	boolean saysTryAgain(SQLException ex) {
		return String.valueOf(ex.getSQLState()).startsWith("40");
	}

	/**
	 * Return whether the database stopped a statement that took too long, which for a
	 * verb on one row means that it waited for a transaction. Nothing of it was done.
	 * @param ex the driver's exception
	 * @return whether a time limit of the statement or of its locks was reached
	 */
	boolean saysWaitedTooLong(SQLException ex) {
		return ex instanceof SQLTimeoutException || hasState(ex, WAITED_TOO_LONG);
	}

	static boolean hasState(SQLException ex, Set<String> states) {
		return states.contains(String.valueOf(ex.getSQLState()));
	}

	static boolean hasCode(SQLException ex, Set<Integer> codes) {
		return codes.contains(ex.getErrorCode());
	}

}
