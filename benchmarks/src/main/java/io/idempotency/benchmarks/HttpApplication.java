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

package io.idempotency.benchmarks;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.Idempotent;
import io.idempotency.OnUnknown;
import io.idempotency.autoconfigure.IdempotencyJdbcAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyRedisAutoConfiguration;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.RecordId;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.store.redis.RedisIdempotencyStore;
import io.idempotency.store.sql.SqlIdempotencyStore;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * An application on Tomcat with guarded endpoints, which is started with each store and
 * with the library switched off.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = { IdempotencyJdbcAutoConfiguration.class, IdempotencyRedisAutoConfiguration.class })
class HttpApplication {

	private static final String PAYMENT = "INSERT INTO payment (id, receipt) VALUES (?, ?)";

	/**
	 * Start it.
	 * @param pool the database
	 * @param redis the port of Redis
	 * @param properties what is different from one to the next
	 * @return the running application
	 */
	static ConfigurableApplicationContext start(HikariDataSource pool, int redis, String... properties) {
		return new SpringApplicationBuilder(HttpApplication.class)
			.initializers((ConfigurableApplicationContext context) -> ((GenericApplicationContext) context)
				.registerBean("dataSource", HikariDataSource.class, () -> pool,
						(definition) -> definition.setDestroyMethodName("")))
			.properties("spring.main.banner-mode=off", "logging.level.root=WARN", "server.address=127.0.0.1",
					"server.port=0", "server.tomcat.max-keep-alive-requests=-1", "spring.data.redis.host=127.0.0.1",
					"spring.data.redis.port=" + redis, "idempotency.sql.purge.enabled=false")
			.properties(properties)
			.run();
	}

	static int port(ConfigurableApplicationContext application) {
		return application.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
	}

	/**
	 * Endpoints: work that costs nothing, without a guard and with one, and work that
	 * writes a row.
	 */
	@RestController
	static class Payments {

		private final JdbcTemplate jdbc;

		Payments(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@PostMapping("/unguarded")
		public Receipt unguarded(@RequestBody Order order) {
			return Receipt.of(order.id());
		}

		@Idempotent
		@PostMapping("/answers")
		public Receipt answer(@RequestBody Order order) {
			return Receipt.of(order.id());
		}

		@Idempotent
		@PostMapping("/payments")
		public Receipt pay(@RequestBody Order order) {
			this.jdbc.update(PAYMENT, UUID.randomUUID(), order.id());
			return Receipt.of(order.id());
		}

	}

	/**
	 * The same work between the same calls of the store, without anything around it.
	 */
	@RestController
	@ConditionalOnBooleanProperty(name = "idempotency.enabled", havingValue = false)
	static class StoreCalls {

		private static final Duration LEASE = Duration.ofSeconds(30);

		private static final Duration TTL = Duration.ofDays(1);

		/** About as long as the stored response is. */
		private static final StoredOutcome OUTCOME = StoredOutcome.value(new byte[190]);

		private final @Nullable TimedStore store;

		private final Payments payments;

		StoreCalls(ObjectProvider<TimedStore> stores, Payments payments) {
			this.store = stores.getIfAvailable();
			this.payments = payments;
		}

		@PostMapping("/store-calls/answers")
		public Receipt answer(@RequestHeader("Idempotency-Key") String key, @RequestBody Order order) {
			return around(key, () -> this.payments.answer(order));
		}

		@PostMapping("/store-calls/payments")
		public Receipt pay(@RequestHeader("Idempotency-Key") String key, @RequestBody Order order) {
			return around(key, () -> this.payments.pay(order));
		}

		private Receipt around(String key, Supplier<Receipt> work) {
			TimedStore store = Objects.requireNonNull(this.store);
			byte[] id = Arrays.copyOf(key.substring(1, key.length() - 1).getBytes(StandardCharsets.US_ASCII), 32);
			ClaimResult claimed = store.claim(new ClaimRequest(RecordId.of(id), "store-calls", UUID.randomUUID(),
					Fingerprint.of(id), OnUnknown.RETRY, LEASE, TTL, TTL, false));
			Receipt receipt = work.get();
			if (claimed instanceof ClaimResult.Acquired acquired && !store.complete(acquired.lease(), OUTCOME, TTL)) {
				throw new IllegalStateException("The lease is lost");
			}
			return receipt;
		}

	}

	/**
	 * The stores, of which {@code benchmark.store} chooses one.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Stores {

		@Bean("memory")
		@ConditionalOnProperty(name = "benchmark.store", havingValue = "memory")
		TimedStore memory() {
			return new TimedStore(new MemoryIdempotencyStore());
		}

		@Bean("redis")
		@ConditionalOnProperty(name = "benchmark.store", havingValue = "redis")
		TimedStore redis(RedisConnectionFactory connections) {
			return new TimedStore(new RedisIdempotencyStore(connections));
		}

		@Bean("jdbc")
		@ConditionalOnProperty(name = "benchmark.store", havingValue = "jdbc")
		TimedStore jdbc(HikariDataSource pool) {
			SqlIdempotencyStore store = SqlIdempotencyStore.on(pool).build();
			store.schema().create();
			return new TimedStore(store);
		}

	}

}
