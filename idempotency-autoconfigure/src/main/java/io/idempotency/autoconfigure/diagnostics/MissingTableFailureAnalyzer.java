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

package io.idempotency.autoconfigure.diagnostics;

import io.idempotency.store.sql.MissingTableException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

final class MissingTableFailureAnalyzer extends AbstractFailureAnalyzer<MissingTableException> {

	static final String FLYWAY_MODULES = "org.flywaydb:flyway-database-postgresql for PostgreSQL, flyway-mysql for "
			+ "MariaDB and MySQL, flyway-database-oracle or flyway-sqlserver";

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, MissingTableException cause) {
		return new FailureAnalysis("The table '" + cause.getTable()
				+ "' for idempotency records is not in the database, or lacks columns: " + cause.getReason() + ".", """
						Do one of these:
						- correct idempotency.sql.table; its schema has to exist
						- without Flyway: set idempotency.sql.initialize-schema=always
						- with Flyway, for which the library brings migrations: add org.flywaydb:flyway-core, or \
						spring-boot-starter-flyway if it is to migrate your tables, too, and, unless this is H2, %s
						- with Liquibase: include db/idempotency/liquibase/changelog.yaml; its parameter \
						idempotency.table is the table's name
						- run this script:

						%s""".formatted(FLYWAY_MODULES, cause.getDdl()), cause);
	}

}
