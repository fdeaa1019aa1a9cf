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

import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;

import org.springframework.context.ApplicationContext;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Counts what a server was asked for, by its own statistics.
 */
final class RedisCalls {

	private static final String PREFIX = "cmdstat_";

	private final RedisConnectionFactory connectionFactory;

	RedisCalls(ApplicationContext context) {
		this.connectionFactory = context.getBean(RedisConnectionFactory.class);
	}

	void reset() {
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			connection.serverCommands().resetConfigStats();
		}
	}

	/** Return the calls by command, those from inside scripts included. */
	Map<String, Long> all() {
		Properties stats;
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			stats = connection.serverCommands().info("commandstats");
		}
		Map<String, Long> calls = new TreeMap<>();
		stats.forEach((name, value) -> {
			String command = String.valueOf(name).substring(PREFIX.length());
			calls.put(command, Long.valueOf(String.valueOf(value).replaceAll("calls=(\\d+),.*", "$1")));
		});
		calls.keySet().removeIf((command) -> command.startsWith("config") || command.equals("info"));
		return calls;
	}

	/**
	 * Return the calls that were round trips: scripts, and what no script of ours does.
	 */
	Map<String, Long> ofClients() {
		Map<String, Long> calls = all();
		calls.keySet().removeAll(Set.of("get", "set", "time", "pttl", "setrange", "getrange", "pexpire"));
		return calls;
	}

}
