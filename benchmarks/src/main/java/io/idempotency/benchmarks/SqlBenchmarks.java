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

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.maintenance.ExpiredRecordPurge;
import io.idempotency.store.Lease;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The relational store on PostgreSQL.
 */
final class SqlBenchmarks {

	private static final int KEYS = 1_000;

	private static final Duration WARM_UP = Duration.ofSeconds(10);

	private static final int CLAIMS_BEHIND = 800;

	private final Report report;

	/** Of the next keys: no two contests use the same. */
	private long seed;

	private final int rounds;

	private final boolean durable;

	SqlBenchmarks(Report report, long seed, int rounds, boolean durable) {
		this.report = report;
		this.seed = seed;
		this.rounds = rounds;
		this.durable = durable;
	}

	void run() throws Exception {
		try (EmbeddedPostgres server = server(this.durable);
				HikariDataSource pool = pool(server.getJdbcUrl("postgres", "postgres"), "SET synchronous_commit = on");
				ConfigurableApplicationContext context = application(pool)) {
			run(new Participants(pool, context));
		}
	}

	private void run(Participants participants) throws Exception {
		warmUp(participants);
		this.report
			.title("PostgreSQL" + (this.durable ? "" : " without fsync") + ", calls per second, little in the table");
		for (int threads : new int[] { 1, 8 }) {
			compareStores(participants, threads);
			compareMethods(participants, threads, this.rounds);
			compareTransactions(participants, threads);
		}
		hotCompletions(participants, 30);
		hotCompletions(participants, 150);
		participants.fill();
		this.report.title("PostgreSQL, calls per second, 1,000,000 rows in both tables");
		compareMethods(participants, 8, this.rounds);
		compareSizes(participants);
		this.report.title("PostgreSQL, 1,000,000 expired rows being purged meanwhile");
		underPurge(participants);
	}

	/**
	 * Call each side as often as the compiler needs to be done with it, which is oftener
	 * than a contest with one thread and a disk to wait for ever calls.
	 */
	private void warmUp(Participants with) throws Exception {
		List<Operation> operations = List.of((random) -> with.guarded.answer(Operation.freshKey(random)),
				(random) -> with.byHand.answer(Operation.freshKey(random)),
				(random) -> with.guarded.joined(Operation.freshKey(random)),
				(random) -> with.guarded.atomic(Operation.freshKey(random)),
				(random) -> with.byHand.pay(Operation.freshKey(random)));
		for (Operation operation : operations) {
			try (Load load = new Load(8, this.seed++)) {
				load.rate(operation, WARM_UP);
			}
		}
	}

	private void compareStores(Participants with, int threads) throws Exception {
		Contest contest = new Contest(threads, this.rounds, this.seed++);
		byte[] payload = "x".repeat(150).getBytes(StandardCharsets.UTF_8);
		this.report.atLeast("store, first run", threads,
				contest.throughput((random) -> with.firstRun(with.store, Operation.freshKey(random), payload),
						(random) -> with.hand.firstRun(Operation.freshKey(random), payload)),
				0.95);
		for (int i = 0; i < KEYS; i++) {
			with.firstRun(with.store, threads + "-" + i, payload);
			with.hand.firstRun(threads + "-" + i, payload);
		}
		Operation replay = (random) -> with.replay(with.store, threads + "-" + random.nextInt(KEYS));
		this.report.atLeast("store, replay", threads,
				contest.throughput(replay, (random) -> with.hand.replay(threads + "-" + random.nextInt(KEYS))), 1.6);
		this.report.atLeast("store, replay, beside `SELECT 1`", threads,
				contest.throughput(replay, (random) -> with.hand.bareRoundTrip()), 0);
	}

	private void compareMethods(Participants with, int threads, int rounds) throws Exception {
		Contest contest = new Contest(threads, rounds, this.seed++);
		String prefix = UUID.randomUUID() + "-";
		this.report.atLeast("`@Idempotent`, first run", threads,
				contest.throughput((random) -> with.guarded.answer(Operation.freshKey(random)),
						(random) -> with.byHand.answer(Operation.freshKey(random))),
				0.95);
		for (int i = 0; i < KEYS; i++) {
			with.guarded.answer(prefix + i);
			with.byHand.answer(prefix + i);
		}
		this.report.atLeast("`@Idempotent`, replay", threads,
				contest.throughput((random) -> with.guarded.answer(prefix + random.nextInt(KEYS)),
						(random) -> with.byHand.answer(prefix + random.nextInt(KEYS))),
				1.6);
	}

	private void compareTransactions(Participants with, int threads) throws Exception {
		Operation byHand = (random) -> with.byHand.pay(Operation.freshKey(random));
		this.report.atLeast("`JOINED` with an insert, first run", threads,
				new Contest(threads, this.rounds, this.seed++)
					.throughput((random) -> with.guarded.joined(Operation.freshKey(random)), byHand),
				1.2);
		this.report.atLeast("`ATOMIC` with an insert, first run", threads,
				new Contest(threads, this.rounds, this.seed++)
					.throughput((random) -> with.guarded.atomic(Operation.freshKey(random)), byHand),
				0);
	}

	private void hotCompletions(Participants with, int payloadLength) throws Exception {
		String statistics = " FROM pg_stat_user_tables WHERE relname = 'idempotency_record'";
		with.flushStatistics();
		long updates = with.number("SELECT n_tup_upd" + statistics);
		long hot = with.number("SELECT n_tup_hot_upd" + statistics);
		SplittableRandom random = new SplittableRandom(this.seed++);
		Deque<Lease> claimed = new ArrayDeque<>();
		byte[] payload = "x".repeat(payloadLength).getBytes(StandardCharsets.UTF_8);
		try (HikariDataSource relaxed = with.relaxed()) {
			SqlIdempotencyStore store = SqlIdempotencyStore.on(relaxed).build();
			for (int i = 0; i < 20_000; i++) {
				claimed.add(with.claim(store, Operation.freshKey(random)));
				if (claimed.size() > CLAIMS_BEHIND) {
					store.complete(claimed.remove(), StoredOutcome.value(payload), Duration.ofDays(1));
				}
			}
		}
		with.flushStatistics();
		updates = with.number("SELECT n_tup_upd" + statistics) - updates;
		hot = with.number("SELECT n_tup_hot_upd" + statistics) - hot;
		this.report.number("HOT of " + updates + " completions 800 claims behind, " + payloadLength + " bytes each",
				String.format(Locale.ROOT, "%.1f %%", 100.0 * hot / updates), "≥ 95 %", hot >= 0.95 * updates);
	}

	private void compareSizes(Participants with) throws Exception {
		SqlIdempotencyStore small = SqlIdempotencyStore.on(with.pool).table("idempotency_small").build();
		small.schema().create();
		byte[] payload = "x".repeat(150).getBytes(StandardCharsets.UTF_8);
		for (int i = 0; i < 1_000; i++) {
			with.firstRun(small, "size-" + i, payload);
			with.firstRun(with.store, "size-" + i, payload);
		}
		this.report.atLeast("replay, beside a table of 1,000 rows", 1,
				new Contest(1, this.rounds, this.seed++).throughput(
						(random) -> with.replay(with.store, "size-" + random.nextInt(1_000)),
						(random) -> with.replay(small, "size-" + random.nextInt(1_000))),
				0.91);
	}

	private void underPurge(Participants with) throws Exception {
		int rounds = Math.min(this.rounds, 16);
		byte[] payload = "x".repeat(150).getBytes(StandardCharsets.UTF_8);
		String expired = "SELECT count(*) FROM idempotency_record WHERE operation = 'old'";
		long before = with.number(expired);
		ExpiredRecordPurge purge = with.purge();
		Operation firstRun = (random) -> with.firstRun(with.store, Operation.freshKey(random), payload);
		this.report.atMost("p99 of a first run in ns, with the purge and without", 4,
				new Contest(4, rounds, this.seed++).slowest(firstRun, purge::start, purge::stop), 2);
		purge.start();
		try {
			compareMethods(with, 8, rounds);
		}
		finally {
			purge.stop();
		}
		long left = with.number(expired);
		this.report.number("rows purged meanwhile, " + left + " left", Long.toString(before - left), "not 0, some left",
				left > 0 && left < before);
	}

	/**
	 * Start a server that keeps what it has committed, as those of applications do; the
	 * test servers do not.
	 * @param durable whether it waits for its disk
	 */
	static EmbeddedPostgres server(boolean durable) throws IOException {
		return EmbeddedPostgres.builder()
			.setServerConfig("synchronous_commit", "on")
			.setServerConfig("full_page_writes", "on")
			.setServerConfig("fsync", durable ? "on" : "off")
			.start();
	}

	static HikariDataSource pool(String url, String initialization) {
		HikariConfig config = new HikariConfig();
		config.setConnectionInitSql(initialization);
		config.setJdbcUrl(url);
		config.setMaximumPoolSize(10);
		config.setMinimumIdle(10);
		return new HikariDataSource(config);
	}

	private static ConfigurableApplicationContext application(HikariDataSource pool) {
		JdbcTemplate jdbc = new JdbcTemplate(pool);
		jdbc.execute(HandRolledSql.table());
		jdbc.execute("CREATE TABLE payment (id UUID NOT NULL PRIMARY KEY, receipt VARCHAR(100) NOT NULL)");
		return new SpringApplicationBuilder(SqlApplication.class).web(WebApplicationType.NONE)
			.initializers((ConfigurableApplicationContext context) -> ((GenericApplicationContext) context)
				.registerBean("dataSource", HikariDataSource.class, () -> pool))
			.properties("spring.main.banner-mode=off", "idempotency.store=jdbc", "idempotency.sql.purge.enabled=false",
					"logging.level.root=WARN")
			.run();
	}

}
