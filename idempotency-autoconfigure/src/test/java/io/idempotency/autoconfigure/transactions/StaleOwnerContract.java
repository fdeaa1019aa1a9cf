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

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.Idempotent;
import io.idempotency.OnUnknown;
import io.idempotency.TransactionMode;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.key.Identity;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.sql.SqlTestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * An owner of an {@link TransactionMode#ATOMIC} operation who lost its lease cannot
 * commit, however its work ends.
 */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StaleOwnerContract {

	private static final Duration LEASE = Duration.ofMinutes(5);

	private LedgerApplication application;

	private Payments payments;

	private Losses losses;

	private String key;

	/**
	 * Create the application's database.
	 * @return an empty database
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

	@BeforeAll
	void start() {
		this.application = new LedgerApplication(createDatabase(), configuration(),
				Map.of("idempotency.store", store(), "idempotency.lease", LEASE), (beans) -> {
					beans.registerBean(Payments.class);
					beans.registerBean(Losses.class);
				});
		this.payments = this.application.bean(Payments.class);
		this.losses = this.application.bean(Losses.class);
	}

	@AfterAll
	void stop() throws Exception {
		this.application.close();
	}

	@BeforeEach
	void begin() {
		this.key = UUID.randomUUID().toString();
		this.losses.count = 0;
	}

	@Test
	void staleOwnerIsRolledBackAndGetsTheAnswerOfTheNewOne() throws Exception {
		String answer = this.payments.pay(this.key, () -> takeOverAndComplete("pay"));

		assertThat(answer).isEqualTo("of the new owner").isEqualTo(this.payments.pay(this.key, () -> {
		}));
		assertThat(this.application.effects(this.key)).isZero();
		assertThat(this.losses.count).isOne();
	}

	@Test
	void staleOwnerOfANewOneThatStillRunsIsRolledBackAndToldSo() {
		assertThatExceptionOfType(IdempotencyLeaseLostException.class)
			.isThrownBy(() -> this.payments.pay(this.key, () -> takeOver("pay")));

		assertThat(this.application.effects(this.key)).isZero();
		assertThat(this.application.record("pay", this.key).orElseThrow().live()).isTrue();
		assertThat(this.losses.count).isOne();
	}

	@Test
	void staleOwnerIsRolledBackAlsoWhereExceptionsCommit() throws Exception {
		String answer = this.payments.payAndCommitAnyway(this.key, () -> takeOverAndComplete("pay-and-commit-anyway"));

		assertThat(answer).isEqualTo("of the new owner");
		assertThat(this.application.effects(this.key)).isZero();
	}

	@Test
	void staleOwnerWhoseFailureWouldBeCommittedIsRolledBack() throws Exception {
		this.application.ledger().endNextWith(Cell.End.THROW);

		String answer = this.payments.payAndCommitAnyway(this.key, () -> takeOverAndComplete("pay-and-commit-anyway"));

		assertThat(answer).isEqualTo("of the new owner");
		assertThat(this.application.effects(this.key)).isZero();
	}

	@Test
	void staleOwnerWithASnapshotIsRolledBack() {
		assertThatExceptionOfType(Exception.class)
			.isThrownBy(() -> this.payments.payInSnapshot(this.key, () -> takeOver("pay-in-snapshot")))
			.isInstanceOfAny(IdempotencyLeaseLostException.class, ConcurrencyFailureException.class);

		assertThat(this.application.effects(this.key)).isZero();
		assertThat(this.application.record("pay-in-snapshot", this.key).orElseThrow().live()).isTrue();
	}

	@Test
	void ownerWhoseLeaseLapsedUnnoticedStillCommits() throws Exception {
		String answer = this.payments.pay(this.key,
				() -> this.application.database().elapse(id("pay"), LEASE.plusSeconds(1)));

		assertThat(this.payments.pay(this.key, () -> {
		})).isEqualTo(answer);
		assertThat(this.application.effects(this.key)).isOne();
	}

	@Test
	void nobodyTakesOverBetweenTheRecordingAndTheCommit() throws Exception {
		CompletableFuture<ClaimResult> claim = new CompletableFuture<>();
		Runnable lapsed = () -> {
			this.application.database().elapse(id("pay"), LEASE.plusSeconds(1));
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void beforeCommit(boolean readOnly) {
					LedgerApplication application = StaleOwnerContract.this.application;
					claim.completeAsync(() -> application.store().claim(request("pay")));
					application.database().awaitWaiter();
				}

			});
		};

		this.payments.pay(this.key, lapsed);

		assertThat(claim.get(20, TimeUnit.SECONDS)).isInstanceOfSatisfying(ClaimResult.Occupied.class,
				(occupied) -> assertThat(occupied.record().status()).isEqualTo(RecordStatus.COMPLETED));
		assertThat(this.application.effects(this.key)).isOne();
	}

	@Test
	void commitWhoseAnswerIsLostIsNoLostLease() throws Exception {
		this.application.ledger().endNextWith(Cell.End.COMMIT_ANSWER_LOST);
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> this.payments.pay(this.key, () -> {
		}));

		assertThat(this.payments.pay(this.key, () -> {
		})).isEqualTo(this.application.ledger().lastAnswer());
		assertThat(this.application.effects(this.key)).isOne();
		assertThat(this.losses.count).isZero();
	}

	private void takeOverAndComplete(String operation) {
		Lease lease = takeOver(operation);
		StoredOutcome outcome = StoredOutcome.value("\"of the new owner\"".getBytes(StandardCharsets.UTF_8));
		assertThat(this.application.store().complete(lease, outcome, Duration.ofHours(1))).isTrue();
	}

	private Lease takeOver(String operation) {
		this.application.database().elapse(id(operation), LEASE.plusSeconds(1));
		return ((ClaimResult.Acquired) this.application.store().claim(request(operation))).lease();
	}

	private ClaimRequest request(String operation) {
		return new ClaimRequest(id(operation), operation, UUID.randomUUID(), null, OnUnknown.RETRY, LEASE,
				Duration.ofDays(1), Duration.ofDays(1), false);
	}

	private RecordId id(String operation) {
		return Identity.of("", operation, "", this.key);
	}

	/**
	 * Counts what is reported.
	 */
	static class Losses implements IdempotencyListener {

		private volatile int count;

		@Override
		public void leaseLost(GuardedCall call) {
			this.count++;
		}

	}

	static class Payments {

		private final Ledger ledger;

		Payments(Ledger ledger) {
			this.ledger = ledger;
		}

		@Transactional
		@Idempotent(key = "#key", operation = "pay", fingerprint = "none", transaction = TransactionMode.ATOMIC)
		public String pay(String key, Runnable meanwhile) throws Exception {
			meanwhile.run();
			return this.ledger.enter(key);
		}

		@Transactional(noRollbackFor = RuntimeException.class)
		@Idempotent(key = "#key", operation = "pay-and-commit-anyway", fingerprint = "none",
				transaction = TransactionMode.ATOMIC)
		public String payAndCommitAnyway(String key, Runnable meanwhile) throws Exception {
			meanwhile.run();
			return this.ledger.enter(key);
		}

		@Transactional(isolation = Isolation.REPEATABLE_READ, timeout = 30)
		@Idempotent(key = "#key", operation = "pay-in-snapshot", fingerprint = "none",
				transaction = TransactionMode.ATOMIC)
		public String payInSnapshot(String key, Runnable meanwhile) throws Exception {
			// The snapshot is taken by the first statement
			String answer = this.ledger.enter(key);
			this.ledger.flush();
			meanwhile.run();
			return answer;
		}

	}

}
