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

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.idempotency.Idempotency;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.sql.SqlTestDatabase;
import jakarta.validation.ConstraintViolationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

import org.springframework.context.support.GenericApplicationContext;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * A call inside of a transaction on the store's own database is part of it: record and
 * effect are committed together, or neither is there.
 */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class JoinedTransactionContract {

	private LedgerApplication application;

	private JoinedPayments payments;

	private ExecutorService threads;

	String key;

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

	void register(GenericApplicationContext beans) {
		beans.registerBean(JoinedPayments.class);
	}

	@BeforeAll
	void start() {
		Map<String, Object> properties = new HashMap<>();
		properties.put("idempotency.store", store());
		properties.put("idempotency.operations.facade.programmatic", true);
		this.application = new LedgerApplication(createDatabase(), configuration(), properties, this::register);
		this.payments = this.application.bean(JoinedPayments.class);
	}

	@AfterAll
	void stop() throws Exception {
		if (this.application != null) {
			this.application.close();
		}
	}

	@BeforeEach
	void begin() {
		this.key = UUID.randomUUID().toString();
		this.threads = Executors.newCachedThreadPool();
	}

	@AfterEach
	void end() {
		this.threads.shutdownNow();
	}

	@Test
	void commitMakesRecordAndEffectVisible() throws Exception {
		String first = inTransaction((status) -> {
			String answer = this.payments.charge(this.key);
			assertThat(record("charge")).isEmpty();
			assertThat(effects()).isZero();
			return answer;
		});

		assertThat(record("charge")).get().extracting(IdempotencyRecord::status).isEqualTo(RecordStatus.COMPLETED);
		assertThat(this.payments.charge(this.key)).isEqualTo(first);
		assertThat(this.<String>inTransaction((status) -> this.payments.charge(this.key))).isEqualTo(first);
		assertThat(effects()).isOne();
	}

	@Test
	void rollbackLeavesNeitherAndTheRetryRuns() throws Exception {
		String lost = inTransaction((status) -> {
			status.setRollbackOnly();
			return this.payments.charge(this.key);
		});
		assertThat(record("charge")).isEmpty();
		assertThat(effects()).isZero();

		String retry = this.payments.charge(this.key);

		assertThat(retry).isNotEqualTo(lost).isEqualTo(this.payments.charge(this.key));
		assertThat(effects()).isOne();
	}

	@Test
	void rollbackIsNoUnknownOutcomeEvenUnderHold() throws Exception {
		inTransaction((status) -> {
			status.setRollbackOnly();
			return this.payments.chargeOrHold(this.key);
		});

		assertThat(record("charge-or-hold")).isEmpty();
		this.payments.chargeOrHold(this.key);
		assertThat(effects()).isOne();
	}

	@Test
	void secondCallInTheSameTransactionGetsTheFirstAnswer() throws Exception {
		inTransaction((status) -> {
			assertThat(this.payments.charge(this.key)).isEqualTo(this.payments.charge(this.key));
			assertThatExceptionOfType(IllegalStateException.class).isThrownBy(
					() -> this.payments.run(this.key, () -> this.payments.run(this.key, () -> "the same again")));
			return null;
		});

		assertThat(effects()).isOne();
	}

	@Test
	void methodThatTakesPartIsOneWithItsCaller() throws Exception {
		inTransaction((status) -> {
			status.setRollbackOnly();
			return this.payments.join(this.key);
		});
		assertThat(record("join")).isEmpty();

		String first = inTransaction((status) -> this.payments.join(this.key));

		assertThat(this.payments.join(this.key)).isEqualTo(first);
		assertThat(effects()).isOne();
	}

	@Test
	void failureThatTheCallerCommitsIsTheAnswerForAsLongAsAResult() throws Exception {
		inTransaction((status) -> {
			this.application.ledger().endNextWith(Cell.End.THROW);
			assertThatExceptionOfType(Ledger.Declined.class).isThrownBy(() -> this.payments.charge(this.key));
			assertThatExceptionOfType(IdempotencyRememberedFailureException.class)
				.isThrownBy(() -> this.payments.charge(this.key));
			return null;
		});

		assertThatExceptionOfType(IdempotencyRememberedFailureException.class)
			.isThrownBy(() -> this.payments.charge(this.key));
		IdempotencyRecord record = record("charge").orElseThrow();
		assertThat(Duration.between(record.readAt(), record.expiresAt())).isGreaterThan(Duration.ofHours(23));
		assertThat(effects()).isOne();
	}

	@Test
	void failureThatTheCallerPassesOnLeavesNothing() throws Exception {
		this.application.ledger().endNextWith(Cell.End.THROW);
		assertThatExceptionOfType(Ledger.Declined.class)
			.isThrownBy(() -> inTransaction((status) -> this.payments.charge(this.key)));

		assertThat(record("charge")).isEmpty();
		this.payments.charge(this.key);
		assertThat(effects()).isOne();
	}

	@Test
	void failureOfAMethodThatTakesPartRollsTheCallerBackAndLeavesNothing() throws Exception {
		this.application.ledger().endNextWith(Cell.End.THROW);
		assertThatExceptionOfType(UnexpectedRollbackException.class).isThrownBy(() -> inTransaction((status) -> {
			assertThatExceptionOfType(Ledger.Declined.class).isThrownBy(() -> this.payments.join(this.key));
			return null;
		}));

		assertThat(record("join")).isEmpty();
		assertThat(effects()).isZero();
		this.payments.join(this.key);
		assertThat(effects()).isOne();
	}

	@Test
	void statementThatFailedLeavesLedgerAndRecordInAgreement() {
		String id = UUID.randomUUID().toString();
		JdbcTemplate jdbc = new JdbcTemplate(this.application.dataSource());
		String insert = "INSERT INTO ledger (id, name) VALUES (?, ?)";

		// PostgreSQL gives the whole transaction up after this, H2 only the statement
		Throwable atTheCommit = catchThrowable(() -> inTransaction((status) -> {
			assertThatExceptionOfType(DuplicateKeyException.class).isThrownBy(() -> this.payments.run(this.key, () -> {
				jdbc.update(insert, id, this.key);
				jdbc.update(insert, id, this.key);
				return "unreached";
			}));
			return null;
		}));

		assertThat(effects()).isEqualTo((atTheCommit == null) ? 1 : 0);
		assertThat(record("run").isPresent()).isEqualTo(effects() == 1);
	}

	@Test
	void refusedArgumentForgetsTheClaim() throws Exception {
		inTransaction((status) -> {
			assertThatExceptionOfType(ConstraintViolationException.class)
				.isThrownBy(() -> this.payments.chargeAmount(this.key, -1));
			return null;
		});
		assertThat(record("charge-amount")).isEmpty();

		inTransaction((status) -> this.payments.chargeAmount(this.key, 1));

		assertThat(effects()).isOne();
	}

	@Test
	void otherRequestUnderTheSameKeyIsRefusedAndTheTransactionGoesOn() throws Exception {
		inTransaction((status) -> {
			this.payments.chargeAmount(this.key, 1);
			assertThatExceptionOfType(IdempotencyKeyMismatchException.class)
				.isThrownBy(() -> this.payments.chargeAmount(this.key, 2));
			return null;
		});

		assertThat(effects()).isOne();
	}

	@Test
	void resultThatIsNotToBeKeptIsForgotten() throws Exception {
		inTransaction((status) -> {
			this.payments.chargeUnless(this.key);
			return this.payments.chargeUnless(this.key);
		});

		assertThat(record("charge-unless")).isEmpty();
		assertThat(effects()).isEqualTo(2);
	}

	@Test
	void duplicateInATransactionWaitsForTheCommitAndGetsTheAnswer() throws Exception {
		assertThatDuplicateWaitsForTheEnd(() -> this.<String>inTransaction((status) -> this.payments.charge(this.key)),
				true);
	}

	@Test
	void duplicateOutsideOfATransactionWaitsForTheCommitAndGetsTheAnswer() throws Exception {
		assertThatDuplicateWaitsForTheEnd(() -> this.payments.charge(this.key), true);
	}

	@Test
	void duplicateInATransactionRunsAfterTheRollback() throws Exception {
		assertThatDuplicateWaitsForTheEnd(() -> this.<String>inTransaction((status) -> this.payments.charge(this.key)),
				false);
	}

	@Test
	void duplicateOutsideOfATransactionRunsAfterTheRollback() throws Exception {
		assertThatDuplicateWaitsForTheEnd(() -> this.payments.charge(this.key), false);
	}

	@Test
	void newTransactionIsItsOwnWhateverTheCallerDoes() throws Exception {
		String first = inTransaction((status) -> {
			status.setRollbackOnly();
			return this.payments.chargeInNew(this.key);
		});

		assertThat(this.payments.chargeInNew(this.key)).isEqualTo(first);
		assertThat(effects()).isOne();
	}

	@Test
	void workOutsideOfTheCallersTransactionIsRecordedAtOnce() throws Exception {
		inTransaction((status) -> {
			String answer = this.payments.chargeWithout(this.key);
			assertThat(record("charge-without")).get()
				.extracting(IdempotencyRecord::status)
				.isEqualTo(RecordStatus.COMPLETED);
			status.setRollbackOnly();
			return answer;
		});

		assertThat(effects()).isOne();
	}

	@Test
	void readOnlyTransactionIsNotJoined() throws Exception {
		TransactionTemplate reading = this.application.inTransaction();
		reading.setReadOnly(true);

		reading.executeWithoutResult((status) -> {
			this.payments.run(this.key, () -> "read");
			assertThat(record("run")).get().extracting(IdempotencyRecord::status).isEqualTo(RecordStatus.IN_PROGRESS);
		});

		assertThat(this.payments.run(this.key, () -> "read again")).isEqualTo("read");
	}

	@Test
	void asynchronousResultIsNotJoined() throws Exception {
		inTransaction((status) -> {
			String answer = this.payments.chargeLater(this.key).get(10, TimeUnit.SECONDS);
			assertThat(record("charge-later")).get()
				.extracting(IdempotencyRecord::status)
				.isEqualTo(RecordStatus.IN_PROGRESS);
			return answer;
		});

		await().until(() -> record("charge-later").orElseThrow().status() == RecordStatus.COMPLETED);
		assertThat(effects()).isOne();
	}

	@Test
	void facadeJoins() throws Exception {
		inTransaction((status) -> {
			throughFacade();
			status.setRollbackOnly();
			return null;
		});
		assertThat(record("facade")).isEmpty();

		String first = inTransaction((status) -> throughFacade());

		assertThat(throughFacade()).isEqualTo(first);
		assertThat(effects()).isOne();
	}

	@Test
	void modeThatNeedsASecondConnectionIsRefusedWithItsRemedy() throws Exception {
		inTransaction((status) -> {
			assertThatIllegalStateException().isThrownBy(() -> this.payments.separate(this.key))
				.withMessageContaining("transaction=SEPARATE")
				.withMessageContaining("Propagation.REQUIRES_NEW");
			assertThatIllegalStateException().isThrownBy(() -> this.payments.atomic(this.key))
				.withMessageContaining("transaction=ATOMIC")
				.withMessageContaining("Use transaction=AUTO");
			return null;
		});

		assertThat(effects()).isZero();
		assertThat(record("separate")).isEmpty();
		assertThat(record("atomic")).isEmpty();
	}

	@Test
	void joinedWithoutATransactionIsRefusedWithItsRemedy() throws Exception {
		assertThatIllegalStateException().isThrownBy(() -> this.payments.joined(this.key))
			.withMessageContaining("transaction=JOINED")
			.withMessageContaining("@Transactional");
		TransactionTemplate reading = this.application.inTransaction();
		reading.setReadOnly(true);
		assertThatIllegalStateException().isThrownBy(() -> reading.execute((status) -> call(this.payments::joined)))
			.withMessageContaining("that may write");

		assertThat(effects()).isZero();
		assertThat(record("joined")).isEmpty();
		inTransaction((status) -> this.payments.joined(this.key));
		assertThat(effects()).isOne();
	}

	@Test
	void joinedMethodMayOpenTheTransactionItself() throws Exception {
		this.application.ledger().endNextWith(Cell.End.THROW);
		assertThatExceptionOfType(Ledger.Declined.class).isThrownBy(() -> this.payments.joinOrOpen(this.key));
		assertThat(record("join-or-open")).isEmpty();

		String first = this.payments.joinOrOpen(this.key);

		assertThat(this.<String>inTransaction((status) -> this.payments.joinOrOpen(this.key))).isEqualTo(first);
		assertThat(effects()).isOne();
	}

	@Test
	void methodThatOpensTheTransactionItselfClaimsAfterValidation() throws Exception {
		inTransaction((status) -> {
			String answer = this.payments.joinOrOpenAmount(this.key, 1);

			Future<String> duplicate = this.threads.submit(() -> this.payments.joinOrOpenAmount(this.key, -1));

			assertThat(duplicate).as("does not wait for this transaction")
				.failsWithin(Duration.ofSeconds(20))
				.withThrowableThat()
				.withCauseInstanceOf(ConstraintViolationException.class);
			return answer;
		});

		assertThat(effects()).isOne();
	}

	LedgerApplication application() {
		return this.application;
	}

	JoinedPayments payments() {
		return this.payments;
	}

	<T> T inTransaction(InTransaction<T> work) throws Exception {
		return this.application.inTransaction().execute((status) -> {
			try {
				return work.in(status);
			}
			catch (RuntimeException ex) {
				throw ex;
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	Optional<IdempotencyRecord> record(String operation) {
		return this.application.record(operation, this.key);
	}

	int effects() {
		return this.application.effects(this.key);
	}

	private void assertThatDuplicateWaitsForTheEnd(Callable<String> duplicate, boolean commit) throws Exception {
		CountDownLatch called = new CountDownLatch(1);
		CountDownLatch end = new CountDownLatch(1);
		Future<String> owner = this.threads.submit(() -> inTransaction((status) -> {
			String answer = this.payments.charge(this.key);
			if (!commit) {
				status.setRollbackOnly();
			}
			called.countDown();
			assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
			return answer;
		}));
		assertThat(called.await(20, TimeUnit.SECONDS)).isTrue();

		Future<String> waiting = this.threads.submit(duplicate);
		this.application.database().awaitWaiter();
		assertThat(waiting).isNotDone();
		end.countDown();

		String ofTheOwner = owner.get(10, TimeUnit.SECONDS);
		String ofTheDuplicate = waiting.get(10, TimeUnit.SECONDS);
		assertThat(ofTheDuplicate.equals(ofTheOwner)).isEqualTo(commit);
		assertThat(effects()).isOne();
	}

	private String throughFacade() {
		return this.application.bean(Idempotency.class)
			.call("facade", this.key)
			.execute(String.class, () -> call(this.application.ledger()::enter));
	}

	private String call(Guarded method) {
		try {
			return method.call(this.key);
		}
		catch (RuntimeException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Work of a caller in a transaction.
	 *
	 * @param <T> what it returns
	 */
	interface InTransaction<T> {

		T in(TransactionStatus status) throws Exception;

	}

	private interface Guarded {

		String call(String key) throws Exception;

	}

}
