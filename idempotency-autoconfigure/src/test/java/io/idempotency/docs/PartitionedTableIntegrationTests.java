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

package io.idempotency.docs;

import java.time.Duration;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.IdempotencyStoreContract;
import io.idempotency.store.RecordId;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.store.sql.SqlTestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract on a table with the partitions of {@code docs/relational.md}.
 */
class PartitionedTableIntegrationTests extends IdempotencyStoreContract {

	private static SqlTestDatabase database;

	private static SqlIdempotencyStore sql;

	@BeforeAll
	static void createTable() {
		database = SqlTestDatabase.postgres();
		sql = database.store();
		RelationalIntegrationTests.partition(database);
	}

	@AfterAll
	static void dropDatabase() throws Exception {
		database.close();
	}

	@Override
	protected IdempotencyStore createStore() {
		return sql;
	}

	@Override
	protected void elapse(RecordId id, Duration time) {
		database.elapse(id, time);
	}

}
