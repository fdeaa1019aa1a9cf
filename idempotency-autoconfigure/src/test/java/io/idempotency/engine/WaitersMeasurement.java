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

package io.idempotency.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.store.redis.RedisIdempotencyStore;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.test.servers.PostgresServer;
import io.idempotency.test.servers.RedisServer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How long 64 callers of one key wait for work that takes 200 ms. Prints figures and
 * asserts none; no part of the ordinary build:
 * {@code ./mvnw -pl idempotency-autoconfigure test -Dtest=WaitersMeasurement}.
 */
class WaitersMeasurement {

	private static final int CALLERS = 64;

	private static final int WARM_UP_ROUNDS = 10;

	private static final int ROUNDS = 20;

	private static final Duration WORK = Duration.ofMillis(200);

	@Test
	void inMemory() throws Exception {
		measure(new MemoryIdempotencyStore());
	}

	@Test
	void onRedis() throws Exception {
		RedisServer server = RedisServer.shared();
		LettuceConnectionFactory connections = new LettuceConnectionFactory(server.host(), server.port());
		connections.afterPropertiesSet();
		connections.start();
		try (RedisIdempotencyStore store = new RedisIdempotencyStore(connections, "waiters:")) {
			measure(store);
		}
		finally {
			connections.destroy();
		}
	}

	@Test
	void onPostgresql() throws Exception {
		try (PostgresServer.Database database = PostgresServer.shared().createDatabase();
				HikariDataSource pool = new HikariDataSource()) {
			pool.setDataSource(database.dataSource());
			SqlIdempotencyStore store = SqlIdempotencyStore.on(pool).name("postgresql").build();
			store.schema().create();
			measure(store);
		}
	}

	private static void measure(IdempotencyStore store) throws Exception {
		OperationSpec spec = OperationSpec.of("waiting", String.class, false, OperationSettings.UNSET, store);
		ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
		List<Long> waits = new ArrayList<>();
		try (IdempotencyEngine engine = new IdempotencyEngine(new Jackson3OutcomeCodec(JsonMapper.builder().build()),
				List.of(), false)) {
			for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
				long[] nanos = round(engine, spec, threads, round);
				if (round >= 0) {
					Arrays.stream(nanos).forEach(waits::add);
				}
			}
		}
		finally {
			threads.shutdownNow();
		}
		long[] sorted = waits.stream().mapToLong(Long::longValue).sorted().toArray();
		System.out.printf(Locale.ROOT,
				"%s: %d callers, %d ms of work: median %.1f ms, 95 %% %.1f ms, longest %.1f ms%n", store.name(),
				CALLERS, WORK.toMillis(), sorted[sorted.length / 2] / 1e6, sorted[sorted.length * 95 / 100] / 1e6,
				sorted[sorted.length - 1] / 1e6);
	}

	private static long[] round(IdempotencyEngine engine, OperationSpec spec, ExecutorService threads, int round)
			throws Exception {
		GuardedCall call = GuardedCall.of(spec, "", "key-" + round, null, Instant.EPOCH, GuardedCall.KEEP_ALL);
		AtomicInteger runs = new AtomicInteger();
		CountDownLatch start = new CountDownLatch(1);
		List<Future<Long>> callers = new ArrayList<>();
		for (int i = 0; i < CALLERS; i++) {
			callers.add(threads.submit(() -> {
				start.await();
				long began = System.nanoTime();
				Object answer = execute(engine, call, runs);
				long took = System.nanoTime() - began;
				assertThat(answer).isEqualTo("answer");
				return took;
			}));
		}
		start.countDown();
		long[] nanos = new long[CALLERS];
		for (int i = 0; i < CALLERS; i++) {
			nanos[i] = callers.get(i).get(1, TimeUnit.MINUTES);
		}
		assertThat(runs).hasValue(1);
		return nanos;
	}

	private static Object execute(IdempotencyEngine engine, GuardedCall call, AtomicInteger runs) {
		try {
			return engine.execute(call, () -> {
				runs.incrementAndGet();
				new CountDownLatch(1).await(WORK.toMillis(), TimeUnit.MILLISECONDS);
				return "answer";
			});
		}
		catch (Throwable ex) {
			throw new IllegalStateException(ex);
		}
	}

}
