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

package io.idempotency.store.redis;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Properties;

import io.idempotency.store.redis.RedisEvictionCheck.Eviction;
import io.idempotency.test.servers.RedisServer;
import org.junit.jupiter.api.Test;

import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link RedisEvictionCheck}.
 */
class RedisEvictionCheckIntegrationTests {

	@Test
	void serverThatEvictsWhatExpiresMayEvictLiveRecords() {
		Eviction eviction = check("--maxmemory", "64mb", "--maxmemory-policy", "volatile-lru").orElseThrow();

		assertThat(eviction.mayEvict()).isTrue();
		assertThat(eviction.warning()).hasValueSatisfying(
				(warning) -> assertThat(warning).contains("volatile-lru", "67108864 bytes", "noeviction"));
	}

	@Test
	void serverWithoutLimitDoesNotEvictYet() {
		Eviction eviction = check("--maxmemory-policy", "allkeys-lru").orElseThrow();

		assertThat(eviction.mayEvict()).isFalse();
		assertThat(eviction.warning())
			.hasValueSatisfying((warning) -> assertThat(warning).contains("allkeys-lru", "maxmemory is 0"));
	}

	@Test
	void serverThatNeverEvictsIsNoWarning() {
		Eviction eviction = check("--maxmemory", "64mb").orElseThrow();

		assertThat(eviction.policy()).isEqualTo("noeviction");
		assertThat(eviction.mayEvict()).isFalse();
		assertThat(eviction.warning()).isEmpty();
	}

	@Test
	void serverThatIsNotThereIsNotTakenForOneThatDoesNotSay() {
		RedisServer server = RedisServer.launch();
		LettuceConnectionFactory connections = RedisConnections.to(server.url());
		server.close();

		assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> RedisEvictionCheck.check(connections));

		connections.destroy();
	}

	@Test
	void serverThatRefusesToSayIsNotJudged() {
		try (RedisServer server = RedisServer.launch()) {
			LettuceConnectionFactory connections = RedisConnections.to(server.url());
			try (RedisConnection connection = connections.getConnection()) {
				connection.execute("ACL", bytes("SETUSER"), bytes("default"), bytes("-info"));
			}

			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> RedisConnections.info(connections, "memory"))
				.withStackTraceContaining("NOPERM");
			assertThat(RedisEvictionCheck.check(connections)).isEmpty();

			connections.destroy();
		}
	}

	@Test
	void worstNodeOfAClusterCounts() {
		Properties memory = new Properties();
		memory.setProperty("10.0.0.1:6379.maxmemory_policy", "noeviction");
		memory.setProperty("10.0.0.1:6379.maxmemory", "100");
		memory.setProperty("10.0.0.2:6379.maxmemory_policy", "allkeys-lfu");
		memory.setProperty("10.0.0.2:6379.maxmemory", "0");
		memory.setProperty("10.0.0.3:6379.maxmemory_policy", "volatile-ttl");
		memory.setProperty("10.0.0.3:6379.maxmemory", "200");

		assertThat(RedisEvictionCheck.evaluate(memory)).contains(new Eviction("volatile-ttl", 200));
	}

	@Test
	void serverThatDoesNotSayIsNotJudged() {
		assertThat(RedisEvictionCheck.evaluate(new Properties())).isEmpty();
		assertThat(RedisEvictionCheck.evaluate(null)).isEmpty();
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static Optional<Eviction> check(String... options) {
		try (RedisServer server = RedisServer.launch(options)) {
			LettuceConnectionFactory connections = RedisConnections.to(server.url());
			Optional<Eviction> eviction = RedisEvictionCheck.check(connections);
			connections.destroy();
			return eviction;
		}
	}

}
