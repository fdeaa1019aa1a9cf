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
import java.util.UUID;
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

	private static final Duration WARM_UP = Duration.ofSeconds(3);

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
		List<Server> servers = new ArrayList<>();
		try {
			for (String property : List.of("idempotency.enabled=false", "idempotency.enabled=false",
					"idempotency.store=memory", "idempotency.store=redis", "idempotency.store=jdbc")) {
				servers.add(start(pool, redis, property));
			}
			compare(servers.get(0), servers.get(1), servers.subList(2, servers.size()));
		}
		finally {
			servers.forEach(Server::close);
		}
	}

	private static Server start(HikariDataSource pool, RedisProcess redis, String property) {
		ConfigurableApplicationContext application = HttpApplication.start(pool, redis.port(), property);
		return new Server(application, application.getBeanProvider(TimedStore.class).getIfAvailable());
	}

	private void compare(Server plain, Server twin, List<Server> guarded) throws Exception {
		List<Line> lines = new ArrayList<>();
		lines.add(
				new Line("the same without the library, twice", plain.firstRun("/answers"), twin.firstRun("/answers")));
		lines.add(new Line("not guarded, beside guarded ones", plain.firstRun("/unguarded"),
				guarded.get(0).firstRun("/unguarded")));
		for (Server server : guarded) {
			String replayed = UUID.randomUUID() + "-";
			server.record("/answers", replayed, KEYS);
			lines.add(new Line(server.name() + ", first run", plain.firstRun("/answers"), server.firstRun("/answers")));
			lines.add(new Line(server.name() + ", first run that writes a row", plain.firstRun("/payments"),
					server.firstRun("/payments")));
			lines.add(new Line(server.name() + ", replay", plain.firstRun("/answers"),
					server.calls("/answers", (random) -> replayed + random.nextInt(KEYS))));
		}
		Set<Side> sides = new LinkedHashSet<>();
		lines.forEach((line) -> sides.addAll(List.of(line.theirs, line.ours)));
		for (Side side : sides) {
			warmUp(side);
		}
		this.report.times(measure(lines, 1), this.durable);
		this.report.rates(measure(lines, MANY_CONNECTIONS), MANY_CONNECTIONS);
	}

	private void warmUp(Side side) throws Exception {
		try (Load load = new Load(MANY_CONNECTIONS, this.seed++); HttpCalls calls = side.open()) {
			load.rate(calls, WARM_UP);
		}
	}

	private Map<String, RequestCost.Compared> measure(List<Line> lines, int connections) throws Exception {
		Map<String, RequestCost.Compared> measured = new LinkedHashMap<>();
		for (Line line : lines) {
			Contest contest = new Contest(connections, this.rounds, this.seed++, WARM_UP_ROUNDS);
			try (Load load = new Load(connections, contest.seed());
					HttpCalls ours = line.ours.open();
					HttpCalls theirs = line.theirs.open()) {
				measured.put(line.what,
						new RequestCost.Compared(contest.turns(
								() -> RequestCost.measure(load, connections, ours, line.ours.server.store),
								() -> RequestCost.measure(load, connections, theirs, line.theirs.server.store))));
			}
		}
		return measured;
	}

	/**
	 * Two sides that do the same.
	 *
	 * @param what they do
	 * @param theirs without the library
	 * @param ours with it
	 */
	private record Line(String what, Side theirs, Side ours) {

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

		String name() {
			return (this.store != null) ? this.store.name() : "none";
		}

		Side calls(String path, Function<SplittableRandom, String> key) {
			return new Side(this, path, key);
		}

		Side firstRun(String path) {
			return calls(path, Operation::freshKey);
		}

		void record(String path, String prefix, int count) throws Exception {
			try (HttpCalls calls = firstRun(path).open()) {
				for (int i = 0; i < count; i++) {
					calls.send(prefix + i);
				}
			}
		}

		void close() {
			this.application.close();
		}

	}

}
