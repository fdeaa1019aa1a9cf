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

package io.idempotency.store.jpa;

import java.time.Duration;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.IdempotencyStoreContract;
import io.idempotency.store.RecordId;
import io.idempotency.store.sql.SqlTestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract beside a persistence unit on H2.
 */
class H2JpaStoreIntegrationTests extends IdempotencyStoreContract {

	private static JpaTestUnit unit;

	@BeforeAll
	static void createUnit() {
		unit = new JpaTestUnit(SqlTestDatabase.Vendor.H2.create());
	}

	@AfterAll
	static void closeUnit() throws Exception {
		unit.close();
	}

	@Override
	protected IdempotencyStore createStore() {
		return unit.store();
	}

	@Override
	protected void elapse(RecordId id, Duration time) {
		unit.database().elapse(id, time);
	}

}
