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

package io.idempotency.autoconfigure.endtoend;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;

import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.redis.RedisIdempotencyStore;
import io.idempotency.test.servers.RedisServer;
import io.idempotency.test.servers.TcpProxy;
import org.junit.jupiter.api.Test;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

class RedisEndToEndIntegrationTests extends StoreEndToEndIntegrationTests {

	private final String prefix = "e2e-" + UUID.randomUUID() + ":";

	@Override
	TcpProxy openProxy() {
		return TcpProxy.to(RedisServer.shared().host(), RedisServer.shared().port());
	}

	@Override
	String[] properties() {
		return properties(RedisServer.shared().url());
	}

	@Override
	String[] properties(TcpProxy proxy) {
		return properties("redis://127.0.0.1:" + proxy.port());
	}

	@Override
	Class<? extends IdempotencyStore> storeType() {
		return RedisIdempotencyStore.class;
	}

	private String[] properties(String url) {
		return new String[] { "spring.data.redis.url=" + url, "spring.data.redis.timeout=1s",
				"spring.data.redis.connect-timeout=1s", "idempotency.redis.key-prefix=" + this.prefix,
				"spring.autoconfigure.exclude=org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration,"
						+ "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration" };
	}

	@Test
	void firstRunCostsTwoScriptsAndAReplayOne() throws Exception {
		try (RedisServer server = RedisServer.launch()) {
			ConfigurableApplicationContext instance = instances().start(properties(server.url()));
			RedisCalls calls = new RedisCalls(instance);
			guarded(instance).charge(nextKey());
			String key = nextKey();

			calls.reset();
			guarded(instance).charge(key);
			assertThat(calls.ofClients()).containsOnly(Map.entry("evalsha", 2L));

			calls.reset();
			guarded(instance).charge(key);
			assertThat(calls.ofClients()).containsOnly(Map.entry("evalsha", 1L));
			assertThat(calls.all()).doesNotContainKeys("set", "setrange", "pexpire", "publish");
		}
	}

	@Test
	void startsWithoutTheServerAndWorksOnceItIsThere() throws Exception {
		String key = nextKey();
		loseServer();
		ConfigurableApplicationContext instance = instances().start(properties(proxy()));
		assertThatExceptionOfType(IdempotencyStoreUnavailableException.class)
			.isThrownBy(() -> guarded(instance).charge(key));
		assertThat(runs(key)).isZero();

		findServer();

		await().atMost(Duration.ofSeconds(15)).ignoreExceptions().until(() -> guarded(instance).charge(key).run() == 1);
		assertThat(runs(key)).isEqualTo(1);
	}

	@Test
	void frozenServerIsGivenUpAfterTheTimeOutOfTheConnection() throws Exception {
		String key = nextKey();
		ConfigurableApplicationContext instance = instances().start(properties(proxy()));
		guarded(instance).charge(nextKey());
		proxy().freeze();

		long begin = System.nanoTime();
		assertThatExceptionOfType(IdempotencyStoreUnavailableException.class)
			.isThrownBy(() -> guarded(instance).charge(key));

		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
		assertThat(runs(key)).isZero();
	}

}
