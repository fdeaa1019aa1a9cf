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

import java.time.Duration;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.IdempotencyStoreConcurrencyContract;
import io.idempotency.store.RecordId;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The contract of concurrent callers on every database.
 */
@ParameterizedClass
@EnumSource
class SqlStoreConcurrencyIntegrationTests extends IdempotencyStoreConcurrencyContract {

	private static SqlTestDatabase database;

	private static SqlIdempotencyStore sql;

	SqlStoreConcurrencyIntegrationTests(Vendor vendor) {
	}

	@BeforeParameterizedClassInvocation
	static void createDatabase(Vendor vendor) {
		database = vendor.create();
		sql = database.store();
	}

	@AfterParameterizedClassInvocation
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
