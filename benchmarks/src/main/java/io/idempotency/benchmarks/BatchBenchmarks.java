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

import java.time.Duration;
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
 * Batches beside single calls of the same new keys, either 500 at a time or one by one. A
 * turn ends when all threads have all answers, and each key has to be worked on once.
 * There are eight threads, which ask for the same 10,000 keys in opposite orders, so that
 * seven of eight answers are replays; and there is one, as in a loop over a list. What a
 * batch saves is round trips: the server is asked as it is, where they cost next to
 * nothing, and as if it were half a millisecond away, as in another zone of a region.
 */
final class BatchBenchmarks {

	private static final int BATCH = 500;

	private static final Duration DISTANCE = Duration.ofNanos(500_000);

	private static final double TARGET = 10;

	private final Report report;

	private final int rounds;

	private final boolean durable;

	private int turn;

	BatchBenchmarks(Report report, int rounds, boolean durable) {
		this.report = report;
		this.rounds = Math.max(rounds / 4, 2);
		this.durable = durable;
	}

	void run() throws Exception {
		this.report.title("Answers per second, 500 keys at a time and one by one");
		try (RedisProcess redis = RedisProcess.start();
				DistantServer distant = new DistantServer(redis.port(), DISTANCE)) {
			redis("Redis", redis.port());
			redis("Redis, 0.5 ms away", distant.port());
		}
		String server = "PostgreSQL" + (this.durable ? "" : " without fsync");
		try (EmbeddedPostgres postgres = SqlBenchmarks.server(this.durable);
				DistantServer distant = new DistantServer(postgres.getPort(), DISTANCE)) {
			String url = postgres.getJdbcUrl("postgres", "postgres");
			sql(server, url);
			sql(server + ", 0.5 ms away", url.replace(":" + postgres.getPort(), ":" + distant.port()));
		}
	}

	private void redis(String what, int port) throws Exception {
		LettuceConnectionFactory connections = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration("127.0.0.1", port));
		connections.afterPropertiesSet();
		connections.start();
		try (RedisIdempotencyStore store = new RedisIdempotencyStore(connections)) {
			compare(what, store);
		}
		finally {
			connections.destroy();
		}
	}

	private void sql(String what, String url) throws Exception {
		try (HikariDataSource pool = SqlBenchmarks.pool(url, "SET synchronous_commit = on")) {
			SqlIdempotencyStore store = SqlIdempotencyStore.on(pool).build();
			store.schema().create();
			compare(what, store);
		}
	}

	private void compare(String what, IdempotencyStore store) throws Exception {
		try (IdempotencyEngine engine = new IdempotencyEngine(new Jackson3OutcomeCodec(JsonMapper.builder().build()),
				List.of(), false)) {
			// Who follows another thread has to wait for as long as a busy machine takes
			Idempotency idempotency = new EngineIdempotency(engine,
					new Operations(OperationSettings.builder().waitTimeout(Duration.ofMinutes(1)).build(), Map.of(),
							(name) -> store),
					new Canonicalizer(), InstantSource.system());
			compare(what, idempotency, 8, 10_000);
			compare(what, idempotency, 1, 10_000);
		}
	}

	private void compare(String what, Idempotency idempotency, int threads, int keys) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			Contest contest = new Contest(threads, this.rounds, 0, 6);
			this.report.atLeast(what, threads,
					Contest.Result.of(contest.turns(
							() -> answers(executor, threads, keys, (asked, runs) -> batches(idempotency, asked, runs)),
							() -> answers(executor, threads, keys, (asked, runs) -> calls(idempotency, asked, runs))),
							Double::doubleValue),
					TARGET);
		}
		finally {
			executor.shutdownNow();
		}
	}

	private double answers(ExecutorService executor, int threads, int count, Asking asking) throws Exception {
		int turn = this.turn++;
		List<String> keys = IntStream.range(0, count).mapToObj((i) -> turn + "-" + i).toList();
		List<String> backwards = new ArrayList<>(keys);
		Collections.reverse(backwards);
		AtomicInteger runs = new AtomicInteger();
		List<Callable<Void>> tasks = new ArrayList<>();
		for (int i = 0; i < threads; i++) {
			List<String> mine = (i % 2 == 0) ? keys : backwards;
			tasks.add(() -> {
				asking.ask(mine, runs);
				return null;
			});
		}
		long begin = System.nanoTime();
		for (Future<Void> done : executor.invokeAll(tasks)) {
			done.get();
		}
		double seconds = (System.nanoTime() - begin) / 1e9;
		if (runs.get() != count) {
			throw new IllegalStateException(count + " keys were worked on " + runs + " times");
		}
		return (double) threads * count / seconds;
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
