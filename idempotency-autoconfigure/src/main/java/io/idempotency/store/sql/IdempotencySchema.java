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

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Pattern;

import org.springframework.util.ClassUtils;

/**
 * The table of an SQL store, and the ways to create it from the one script that there is
 * per database, {@code db/idempotency/<database>/V1__idempotency_record.sql}. Safe when
 * several instances start at once.
 */
public final class IdempotencySchema {

	private static final Pattern EMBEDDED_URL = Pattern.compile("jdbc:h2:(?!tcp:|ssl:)");

	private static final String SCRIPT = "/V1__idempotency_record.sql";

	private final SqlConnections connections;

	private final TableName table;

	private final SqlStatements statements;

	IdempotencySchema(SqlConnections connections, TableName table) {
		this.connections = connections;
		this.table = table;
		this.statements = new SqlStatements(connections.dialect(), table);
	}

	/**
	 * Return the name of the table.
	 * @return the name as it was configured
	 */
	public String table() {
		return this.table.value();
	}

	/**
	 * Return the script that creates the table and its index.
	 * @return one or more statements, each ended by a semicolon at the end of a line
	 */
	public String ddl() {
		String path = this.connections.dialect().migrations() + SCRIPT;
		try (InputStream script = IdempotencySchema.class.getClassLoader().getResourceAsStream(path)) {
			if (script == null) {
				throw new IllegalStateException("The library's own script " + path + " is not on the class path");
			}
			return new String(script.readAllBytes(), StandardCharsets.UTF_8).replace("${table}", this.table.value());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Create the table if it is not there, by running the script, in one transaction
	 * where the database can.
	 * @return whether this call created it
	 * @throws MissingTableException if it is not there and could not be created, for
	 * example for want of a privilege
	 * @throws SqlStoreException if the database does not answer
	 */
	public boolean create() {
		try {
			return this.connections.call((connection) -> !exists(connection) && run(connection));
		}
		catch (SQLException ex) {
			throw unanswered(ex);
		}
	}

	/**
	 * Bring the table up to this version of the library with Flyway. Its history is a
	 * table in the same schema: {@code idempotency_schema_history} of
	 * {@code idempotency_record}, and {@code calls_schema_history} of a table
	 * {@code calls}, so that there may be several. The application's own migrations,
	 * whether by Flyway or not, are not touched. A table that {@link #create} made counts
	 * as version 1.
	 * @throws IllegalStateException if Flyway is not on the class path, or the table's
	 * name has more than 42 characters, so that the history's would be too long for some
	 * databases
	 * @throws MissingFlywayModuleException if Flyway's module for this database is not
	 * @throws MissingTableException if the table was dropped after Flyway had made it
	 */
	public void migrate() {
		if (!ClassUtils.isPresent("org.flywaydb.core.Flyway", IdempotencySchema.class.getClassLoader())) {
			throw new IllegalStateException("The table '" + this.table + "' is to be migrated by Flyway, which is not "
					+ "on the class path: add org.flywaydb:flyway-core and its module for this database");
		}
		FlywayMigration.run(this.connections, this.table, tableExists());
		if (!tableExists()) {
			throw missing(new IllegalStateException(
					"Flyway's history '" + FlywayMigration.history(this.connections, this.table)
							+ "' says that the table was made, so it was dropped or renamed since"));
		}
	}

	/**
	 * Check that the table is there and has the columns that this version needs. Call it
	 * again at any time: nothing is remembered.
	 * @throws MissingTableException if it is not so
	 * @throws SqlStoreException if the database does not answer
	 */
	public void verify() {
		try {
			this.connections.call((connection) -> query(connection, this.statements.verify));
		}
		catch (SQLException ex) {
			throw this.connections.dialect().saysMissingTable(ex) ? missing(ex) : unanswered(ex);
		}
	}

	/**
	 * Return whether the database runs inside this application, in memory or on a file,
	 * so that nobody else can be expected to create the table.
	 * @return whether the database is embedded
	 * @throws SqlStoreException if the database does not answer
	 */
	public boolean isEmbedded() {
		try {
			return this.connections
				.call((connection) -> EMBEDDED_URL.matcher(connection.getMetaData().getURL()).lookingAt());
		}
		catch (SQLException ex) {
			throw unanswered(ex);
		}
	}

	SqlStatements statements() {
		return this.statements;
	}

	MissingTableException missing(Exception cause) {
		return new MissingTableException(this.table.value(), ddl(), cause);
	}

	private boolean tableExists() {
		try {
			return this.connections.call(this::exists);
		}
		catch (SQLException ex) {
			throw unanswered(ex);
		}
	}

	private boolean exists(Connection connection) throws SQLException {
		try {
			return query(connection, "SELECT 1 FROM " + this.table + " WHERE 1 = 0");
		}
		catch (SQLException ex) {
			if (this.connections.dialect().saysMissingTable(ex)) {
				return false;
			}
			throw ex;
		}
	}

	private boolean run(Connection connection) throws SQLException {
		try {
			connection.setAutoCommit(false);
			try (Statement statement = connection.createStatement()) {
				for (String sql : ddl().split(";\\R+")) {
					statement.execute(sql);
				}
			}
			connection.commit();
			return true;
		}
		catch (SQLException ex) {
			connection.rollback();
			connection.setAutoCommit(true);
			if (exists(connection)) {
				return false; // another instance was faster
			}
			throw missing(ex);
		}
		finally {
			connection.setAutoCommit(true);
		}
	}

	private static boolean query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.executeQuery(sql).close();
			return true;
		}
	}

	private SqlStoreException unanswered(SQLException ex) {
		return new SqlStoreException(
				"The database did not say whether it has the table '" + this.table + "': " + ex.getMessage(), ex);
	}

}
