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

package io.idempotency.autoconfigure.transactions;

import java.util.Map;

import io.idempotency.store.sql.SqlTestDatabase;
import io.idempotency.test.ProofSize;

/**
 * JDBC on MariaDB.
 */
class JdbcMariaDbTransactionMatrixIntegrationTests extends TransactionMatrix {

	@Override
	SqlTestDatabase createDatabase() {
		return SqlTestDatabase.Vendor.MARIADB.create();
	}

	@Override
	Class<?> application() {
		return MatrixApplication.OnJdbc.class;
	}

	@Override
	Map<String, Object> properties() {
		return Map.of("idempotency.store", "jdbc");
	}

	/** PostgreSQL has all cells in each build. */
	@Override
	int oneOf() {
		return ProofSize.of(4, 1);
	}

	@Override
	boolean savepoints() {
		return true;
	}

}
