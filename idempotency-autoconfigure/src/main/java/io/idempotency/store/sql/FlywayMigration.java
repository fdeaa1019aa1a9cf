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
import java.util.Locale;
import java.util.Map;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * Runs the migrations with Flyway. Loaded only where Flyway is.
 */
final class FlywayMigration {

	private static final String HISTORY = "idempotency_schema_history";

	private static final String SUFFIX = "_schema_history";

	// PostgreSQL cuts a name after 63 characters, MySQL refuses it after 64, and Flyway
	// gives an index of the history the history's name and "_s_idx"
	private static final int LONGEST_TABLE = 63 - "_s_idx".length() - SUFFIX.length();

	private FlywayMigration() {
	}

	/**
	 * Migrate.
	 * @param connections the database
	 * @param table the table
	 * @param tableExists whether the first migration is done already, by hand or by
	 * script
	 * @throws LongTableNameException if the history cannot be named after the table
	 */
	static void run(SqlConnections connections, TableName table, boolean tableExists) {
		FluentConfiguration configuration = Flyway.configure(FlywayMigration.class.getClassLoader())
			.dataSource(connections.dataSource())
			.locations("classpath:" + connections.dialect().migrations())
			.table(history(connections, table))
			.placeholders(Map.of("table", table.value()))
			.baselineOnMigrate(true)
			.baselineVersion(tableExists ? "1" : "0");
		String schema = table.schema();
		if (schema != null) {
			configuration.defaultSchema(folded(connections, schema)).createSchemas(false);
		}
		try {
			configuration.load().migrate();
		}
		catch (FlywayException ex) {
			// Flyway has no type for it
			throw String.valueOf(ex.getMessage()).startsWith("Unsupported Database")
					? new MissingFlywayModuleException(ex) : ex;
		}
	}

	// Each table has one of its own, or a second table in the same schema would be taken
	// for migrated
	static String history(SqlConnections connections, TableName table) {
		String name = folds(connections) ? table.table().toLowerCase(Locale.ROOT) : table.table();
		if (name.equals(SqlIdempotencyStore.DEFAULT_TABLE)) {
			return HISTORY;
		}
		if (name.length() > LONGEST_TABLE) {
			throw new LongTableNameException(table.value(), name + SUFFIX, LONGEST_TABLE);
		}
		return name + SUFFIX;
	}

	private static boolean folds(SqlConnections connections) {
		return folded(connections, "a").equals(folded(connections, "A"));
	}

	// Flyway quotes names; the statements, like SQL, fold them where the database does
	private static String folded(SqlConnections connections, String name) {
		try {
			return connections.call((connection) -> {
				DatabaseMetaData metaData = connection.getMetaData();
				if (metaData.storesUpperCaseIdentifiers()) {
					return name.toUpperCase(Locale.ROOT);
				}
				return metaData.storesLowerCaseIdentifiers() ? name.toLowerCase(Locale.ROOT) : name;
			});
		}
		catch (SQLException ex) {
			throw new SqlStoreException("The database did not say how it spells identifiers", ex);
		}
	}

}
