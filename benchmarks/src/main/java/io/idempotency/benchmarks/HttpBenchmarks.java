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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * An endpoint with the library and the same one without it, over real HTTP.
 */
final class HttpBenchmarks {

	private static final int KEYS = 1_000;

	private static final int MANY_CONNECTIONS = 8;

	private static final int WARM_UP_ROUNDS = 4;

	private static final Duration WARM_UP = Duration.ofSeconds(10);

	private static final String OFF = "idempotency.enabled=false";

	private final HttpReport report;

	/** Of the next keys: no two contests use the same. */
	private long seed;

	private final int rounds;

	private final boolean durable;

	HttpBenchmarks(HttpReport report, long seed, int rounds, boolean durable) {
		this.report = report;
		this.seed = seed;
		this.rounds = rounds;
		this.durable = durable;
	}

	void run() throws Exception {
		try (EmbeddedPostgres postgres = SqlBenchmarks.server(this.durable);
				HikariDataSource pool = SqlBenchmarks.pool(postgres.getJdbcUrl("postgres", "postgres"),
						"SET synchronous_commit = on");
				RedisProcess redis = RedisProcess.start()) {
			new JdbcTemplate(pool)
				.execute("CREATE TABLE payment (id UUID NOT NULL PRIMARY KEY, receipt VARCHAR(100) NOT NULL)");
			run(pool, redis);
		}
	}

	private void run(HikariDataSource pool, RedisProcess redis) throws Exception {
		List<Server> started = new ArrayList<>();
		try {
			List<Line> lines = new ArrayList<>();
			Server plain = start(started, pool, redis, OFF);
			Server twin = start(started, pool, redis, OFF);
			lines.add(new Line("the same without the library, twice", plain.firstRun("/answers"),
					plain.firstRun("/answers"), twin.firstRun("/answers")));
			for (String store : List.of("memory", "redis", "jdbc")) {
				Server guarded = start(started, pool, redis, "idempotency.store=" + store, "benchmark.store=" + store);
				Server calling = start(started, pool, redis, OFF, "benchmark.store=" + store);
				lines.addAll(lines(store, plain, calling, guarded));
			}
			compare(lines);
		}
		finally {
			started.forEach(Server::close);
		}
	}

	private static Server start(List<Server> started, HikariDataSource pool, RedisProcess redis, String... properties) {
		ConfigurableApplicationContext application = HttpApplication.start(pool, redis.port(), properties);
		Server server = new Server(application, application.getBeanProvider(TimedStore.class).getIfAvailable());
		started.add(server);
		return server;
	}

	private List<Line> lines(String store, Server plain, Server calling, Server guarded) throws Exception {
		String recorded = Operation.freshKey(new SplittableRandom(this.seed++)).substring(8);
		Function<SplittableRandom, String> known = (random) -> random.nextInt(KEYS) + recorded;
		guarded.record("/answers", recorded, KEYS);
		calling.record("/store-calls/answers", recorded, KEYS);
		List<Line> lines = new ArrayList<>();
		if (store.equals("memory")) {
			lines.add(new Line("not guarded, beside guarded ones", plain.firstRun("/unguarded"),
					plain.firstRun("/unguarded"), guarded.firstRun("/unguarded")));
		}
		lines.add(new Line(store + ", first run", plain.firstRun("/answers"), calling.firstRun("/store-calls/answers"),
				guarded.firstRun("/answers")));
		lines.add(new Line(store + ", first run that writes a row", plain.firstRun("/payments"),
				calling.firstRun("/store-calls/payments"), guarded.firstRun("/payments")));
		lines.add(new Line(store + ", replay", plain.firstRun("/answers"),
				new Side(calling, "/store-calls/answers", known), new Side(guarded, "/answers", known)));
		return lines;
	}

	private void compare(List<Line> lines) throws Exception {
		Set<Side> sides = new LinkedHashSet<>();
		lines.forEach((line) -> sides.addAll(List.of(line.plain, line.calling, line.guarded)));
		for (Side side : sides) {
			warmUp(side);
		}
		this.report.times("the same without the library", measure(lines, Line::plain, 1));
		this.report.times("the same store calls alone", measure(lines, Line::calling, 1));
		this.report.rates(measure(lines, Line::plain, MANY_CONNECTIONS), MANY_CONNECTIONS);
	}

	private void warmUp(Side side) throws Exception {
		try (Load load = new Load(MANY_CONNECTIONS, this.seed++); HttpCalls calls = side.open()) {
			load.rate(calls, WARM_UP);
		}
	}

	private Map<String, RequestCost.Compared> measure(List<Line> lines, Function<Line, Side> other, int connections)
			throws Exception {
		Map<String, RequestCost.Compared> measured = new LinkedHashMap<>();
		for (Line line : lines) {
			Contest contest = new Contest(connections, this.rounds, this.seed++, WARM_UP_ROUNDS);
			Side theirs = other.apply(line);
			try (Load load = new Load(connections, contest.seed());
					HttpCalls ourCalls = line.guarded.open();
					HttpCalls theirCalls = theirs.open()) {
				measured.put(line.what,
						new RequestCost.Compared(contest.turns(
								() -> RequestCost.measure(load, connections, ourCalls, line.guarded.server.store),
								() -> RequestCost.measure(load, connections, theirCalls, theirs.server.store))));
			}
		}
		return measured;
	}

	/**
	 * The same request in three ways.
	 *
	 * @param what it is
	 * @param plain without the library
	 * @param calling with the same calls of the store, and nothing else of the library
	 * @param guarded with the library
	 */
	private record Line(String what, Side plain, Side calling, Side guarded) {

	}

	/**
	 * Requests to one endpoint of a server.
	 *
	 * @param server where to
	 * @param path the endpoint
	 * @param key makes their keys
	 */
	private record Side(Server server, String path, Function<SplittableRandom, String> key) {

		HttpCalls open() {
			return new HttpCalls(HttpApplication.port(this.server.application), this.path, this.key);
		}

	}

	/**
	 * A running application.
	 *
	 * @param application the application
	 * @param store its store, if it has one
	 */
	private record Server(ConfigurableApplicationContext application, @Nullable TimedStore store) {

		Side firstRun(String path) {
			return new Side(this, path, Operation::freshKey);
		}

		void record(String path, String suffix, int count) throws Exception {
			try (HttpCalls calls = firstRun(path).open()) {
				for (int i = 0; i < count; i++) {
					calls.send(i + suffix);
				}
			}
		}

		void close() {
			this.application.close();
		}

	}

}
