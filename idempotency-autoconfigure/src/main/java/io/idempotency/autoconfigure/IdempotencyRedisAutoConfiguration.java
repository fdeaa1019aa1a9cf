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

package io.idempotency.autoconfigure;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.redis.RedisEvictionCheck;
import io.idempotency.store.redis.RedisIdempotencyStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * The Redis store, wherever there is a Redis connection factory. Whether it is used is
 * decided by {@code idempotency.store}; it does not connect before.
 */
@AutoConfiguration(afterName = { "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration",
		"org.springframework.boot.autoconfigure.data.redis.RedisAutoConfiguration" })
@ConditionalOnClass(RedisConnectionFactory.class)
@ConditionalOnSingleCandidate(RedisConnectionFactory.class)
@ConditionalOnProperty(prefix = "idempotency", name = "enabled", havingValue = "true", matchIfMissing = true)
@EnableConfigurationProperties(IdempotencyProperties.class)
public final class IdempotencyRedisAutoConfiguration {

	@Bean
	@Lazy
	@ConditionalOnMissingBean
	RedisIdempotencyStore redisIdempotencyStore(RedisConnectionFactory connectionFactory,
			IdempotencyProperties properties) {
		return new RedisIdempotencyStore(connectionFactory, properties.redis().keyPrefix());
	}

	@Bean
	@ConditionalOnBean(RedisIdempotencyStore.class)
	StorePreparation idempotencyRedisPreparation(RedisConnectionFactory connectionFactory) {
		return new EvictionWarning(connectionFactory);
	}

	/**
	 * Warns about a server that may evict records which are still needed. A server that
	 * does not answer is no reason not to start: calls fail closed until it does.
	 *
	 * @param connectionFactory the connection to the server
	 */
	private record EvictionWarning(RedisConnectionFactory connectionFactory) implements StorePreparation {

		private static final Log logger = LogFactory.getLog(RedisEvictionCheck.class);

		@Override
		public boolean supports(IdempotencyStore store) {
			return store instanceof RedisIdempotencyStore;
		}

		@Override
		public void prepare(IdempotencyStore store) {
			try {
				RedisEvictionCheck.check(this.connectionFactory)
					.flatMap(RedisEvictionCheck.Eviction::warning)
					.ifPresent(logger::warn);
			}
			catch (RuntimeException ex) {
				logger.warn("Redis did not answer at start-up, so calls fail with IdempotencyStoreUnavailableException "
						+ "until it does, and whether it may evict records is not known: "
						+ NestedExceptionUtils.getMostSpecificCause(ex));
				logger.debug("Redis did not answer", ex);
			}
		}

	}

}
