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
import java.util.Properties;

import io.idempotency.store.RecordId;
import io.idempotency.test.servers.RedisServer;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.ReturnType;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Connections for tests, and what tests ask the server behind the store's back.
 */
final class RedisConnections {

	private static final String ELAPSE = """
			local record = redis.call('GET', KEYS[1])
			local remaining = redis.call('PTTL', KEYS[1]) - ARGV[1]
			if remaining <= 0 then
				redis.call('DEL', KEYS[1])
				return 1
			end
			local claimed, lease = struct.unpack('>I6I6', record, 5)
			redis.call('SETRANGE', KEYS[1], 4, struct.pack('>I6I6', claimed - ARGV[1], lease - ARGV[1]))
			redis.call('PEXPIRE', KEYS[1], remaining)
			return 1
			""";

	private RedisConnections() {
	}

	static LettuceConnectionFactory to(String url) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(
				LettuceConnectionFactory.createRedisConfiguration(url),
				LettuceClientConfiguration.builder().commandTimeout(Duration.ofSeconds(2)).build());
		factory.afterPropertiesSet();
		factory.start();
		return factory;
	}

	/** The connections to the shared server, for as long as the JVM runs. */
	static LettuceConnectionFactory shared() {
		return Shared.FACTORY;
	}

	static byte[] key(RecordId id) {
		return (RedisIdempotencyStore.DEFAULT_PREFIX + id.toHex()).getBytes(StandardCharsets.UTF_8);
	}

	static long eval(LettuceConnectionFactory factory, String script, byte[]... keyAndArguments) {
		try (RedisConnection connection = factory.getConnection()) {
			Long answer = connection.scriptingCommands()
				.eval(script.getBytes(StandardCharsets.UTF_8), ReturnType.INTEGER, 1, keyAndArguments);
			return (answer != null) ? answer : -1;
		}
	}

	static void elapse(LettuceConnectionFactory factory, RecordId id, Duration time) {
		eval(factory, ELAPSE, key(id), Long.toString(time.toMillis()).getBytes(StandardCharsets.UTF_8));
	}

	static Properties info(LettuceConnectionFactory factory, String section) {
		try (RedisConnection connection = factory.getConnection()) {
			return connection.serverCommands().info(section);
		}
	}

	private static final class Shared {

		private static final LettuceConnectionFactory FACTORY = to(RedisServer.shared().url());

	}

}
