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

package io.idempotency.engine;

import java.util.Map;

import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.store.sql.SqlTestDatabase;
import io.idempotency.test.servers.PostgresServer;
import org.junit.jupiter.api.AfterAll;

/**
 * The SQL store on a PostgreSQL database beside the application's, on the same server.
 */
class PostgresCallerTransactionIntegrationTests extends CallerTransactionContract {

	private final PostgresServer.Database effects = PostgresServer.shared().createDatabase();

	private final SqlTestDatabase records = SqlTestDatabase.postgres();

	@Override
	Map<String, Object> properties() {
		return Map.of("idempotency.store", "elsewhere", "spring.datasource.url", this.effects.jdbcUrl());
	}

	@Override
	SqlIdempotencyStore storeElsewhere() {
		return SqlIdempotencyStore.on(this.records.pool()).name("elsewhere").build();
	}

	@AfterAll
	void dropDatabases() throws Exception {
		this.records.close();
		this.effects.close();
	}

}
