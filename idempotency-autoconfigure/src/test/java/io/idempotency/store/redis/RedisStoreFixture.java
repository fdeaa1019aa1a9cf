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
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

import io.idempotency.OnUnknown;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.FailureNote;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.Release;
import io.idempotency.store.StoredOutcome;
import io.idempotency.test.servers.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A store on a server of its own, and what tests ask that server.
 */
abstract class RedisStoreFixture {

	static final Duration LEASE = Duration.ofSeconds(30);

	static final Duration ABANDONED_TTL = Duration.ofDays(7);

	static final Duration TTL = Duration.ofHours(24);

	static final StoredOutcome OUTCOME = StoredOutcome.value("{\"id\":1}".getBytes(StandardCharsets.UTF_8));

	static final FailureNote NOTE = new FailureNote("java.net.ConnectException", "refused");

	static final Random RANDOM = new Random();

	static RedisServer server;

	static LettuceConnectionFactory factory;

	RedisIdempotencyStore store;

	@BeforeAll
	static void startServer() {
		server = RedisServer.launch();
		factory = RedisConnections.to(server.url());
	}

	@AfterAll
	static void stopServer() {
		factory.destroy();
		server.close();
	}

	@BeforeEach
	void createStore() {
		this.store = new RedisIdempotencyStore(factory);
		runOnce(newId());
		resetCommandCounts();
	}

	@AfterEach
	void closeStore() {
		this.store.close();
		await().untilAsserted(() -> assertThat(channels()).isZero());
	}

	void runOnce(RecordId id) {
		assertThat(this.store.complete(acquire(id), OUTCOME, TTL)).isTrue();
	}

	Lease leaveUnknown(RecordId id) {
		Lease lease = acquire(id);
		assertThat(this.store.release(lease, new Release.Unknown(NOTE))).isTrue();
		return lease;
	}

	Lease acquire(RecordId id) {
		return ((ClaimResult.Acquired) this.store.claim(request(id, false))).lease();
	}

	static ClaimRequest request(RecordId id, boolean waiting) {
		return new ClaimRequest(id, "pay", UUID.randomUUID(), null, OnUnknown.RETRY, LEASE, ABANDONED_TTL, TTL,
				waiting);
	}

	static RecordId newId() {
		byte[] digest = new byte[RecordId.LENGTH];
		RANDOM.nextBytes(digest);
		return RecordId.of(digest);
	}

	static void ignore() {
	}

	static void resetCommandCounts() {
		try (RedisConnection connection = factory.getConnection()) {
			connection.serverCommands().resetConfigStats();
		}
	}

	static Map<String, Integer> commandCounts() {
		Properties stats = RedisConnections.info(factory, "commandstats");
		Map<String, Integer> counts = new TreeMap<>();
		for (String name : stats.stringPropertyNames()) {
			String command = name.substring("cmdstat_".length());
			if (!command.startsWith("config") && !command.equals("info")) {
				counts.put(command, Integer.valueOf(stats.getProperty(name).replaceAll("calls=(\\d+),.*", "$1")));
			}
		}
		return counts;
	}

	static String changes() {
		return RedisConnections.info(factory, "persistence").getProperty("rdb_changes_since_last_save");
	}

	static long channels() {
		return RedisConnections.eval(factory, "return #redis.call('PUBSUB', 'CHANNELS')", new byte[] { 1 });
	}

	static long ttl(RecordId id) {
		return RedisConnections.eval(factory, "return redis.call('PTTL', KEYS[1])", RedisConnections.key(id));
	}

	static long memory(byte[] key) {
		return RedisConnections.eval(factory, "return redis.call('MEMORY', 'USAGE', KEYS[1])", key);
	}

	static byte[] value(RecordId id) {
		try (RedisConnection connection = factory.getConnection()) {
			return connection.stringCommands().get(RedisConnections.key(id));
		}
	}

	static void flushScripts() {
		try (RedisConnection connection = factory.getConnection()) {
			connection.scriptingCommands().scriptFlush();
		}
	}

}
