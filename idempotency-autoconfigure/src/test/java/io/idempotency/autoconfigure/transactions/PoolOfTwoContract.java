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

package io.idempotency.autoconfigure.transactions;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import io.idempotency.Idempotent;
import io.idempotency.TransactionMode;
import io.idempotency.store.sql.SqlTestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Eight threads and a pool of two connections, of which no thread holds one while it
 * waits for another: every call is answered, in every mode. A thread that waited for a
 * connection in vain would fail after two seconds.
 */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PoolOfTwoContract {

	private static final int THREADS = 8;

	private static final int ROUNDS = 12;

	private LedgerApplication application;

	private Payments payments;

	/**
	 * Create the application's database.
	 * @return an empty database, with a small pool
	 */
	abstract SqlTestDatabase createDatabase();

	/**
	 * Return what makes the application.
	 * @return a configuration
	 */
	abstract Class<?> configuration();

	/**
	 * Return the store.
	 * @return its name
	 */
	abstract String store();

	static void smallPool(HikariConfig pool) {
		pool.setMaximumPoolSize(2);
		pool.setConnectionTimeout(15_000);
	}

	@BeforeAll
	void start() {
		this.application = new LedgerApplication(createDatabase(), configuration(),
				Map.of("idempotency.store", store(), "idempotency.wait-timeout", "30s"),
				(beans) -> beans.registerBean(Payments.class));
		this.payments = this.application.bean(Payments.class);
	}

	@AfterAll
	void stop() throws Exception {
		this.application.close();
	}

	@ParameterizedTest
	@EnumSource
	void everyKeyOfItsOwnIsAnswered(Way way) throws Exception {
		List<String> keys = new ArrayList<>();
		for (int i = 0; i < THREADS * ROUNDS; i++) {
			keys.add(UUID.randomUUID().toString());
		}

		answers(way, (thread, round) -> keys.get(thread * ROUNDS + round));

		assertThat(keys).allSatisfy((key) -> assertThat(this.application.effects(key)).isOne());
	}

	@ParameterizedTest
	@EnumSource
	void duplicatesAreAnsweredAlike(Way way) throws Exception {
		List<String> keys = new ArrayList<>();
		for (int i = 0; i < ROUNDS; i++) {
			keys.add(UUID.randomUUID().toString());
		}

		List<List<String>> answers = answers(way, (thread, round) -> keys.get(round));

		assertThat(answers).allMatch(answers.get(0)::equals);
		assertThat(keys).allSatisfy((key) -> assertThat(this.application.effects(key)).isOne());
	}

	private List<List<String>> answers(Way way, Keys keys) throws Exception {
		CyclicBarrier start = new CyclicBarrier(THREADS);
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try {
			List<Callable<List<String>>> tasks = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				int thread = i;
				tasks.add(() -> {
					List<String> answers = new ArrayList<>();
					start.await(10, TimeUnit.SECONDS);
					for (int round = 0; round < ROUNDS; round++) {
						answers.add(call(way, keys.of(thread, round)));
					}
					return answers;
				});
			}
			List<List<String>> answers = new ArrayList<>();
			for (Future<List<String>> future : threads.invokeAll(tasks, 40, TimeUnit.SECONDS)) {
				assertThat(future.isCancelled()).as("still waiting after 40 s").isFalse();
				answers.add(future.get());
			}
			return answers;
		}
		finally {
			threads.shutdownNow();
		}
	}

	private String call(Way way, String key) {
		return switch (way) {
			case ATOMIC -> this.payments.atomic(key);
			case ATOMIC_WITH_A_SNAPSHOT -> this.payments.snapshot(key);
			case JOINED -> this.payments.joined(key);
			case JOINED_TO_THE_CALLER -> this.application.inTransaction().execute((status) -> this.payments.plain(key));
			case SEPARATE -> this.payments.separate(key);
			case WITHOUT_TRANSACTION -> this.payments.plain(key);
		};
	}

	/**
	 * How the work is done.
	 */
	enum Way {

		ATOMIC, ATOMIC_WITH_A_SNAPSHOT, JOINED, JOINED_TO_THE_CALLER, SEPARATE, WITHOUT_TRANSACTION

	}

	private interface Keys {

		String of(int thread, int round);

	}

	static class Payments {

		private final Ledger ledger;

		Payments(Ledger ledger) {
			this.ledger = ledger;
		}

		@Transactional
		@Idempotent(key = "#key", operation = "atomic", transaction = TransactionMode.ATOMIC)
		public String atomic(String key) {
			return work(key);
		}

		@Transactional(isolation = Isolation.REPEATABLE_READ, timeout = 20)
		@Idempotent(key = "#key", operation = "snapshot", transaction = TransactionMode.ATOMIC)
		public String snapshot(String key) {
			return work(key);
		}

		@Transactional
		@Idempotent(key = "#key", operation = "joined", transaction = TransactionMode.JOINED)
		public String joined(String key) {
			return work(key);
		}

		@Transactional
		@Idempotent(key = "#key", operation = "separate", transaction = TransactionMode.SEPARATE)
		public String separate(String key) {
			return work(key);
		}

		@Idempotent(key = "#key", operation = "plain")
		public String plain(String key) {
			return work(key);
		}

		private String work(String key) {
			try {
				return this.ledger.enter(key);
			}
			catch (Ledger.Rejected ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
