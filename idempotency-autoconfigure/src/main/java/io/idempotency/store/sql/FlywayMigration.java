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
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * Runs the migrations with Flyway. Loaded only where Flyway is.
 */
final class FlywayMigration {

	private static final String HISTORY = "idempotency_schema_history";

	private FlywayMigration() {
	}

	/**
	 * Migrate.
	 * @param connections the database
	 * @param table the table
	 * @param tableExists whether the first migration is done already, by hand or by
	 * script
	 */
	static void run(SqlConnections connections, TableName table, boolean tableExists) {
		FluentConfiguration configuration = Flyway.configure(FlywayMigration.class.getClassLoader())
			.dataSource(connections.dataSource())
			.locations("classpath:" + connections.dialect().migrations())
			.table(HISTORY)
			.placeholders(Map.of("table", table.value()))
			.baselineOnMigrate(true)
			.baselineVersion(tableExists ? "1" : "0");
		String schema = table.schema();
		if (schema != null) {
			configuration.defaultSchema(folded(connections, schema)).createSchemas(false);
		}
		configuration.load().migrate();
	}

	// Flyway quotes the schema; the statements, like SQL, fold it where the database does
	private static String folded(SqlConnections connections, String schema) {
		try {
			return connections.call((connection) -> {
				DatabaseMetaData metaData = connection.getMetaData();
				if (metaData.storesUpperCaseIdentifiers()) {
					return schema.toUpperCase(Locale.ROOT);
				}
				return metaData.storesLowerCaseIdentifiers() ? schema.toLowerCase(Locale.ROOT) : schema;
			});
		}
		catch (SQLException ex) {
			throw new SqlStoreException("The database did not say how it spells identifiers", ex);
		}
	}

}
