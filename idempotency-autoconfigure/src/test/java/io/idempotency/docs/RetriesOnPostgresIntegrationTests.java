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
import io.idempotency.test.servers.TcpProxy;
import org.junit.jupiter.api.AfterAll;
import org.postgresql.ds.PGSimpleDataSource;

class RetriesOnPostgresIntegrationTests extends RetriesContract {

	private final PostgresServer.Database database = PostgresServer.shared().createDatabase();

	@Override
	TcpProxy openProxy() {
		PGSimpleDataSource dataSource = (PGSimpleDataSource) this.database.dataSource();
		return TcpProxy.to(dataSource.getServerNames()[0], dataSource.getPortNumbers()[0]);
	}

	@Override
	String[] properties(TcpProxy proxy) {
		String url = this.database.jdbcUrl().replaceFirst("//[^/]+/", "//127.0.0.1:" + proxy.port() + "/");
		return new String[] { "idempotency.store=jdbc", "spring.datasource.url=" + url,
				"spring.datasource.hikari.connection-timeout=500", "spring.datasource.hikari.validation-timeout=250",
				"spring.datasource.hikari.minimum-idle=1", "spring.datasource.hikari.maximum-pool-size=2" };
	}

	@Override
	Class<? extends IdempotencyStore> storeType() {
		return SqlIdempotencyStore.class;
	}

	@AfterAll
	void drop() {
		this.database.close();
	}

}
