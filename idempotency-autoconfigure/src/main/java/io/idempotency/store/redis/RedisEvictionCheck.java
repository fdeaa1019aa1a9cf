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

import java.util.Optional;
import java.util.Properties;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.data.redis.RedisSystemException;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Finds out whether a Redis may evict live records when its memory is full. Every policy
 * but {@code noeviction} may: each record has an expiry, so {@code volatile-*} takes them
 * too, and what is evicted runs again.
 *
 * <p>
 * Reads {@code INFO memory}, because managed servers refuse {@code CONFIG}. In a cluster
 * the worst node counts.
 */
public final class RedisEvictionCheck {

	private static final Log logger = LogFactory.getLog(RedisEvictionCheck.class);

	private static final String POLICY = "maxmemory_policy";

	private static final String NO_EVICTION = "noeviction";

	private RedisEvictionCheck() {
	}

	/**
	 * Ask the server.
	 * @param connectionFactory where Redis is
	 * @return the policy and whether it may evict, or empty if the server does not say or
	 * refuses to
	 * @throws org.springframework.dao.DataAccessException if the server does not answer
	 */
	public static Optional<Eviction> check(RedisConnectionFactory connectionFactory) {
		try (RedisConnection connection = connectionFactory.getConnection()) {
			return evaluate(connection.serverCommands().info("memory"));
		}
		catch (RedisSystemException | InvalidDataAccessApiUsageException ex) {
			// An error that the server sent, as Lettuce and as Jedis have it
			logger.debug("INFO memory was refused", ex);
			return Optional.empty();
		}
	}

	static Optional<Eviction> evaluate(@Nullable Properties memory) {
		if (memory == null) {
			return Optional.empty();
		}
		return memory.stringPropertyNames()
			.stream()
			.filter((name) -> name.equals(POLICY) || name.endsWith("." + POLICY))
			.map((name) -> new Eviction(memory.getProperty(name), maxmemory(memory, name)))
			.reduce((one, other) -> (other.severity() > one.severity()) ? other : one);
	}

	private static long maxmemory(Properties memory, String policyName) {
		String node = policyName.substring(0, policyName.length() - POLICY.length());
		try {
			return Long.parseLong(memory.getProperty(node + "maxmemory", "0"));
		}
		catch (NumberFormatException ex) {
			return 0;
		}
	}

	/**
	 * What a server does when its memory is full.
	 *
	 * @param policy its {@code maxmemory-policy}
	 * @param maxmemory its limit in bytes, 0 if there is none
	 */
	public record Eviction(String policy, long maxmemory) {

		/**
		 * Return whether live records may be evicted.
		 * @return whether the policy evicts and there is a limit
		 */
		public boolean mayEvict() {
			return !NO_EVICTION.equals(this.policy) && this.maxmemory > 0;
		}

		/**
		 * Return a warning for the log.
		 * @return what is wrong and what to do, or empty under {@code noeviction}
		 */
		public Optional<String> warning() {
			if (NO_EVICTION.equals(this.policy)) {
				return Optional.empty();
			}
			String when = (this.maxmemory > 0)
					? "may evict live idempotency records once it uses " + this.maxmemory + " bytes (maxmemory)"
					: "has no memory limit now (maxmemory is 0), and may evict live idempotency records once it gets one";
			return Optional.of("Redis has the maxmemory-policy " + this.policy + " and " + when
					+ ". An evicted record makes its work run again:"
					+ " set maxmemory-policy to noeviction, or give idempotency a Redis of its own");
		}

		private int severity() {
			return (mayEvict() ? 1 : 0) + (NO_EVICTION.equals(this.policy) ? 0 : 1);
		}

	}

}
