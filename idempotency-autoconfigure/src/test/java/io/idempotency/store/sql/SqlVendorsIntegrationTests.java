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

import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the suites run on what their names say, each one listed as skipped where it
 * is not there.
 */
class SqlVendorsIntegrationTests {

	@ParameterizedTest
	@CsvSource({ "POSTGRES, PostgreSQL, 18", "POSTGRES_OLDEST, PostgreSQL, 13", "H2, H2, 2", "MARIADB, MariaDB, 11",
			"MARIADB_AS_MYSQL, MySQL, 11", "MYSQL, MySQL, 8", "ORACLE, Oracle, 23",
			"SQLSERVER, Microsoft SQL Server, 16" })
	void databaseIsTheOneThatTheDocumentationNames(Vendor vendor, String product, int major) throws Exception {
		try (SqlTestDatabase database = vendor.create(); Connection connection = database.pool().getConnection()) {
			DatabaseMetaData metaData = connection.getMetaData();

			assertThat(metaData.getDatabaseProductName()).isEqualTo(product);
			assertThat(metaData.getDatabaseMajorVersion()).isEqualTo(major);
		}
	}

}
