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

import java.lang.reflect.Proxy;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SqlDialect}, with what drivers say of servers that are not there.
 */
class SqlDialectTests {

	@ParameterizedTest
	@CsvSource({ "PostgreSQL, 13.0, 13, 0, db/idempotency/postgresql",
			"PostgreSQL, 18.6 (Debian 18.6-1.pgdg13+1), 18, 6, db/idempotency/postgresql",
			"H2, 2.0.202 (2021-11-25), 2, 0, db/idempotency/h2", "MariaDB, 10.6.0-MariaDB, 10, 6, db/idempotency/mysql",
			"MariaDB, 5.5.5-10.11.6-MariaDB-1:10.11.6+maria~ubu2204, 5, 5, db/idempotency/mysql",
			"MySQL, 5.5.5-10.6.18-MariaDB-log, 5, 5, db/idempotency/mysql",
			"MySQL, 11.4.5-MariaDB, 11, 4, db/idempotency/mysql", "MySQL, 8.0.11, 8, 0, db/idempotency/mysql",
			"MySQL, 9.1.0-commercial, 9, 1, db/idempotency/mysql",
			"Oracle, Oracle Database 19c Enterprise Edition, 19, 0, db/idempotency/oracle",
			"Microsoft SQL Server, 13.00.5026, 13, 0, db/idempotency/sqlserver",
			"Microsoft SQL Server, 12.00.2000, 12, 0, db/idempotency/sqlserver" })
	void oldestVersionAndNewerOnesAreSupported(String product, String version, int major, int minor, String migrations)
			throws SQLException {
		assertThat(SqlDialect.of(metaData(product, version, major, minor)).migrations()).isEqualTo(migrations);
	}

	@ParameterizedTest
	@CsvSource({ "PostgreSQL, 12.22, 12, 22, PostgreSQL, 13", "PostgreSQL, 9.6.24, 9, 6, PostgreSQL, 13",
			"H2, 1.4.200 (2019-10-14), 1, 4, H2, 2", "MariaDB, 10.5.28-MariaDB, 10, 5, MariaDB, 10.6",
			"MariaDB, 5.5.5-10.5.28-MariaDB, 5, 5, MariaDB, 10.6",
			"MySQL, 5.5.5-10.4.34-MariaDB-log, 5, 5, MariaDB, 10.6", "MySQL, 5.7.44-log, 5, 7, MySQL, 8",
			"Oracle, Oracle Database 12c Enterprise Edition, 12, 2, Oracle, 19",
			"Microsoft SQL Server, 11.00.7001, 11, 0, Microsoft SQL Server, 13" })
	void olderVersionIsNamedWithTheOneThatIsNeeded(String product, String version, int major, int minor, String named,
			String needed) {
		assertThatExceptionOfType(OutdatedDatabaseException.class)
			.isThrownBy(() -> SqlDialect.of(metaData(product, version, major, minor)))
			.withMessageContaining("needs " + named + " " + needed + " or newer")
			.withMessageContaining(version)
			.satisfies((ex) -> assertThat(ex.getProduct()).isEqualTo(named))
			.satisfies((ex) -> assertThat(ex.getFound()).isEqualTo(version))
			.satisfies((ex) -> assertThat(ex.getNeeded()).isEqualTo(needed));
	}

	private static DatabaseMetaData metaData(String product, String version, int major, int minor) {
		return (DatabaseMetaData) Proxy.newProxyInstance(SqlDialectTests.class.getClassLoader(),
				new Class<?>[] { DatabaseMetaData.class }, (proxy, method, arguments) -> switch (method.getName()) {
					case "getDatabaseProductName" -> product;
					case "getDatabaseProductVersion" -> version;
					case "getDatabaseMajorVersion" -> major;
					case "getDatabaseMinorVersion" -> minor;
					default -> throw new UnsupportedOperationException(method.getName());
				});
	}

}
