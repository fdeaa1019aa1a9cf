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

package io.idempotency.messaging.storm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

import io.idempotency.test.ProofSize;
import io.idempotency.test.servers.PostgresServer;
import io.idempotency.test.servers.RedisServer;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every message has its effect once, although each is sent three times and the processes
 * that take them are killed on the way. With the relational store, effect and record are
 * one transaction. With Redis they are not, so the effect is entered under a key that the
 * work derives, as at a payment gateway.
 */
@Timeout(1800)
abstract class MessageStorm {

	private static final Log logger = LogFactory.getLog(MessageStorm.class);

	private static final int MESSAGES = ProofSize.of(300, 50_000);

	private static final int KILLS = ProofSize.of(1, 20);

	private static final int TIMES = 3;

	private static final int CONSUMERS = 2;

	/** How far the repetitions of a message may be apart. */
	private static final int NEIGHBOURHOOD = 200;

	private static final long SEED = Long.getLong("idempotency.storm.seed", 20_261_122);

	abstract StormBroker broker() throws Exception;

	@Test
	void withThePostgresStore() throws Exception {
		storm(List.of("--spring.profiles.include=database", "--idempotency.store=jdbc"));
	}

	@Test
	void withTheRedisStore() throws Exception {
		storm(List.of("--spring.profiles.include=redis", "--idempotency.store=redis",
				"--spring.data.redis.url=" + RedisServer.shared().url(),
				"--idempotency.redis.key-prefix=storm-" + System.nanoTime() + ":"));
	}

	private void storm(List<String> store) throws Exception {
		try (PostgresServer.Database database = PostgresServer.shared().createDatabase();
				StormBroker broker = broker()) {
			JdbcTemplate ledger = new JdbcTemplate(database.dataSource());
			ledger.execute("CREATE TABLE ledger (message TEXT NOT NULL, attempt INT NOT NULL, request TEXT UNIQUE)");
			ledger.execute("CREATE INDEX ON ledger (message)");
			List<String> arguments = new ArrayList<>(broker.arguments());
			arguments.addAll(store);
			arguments.addAll(List.of("--spring.datasource.url=" + database.jdbcUrl(), "--idempotency.lease=3s",
					"--idempotency.sql.initialize-schema=always", "--logging.level.root=warn"));
			try (Consumers consumers = new Consumers(CONSUMERS, arguments)) {
				consumers.startAll();
				sendAll(broker);
				killOnTheWay(ledger, consumers);
				drain(broker, consumers);
				assertLedger(ledger, consumers);
			}
		}
	}

	private static void sendAll(StormBroker broker) throws Exception {
		Random random = new Random(SEED);
		List<Map.Entry<String, Integer>> block = new ArrayList<>();
		for (int i = 0; i < MESSAGES; i++) {
			for (int time = 0; time < TIMES; time++) {
				block.add(Map.entry("message-" + i, time));
			}
			if (block.size() >= NEIGHBOURHOOD * TIMES || i == MESSAGES - 1) {
				Collections.shuffle(block, random);
				for (Map.Entry<String, Integer> each : block) {
					broker.send(each.getKey(), each.getValue());
				}
				block.clear();
			}
		}
		broker.flush();
	}

	private static void killOnTheWay(JdbcTemplate ledger, Consumers consumers) {
		for (int kill = 1; kill <= KILLS; kill++) {
			long progress = (long) MESSAGES * kill / (KILLS + 1);
			await().until(() -> count(ledger, "SELECT count(*) FROM ledger") >= progress);
			consumers.killOne();
		}
	}

	/**
	 * Wait until nothing is left once all consumers are gone: what one has not
	 * acknowledged by then comes back, and is taken by new ones.
	 */
	private static void drain(StormBroker broker, Consumers consumers) throws Exception {
		await().until(broker::drained);
		consumers.stopAll();
		await().until(broker::abandoned);
		while (!broker.drained()) {
			consumers.startAll();
			await().until(broker::drained);
			consumers.stopAll();
			await().until(broker::abandoned);
		}
	}

	private static ConditionFactory await() {
		return Awaitility.await()
			.atMost(Duration.ofMinutes(10))
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(50));
	}

	private static void assertLedger(JdbcTemplate ledger, Consumers consumers) {
		long entries = count(ledger, "SELECT count(*) FROM ledger");
		long messages = count(ledger, "SELECT count(DISTINCT message) FROM ledger");
		long again = count(ledger, "SELECT count(*) FROM ledger WHERE attempt > 1");
		logger.info(MESSAGES + " messages, each sent " + TIMES + " times, seed " + SEED + ": " + consumers.deliveries()
				+ " deliveries, " + consumers.killed() + " kills, " + (entries - messages) + " duplicates, "
				+ (MESSAGES - messages) + " lost, " + again + " done by a later attempt");
		assertThat(consumers.deliveries()).as("deliveries").isGreaterThanOrEqualTo((long) MESSAGES * TIMES);
		assertThat(entries).as("entries").isEqualTo(messages);
		assertThat(messages).as("messages").isEqualTo(MESSAGES);
	}

	private static long count(JdbcTemplate ledger, String sql) {
		Long count = ledger.queryForObject(sql, Long.class);
		return (count != null) ? count : 0;
	}

}
