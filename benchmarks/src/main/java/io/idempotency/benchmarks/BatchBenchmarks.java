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

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.Idempotency;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.engine.EngineIdempotency;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.OperationSettings;
import io.idempotency.engine.Operations;
import io.idempotency.key.Canonicalizer;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.redis.RedisIdempotencyStore;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Batches beside single calls: 10,000 new keys, each asked for by 8 threads, which go
 * over them in opposite orders, either 500 at a time or one by one. A turn ends when all
 * threads have all answers, and each key has to be worked on once.
 */
final class BatchBenchmarks {

	private static final int KEYS = 10_000;

	private static final int BATCH = 500;

	private static final int THREADS = 8;

	private static final double TARGET = 10;

	private final Report report;

	private final int rounds;

	private final boolean durable;

	private int turn;

	BatchBenchmarks(Report report, int rounds, boolean durable) {
		this.report = report;
		this.rounds = rounds;
		this.durable = durable;
	}

	void run() throws Exception {
		this.report.title("Answers per second, 10,000 keys for each of 8 threads, 500 at a time and one by one");
		try (RedisProcess redis = RedisProcess.start()) {
			LettuceConnectionFactory connections = new LettuceConnectionFactory(
					new RedisStandaloneConfiguration("127.0.0.1", redis.port()));
			connections.afterPropertiesSet();
			connections.start();
			try (RedisIdempotencyStore store = new RedisIdempotencyStore(connections)) {
				compare("Redis", store);
			}
			finally {
				connections.destroy();
			}
		}
		try (EmbeddedPostgres server = SqlBenchmarks.server(this.durable);
				HikariDataSource pool = SqlBenchmarks.pool(server.getJdbcUrl("postgres", "postgres"),
						"SET synchronous_commit = on")) {
			SqlIdempotencyStore store = SqlIdempotencyStore.on(pool).build();
			store.schema().create();
			compare("PostgreSQL" + (this.durable ? "" : " without fsync"), store);
		}
	}

	private void compare(String what, IdempotencyStore store) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try (IdempotencyEngine engine = new IdempotencyEngine(new Jackson3OutcomeCodec(JsonMapper.builder().build()),
				List.of(), false)) {
			Idempotency idempotency = new EngineIdempotency(engine,
					new Operations(OperationSettings.UNSET, Map.of(), (name) -> store), new Canonicalizer(),
					InstantSource.system());
			Contest contest = new Contest(THREADS, this.rounds, 0, 2);
			this.report.atLeast(what, THREADS,
					Contest.Result.of(
							contest.turns(() -> answers(threads, (keys, runs) -> batches(idempotency, keys, runs)),
									() -> answers(threads, (keys, runs) -> calls(idempotency, keys, runs))),
							Double::doubleValue),
					TARGET);
		}
		finally {
			threads.shutdownNow();
		}
	}

	private double answers(ExecutorService threads, Asking asking) throws Exception {
		int turn = this.turn++;
		List<String> keys = IntStream.range(0, KEYS).mapToObj((i) -> turn + "-" + i).toList();
		List<String> backwards = new ArrayList<>(keys);
		Collections.reverse(backwards);
		AtomicInteger runs = new AtomicInteger();
		List<Callable<Void>> tasks = new ArrayList<>();
		for (int i = 0; i < THREADS; i++) {
			List<String> mine = (i % 2 == 0) ? keys : backwards;
			tasks.add(() -> {
				asking.ask(mine, runs);
				return null;
			});
		}
		long begin = System.nanoTime();
		for (Future<Void> done : threads.invokeAll(tasks)) {
			done.get();
		}
		double seconds = (System.nanoTime() - begin) / 1e9;
		if (runs.get() != KEYS) {
			throw new IllegalStateException(KEYS + " keys were worked on " + runs + " times");
		}
		return THREADS * KEYS / seconds;
	}

	private static void batches(Idempotency idempotency, List<String> keys, AtomicInteger runs) {
		for (int from = 0; from < keys.size(); from += BATCH) {
			idempotency.batch("notify")
				.keys(keys.subList(from, from + BATCH), (key) -> key)
				.execute(String.class, (newKeys) -> {
					runs.addAndGet(newKeys.size());
					return newKeys;
				})
				.values();
		}
	}

	private static void calls(Idempotency idempotency, List<String> keys, AtomicInteger runs) {
		for (String key : keys) {
			idempotency.call("notify", key).execute(String.class, () -> {
				runs.incrementAndGet();
				return key;
			});
		}
	}

	/**
	 * Asks for all keys.
	 */
	private interface Asking {

		void ask(List<String> keys, AtomicInteger runs);

	}

}
