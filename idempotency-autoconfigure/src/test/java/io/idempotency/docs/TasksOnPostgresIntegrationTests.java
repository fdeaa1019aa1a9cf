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

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.test.servers.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TasksOnPostgresIntegrationTests extends TasksContract {

	private final PostgresServer.Database database = PostgresServer.shared().createDatabase();

	@Override
	String[] properties() {
		return new String[] { "idempotency.store=jdbc", "spring.datasource.url=" + this.database.jdbcUrl(),
				"spring.datasource.hikari.minimum-idle=1", "spring.datasource.hikari.maximum-pool-size=4" };
	}

	@Override
	Class<? extends IdempotencyStore> storeType() {
		return SqlIdempotencyStore.class;
	}

	@AfterAll
	void drop() {
		this.database.close();
	}

	@Test
	void pageShowsTheTasksThatAreTested() {
		assertThat(Page.of("tasks.md", "java").blocks()).isEqualTo(Page.regions("io.idempotency.docs.Tasks"));
	}

}
