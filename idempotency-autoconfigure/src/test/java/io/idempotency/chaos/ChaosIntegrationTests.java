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
package io.idempotency.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.test.servers.PostgresServer;
import io.idempotency.test.servers.TcpProxy;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Effect and record agree, row by row, whatever happens: several processes are called
 * with the same keys, their work fails at random, connections are cut and processes are
 * killed and paused.
 * <p>
 * The system property {@code idempotency.chaos.calls} sets the number of calls, two
 * fifths of them in each of the modes ATOMIC and JOINED, and
 * {@code idempotency.chaos.seed} what they are and what goes wrong.
 */
@Timeout(600)
class ChaosIntegrationTests {

	private static final Log logger = LogFactory.getLog(ChaosIntegrationTests.class);

	private static final int CALLS = Integer.getInteger("idempotency.chaos.calls", 10_000);

	private static final long SEED = Long.getLong("idempotency.chaos.seed", 20_260_301);

	private static final int CALLS_PER_FAULT = 25;

	private final Queue<Map.Entry<Call, Reply>> replies = new ConcurrentLinkedQueue<>();

	@Test
	void ledgerAndRecordsAgreeRowByRow() throws Exception {
		CallPlan plan = new CallPlan(CALLS, SEED);
		try (PostgresServer.Database database = PostgresServer.shared().createDatabase();
				HikariDataSource pool = pool(database);
				TcpProxy proxy = proxy(database);
				Fleet fleet = new Fleet(url(database, proxy))) {
			Books books = new Books(new JdbcTemplate(pool));
			books.enterKeys(plan);
			fleet.awaitReady();

			Map<Faults.Fault, Integer> struck = callAmongFaults(plan, proxy, fleet, new JdbcTemplate(pool));
			await().atMost(Duration.ofSeconds(30)).until(() -> books.transactionsInFlight() == 0);
			assertAgreement(books, "before the settling calls");
			callAll(plan.settlingCalls(), fleet, true, () -> {
			});

			assertAgreement(books, "after the settling calls");
			assertThat(books.unsettled()).as(seed()).isEmpty();
			assertThatThereWasChaos(books, struck);
		}
	}

	private Map<Faults.Fault, Integer> callAmongFaults(CallPlan plan, TcpProxy proxy, Fleet fleet, JdbcTemplate jdbc)
			throws Exception {
		List<Call> calls = plan.calls();
		try (Faults faults = new Faults(SEED, calls.size() / CALLS_PER_FAULT, CALLS_PER_FAULT, proxy, fleet, jdbc)) {
			callAll(calls, fleet, false, faults::callEnded);
			faults.end();
			return faults.struck();
		}
	}

	/**
	 * Make calls, as many at a time as the processes take.
	 * @param insist whether to call until there is a final answer
	 */
	private void callAll(List<Call> calls, Fleet fleet, boolean insist, Runnable afterEach) throws Exception {
		Queue<Call> queue = new LinkedBlockingQueue<>(calls);
		ExecutorService threads = Executors.newFixedThreadPool(Fleet.SIZE * PaymentsProcess.THREADS);
		try {
			List<Future<?>> callers = new ArrayList<>();
			for (int i = 0; i < Fleet.SIZE * PaymentsProcess.THREADS; i++) {
				int process = i % Fleet.SIZE;
				callers.add(threads.submit(() -> {
					for (Call call = queue.poll(); call != null; call = queue.poll()) {
						call(call, process, fleet, insist);
						afterEach.run();
					}
					return null;
				}));
			}
			for (Future<?> caller : callers) {
				caller.get();
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	private void call(Call call, int process, Fleet fleet, boolean insist) throws Exception {
		long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
		Reply reply;
		do {
			reply = fleet.call(process, call);
			this.replies.add(Map.entry(call, reply));
		}
		while (insist && !reply.isFinal() && System.nanoTime() < deadline);
	}

	private void assertAgreement(Books books, String when) {
		List<Map.Entry<Call, Reply>> told = new ArrayList<>();
		for (Map.Entry<Call, Reply> next = this.replies.poll(); next != null; next = this.replies.poll()) {
			told.add(next);
		}
		books.enterReplies(told);
		SoftAssertions.assertSoftly((softly) -> {
			softly.assertThat(books.disagreements()).as("effects and records %s, %s", when, seed()).isEmpty();
			softly.assertThat(books.strayRecords()).as("records of no key %s, %s", when, seed()).isEmpty();
			softly.assertThat(books.falseAnswers()).as("answers %s, %s", when, seed()).isEmpty();
		});
	}

	private static void assertThatThereWasChaos(Books books, Map<Faults.Fault, Integer> struck) {
		Map<String, Map<String, Integer>> experiences = books.experiences();
		logger.info(seed() + ": " + experiences + ", faults " + struck);
		assertThat(struck).as(seed()).containsOnlyKeys(Faults.Fault.values());
		assertThat(experiences).as(seed()).containsOnlyKeys("ATOMIC", "JOINED", "AUTO");
		assertThat(experiences.values().stream().flatMap((experience) -> experience.keySet().stream())).as(seed())
			.contains("SUCCESS", "FAILURE", "DECLINED", "GIVEN_BACK", "ERROR", "LOST", "COMMITTED_ERROR",
					"LATER_ATTEMPT");
	}

	private static String seed() {
		return "seed " + SEED + ", " + CALLS + " calls";
	}

	private static HikariDataSource pool(PostgresServer.Database database) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(database.jdbcUrl());
		pool.setMaximumPoolSize(2);
		return pool;
	}

	private static TcpProxy proxy(PostgresServer.Database database) {
		PGSimpleDataSource server = (PGSimpleDataSource) database.dataSource();
		return TcpProxy.to(server.getServerNames()[0], server.getPortNumbers()[0]);
	}

	private static String url(PostgresServer.Database database, TcpProxy proxy) {
		return database.jdbcUrl().replaceFirst("//[^/]+/", "//127.0.0.1:" + proxy.port() + "/");
	}

}
