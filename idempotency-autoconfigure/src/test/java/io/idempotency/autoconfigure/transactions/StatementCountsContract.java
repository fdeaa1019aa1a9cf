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

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;

import io.idempotency.autoconfigure.endtoend.StatementLog;
import io.idempotency.key.Identity;
import io.idempotency.store.RecordId;
import io.idempotency.store.sql.SqlTestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a guarded call with one insert of its own costs PostgreSQL: the statements and
 * commits that are sent, and the transaction ids and the write-ahead log that the server
 * spends on them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StatementCountsContract {

	private static final int TRIES = 5;

	private static final int REPLAYS = 200;

	private static final String TRANSACTION_IDS = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint";

	private static final String WAL = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint";

	private final StatementLog log = new StatementLog();

	private LedgerApplication application;

	private CountedPayments payments;

	private String key;

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

	@BeforeAll
	void start() throws Exception {
		this.application = new LedgerApplication(SqlTestDatabase.postgres(), configuration(),
				Map.of("idempotency.store", store()), (beans) -> {
					beans.registerBean(StatementLog.class, () -> this.log);
					beans.registerBean(CountedPayments.class);
				});
		this.payments = this.application.bean(CountedPayments.class);
		for (Mode mode : Mode.values()) {
			mode.pay(this.payments, "warm-up");
		}
	}

	@AfterAll
	void stop() throws Exception {
		this.application.close();
	}

	@BeforeEach
	void begin() {
		newKey();
	}

	@Test
	void joinedFirstRunIsTwoStatementsInsideTheBusinessCommit() throws Exception {
		assertThat(sentBy(Mode.JOINED)).containsExactly("insert record", "insert", "update record", "commit");

		assertThat(transactionOfRecord(Mode.JOINED)).isEqualTo(transactionOfEffect());
		assertThat(transactionIdsOfFirstRun(Mode.JOINED)).isOne();
	}

	@Test
	void firstRunInTheCallersTransactionIsTwoStatementsInsideItsCommit() {
		this.log.take();

		this.application.inTransaction().executeWithoutResult((status) -> pay(Mode.JOINED));

		assertThat(this.log.take()).containsExactly("insert record", "insert", "update record", "commit");
		assertThat(transactionOfRecord(Mode.JOINED)).isEqualTo(transactionOfEffect());
	}

	@Test
	void atomicFirstRunIsOneCommitMore() throws Exception {
		assertThat(sentBy(Mode.ATOMIC)).containsExactly("insert record", "insert", "update record", "commit");

		assertThat(transactionOfRecord(Mode.ATOMIC)).isEqualTo(transactionOfEffect());
		assertThat(transactionIdsOfFirstRun(Mode.ATOMIC)).isEqualTo(2);
	}

	@Test
	void separateFirstRunIsTwoCommitsMore() throws Exception {
		assertThat(sentBy(Mode.SEPARATE)).containsExactly("insert record", "insert", "commit", "update record");

		assertThat(transactionOfRecord(Mode.SEPARATE)).isGreaterThan(transactionOfEffect());
		assertThat(transactionIdsOfFirstRun(Mode.SEPARATE)).isEqualTo(3);
	}

	@ParameterizedTest
	@EnumSource(names = { "ATOMIC", "SEPARATE" })
	void replayIsOneStatementAndNoTransaction(Mode mode) throws Exception {
		mode.pay(this.payments, this.key);

		assertThat(sentBy(mode)).containsExactly("select record");
	}

	@Test
	void joinedReplayIsOneStatementInATransactionThatWritesNothing() throws Exception {
		Mode.JOINED.pay(this.payments, this.key);

		assertThat(sentBy(Mode.JOINED)).containsExactly("select record", "commit");
	}

	@ParameterizedTest
	@EnumSource
	void replayGetsNoTransactionIdAndWritesNoWal(Mode mode) throws Exception {
		mode.pay(this.payments, this.key);
		mode.pay(this.payments, this.key); // sets the row's hint bits

		assertThat(leastGrowth(TRANSACTION_IDS, () -> replay(mode))).isZero();
		assertThat(leastGrowth(WAL, () -> replay(mode))).isZero();
		assertThat(this.application.effects(this.key)).isOne();
	}

	private List<String> sentBy(Mode mode) throws Exception {
		this.log.take();
		mode.pay(this.payments, this.key);
		return this.log.take();
	}

	private void pay(Mode mode) {
		try {
			mode.pay(this.payments, this.key);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void replay(Mode mode) {
		for (int i = 0; i < REPLAYS; i++) {
			pay(mode);
		}
	}

	private long transactionIdsOfFirstRun(Mode mode) {
		return leastGrowth(TRANSACTION_IDS, () -> {
			newKey();
			pay(mode);
		});
	}

	/**
	 * Return by how much a number of the server grows. Its own work can only add to that,
	 * so the least of some tries is what the calls cost.
	 */
	private long leastGrowth(String query, Runnable calls) {
		return LongStream.range(0, TRIES).map((attempt) -> {
			long before = this.application.database().number(query);
			calls.run();
			return this.application.database().number(query) - before;
		}).min().orElseThrow();
	}

	private long transactionOfEffect() {
		return this.application.database()
			.number("SELECT xmin::text::bigint FROM ledger WHERE name = '" + this.key + "'");
	}

	private long transactionOfRecord(Mode mode) {
		RecordId id = Identity.of("", mode.name().toLowerCase(Locale.ROOT), "", this.key);
		long transaction = this.application.database()
			.number("SELECT xmin::text::bigint FROM idempotency_record WHERE status = 1 AND id = '\\x" + id.toHex()
					+ "'");
		assertThat(transaction).as("the record of " + this.key + " is completed").isPositive();
		return transaction;
	}

	private void newKey() {
		this.key = UUID.randomUUID().toString();
	}

	/**
	 * The modes.
	 */
	enum Mode {

		JOINED, ATOMIC, SEPARATE;

		String pay(CountedPayments payments, String key) throws Exception {
			return switch (this) {
				case JOINED -> payments.joined(key);
				case ATOMIC -> payments.atomic(key);
				case SEPARATE -> payments.separate(key);
			};
		}

	}

}
