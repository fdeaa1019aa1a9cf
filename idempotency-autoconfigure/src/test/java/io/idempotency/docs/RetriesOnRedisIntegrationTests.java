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

import java.util.UUID;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.redis.RedisIdempotencyStore;
import io.idempotency.test.servers.RedisServer;
import io.idempotency.test.servers.TcpProxy;

class RetriesOnRedisIntegrationTests extends RetriesContract {

	private final String prefix = "retries-" + UUID.randomUUID() + ":";

	@Override
	TcpProxy openProxy() {
		return TcpProxy.to(RedisServer.shared().host(), RedisServer.shared().port());
	}

	@Override
	String[] properties(TcpProxy proxy) {
		return new String[] { "spring.data.redis.url=redis://127.0.0.1:" + proxy.port(), "spring.data.redis.timeout=1s",
				"spring.data.redis.connect-timeout=1s", "idempotency.redis.key-prefix=" + this.prefix,
				"spring.autoconfigure.exclude=org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration,"
						+ "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration" };
	}

	@Override
	Class<? extends IdempotencyStore> storeType() {
		return RedisIdempotencyStore.class;
	}

}
