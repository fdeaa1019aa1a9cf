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

package io.idempotency.engine;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.idempotency.Idempotency;
import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.Idempotent;
import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJpaAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyRedisAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencySqlAutoConfiguration;
import io.idempotency.key.Identity;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.sql.SqlIdempotencyStore;
import jakarta.persistence.EntityManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAspectSupport;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * What the record says agrees with what the caller's transaction did, where the store is
 * outside of that transaction: in Redis, or in another database. The effects are rows of
 * the application's database, written by the caller's transaction.
 */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class CallerTransactionContract {

	private ConfigurableApplicationContext application;

	private Payments payments;

	private Idempotency idempotency;

	private JdbcTemplate jdbc;

	private CommitsInDoubt transactionManager;

	private IdempotencyStore store;

	private ExecutorService threads;

	private String key;

	/**
	 * Return the settings that choose the store and the application's database.
	 * @return properties
	 */
	abstract Map<String, Object> properties();

	/**
	 * Return a store in a database of its own.
	 * @return the store, or {@code null} if the application's auto-configuration makes it
	 */
	@Nullable SqlIdempotencyStore storeElsewhere() {
		return null;
	}

	@BeforeAll
	void start() {
		this.application = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.initializers(this::registerStore)
			.properties(properties())
			.properties("idempotency.wait-timeout=30s", "idempotency.operations.charge-under-short-lease.lease=500ms",
					"idempotency.operations.facade.programmatic=true", "spring.main.banner-mode=off")
			.run();
		this.payments = this.application.getBean(Payments.class);
		this.idempotency = this.application.getBean(Idempotency.class);
		this.jdbc = this.application.getBean(JdbcTemplate.class);
		this.transactionManager = this.application.getBean(CommitsInDoubt.class);
		this.store = this.application.getBean(MethodStore.class).store();
		this.jdbc.execute("CREATE TABLE effect (name VARCHAR(100) NOT NULL)");
	}

	@AfterAll
	void stop() {
		this.application.close();
	}

	@BeforeEach
	void begin() {
		this.key = UUID.randomUUID().toString();
		this.threads = Executors.newCachedThreadPool();
		this.payments.reset();
	}

	@AfterEach
	void end() {
		this.payments.proceed();
		this.threads.shutdownNow();
	}

	@Test
	void rollbackAfterTheCallReturnedIsNoSuccessAndTheRetryRuns() {
		inTransaction().executeWithoutResult((status) -> {
			assertThat(this.payments.charge(this.key)).isEqualTo("charged 1");
			status.setRollbackOnly();
		});
		RecordStatus afterRollback = record("charge").status();

		String retry = this.payments.charge(this.key);

		assertThat(afterRollback).isEqualTo(RecordStatus.FAILED);
		assertThat(retry).isEqualTo("charged 2");
		assertThat(effects()).isOne();
		assertThat(this.payments.charge(this.key)).isEqualTo("charged 2");
	}

	@Test
	void exceptionOfTheCallerAfterTheCallReturnedIsNoSuccessEither() {
		assertThatIllegalStateException().isThrownBy(() -> inTransaction().executeWithoutResult((status) -> {
			this.payments.charge(this.key);
			throw new IllegalStateException("after the call");
		}));

		assertThat(this.payments.charge(this.key)).isEqualTo("charged 2");
		assertThat(effects()).isOne();
	}

	@Test
	void commitIsReplayed() {
		String first = inTransaction().execute((status) -> this.payments.charge(this.key));

		String second = this.payments.charge(this.key);
		String third = inTransaction().execute((status) -> this.payments.charge(this.key));

		assertThat(first).isEqualTo("charged 1").isEqualTo(second).isEqualTo(third);
		assertThat(effects()).isOne();
	}

	@Test
	void nothingIsRecordedBeforeTheCommit() {
		RecordStatus before = inTransaction().execute((status) -> {
			this.payments.charge(this.key);
			return record("charge").status();
		});

		assertThat(before).isEqualTo(RecordStatus.IN_PROGRESS);
		assertThat(record("charge").status()).isEqualTo(RecordStatus.COMPLETED);
	}

	@Test
	void secondCallInTheSameTransactionGetsTheFirstAnswer() {
		inTransaction().executeWithoutResult((status) -> {
			String first = this.payments.charge(this.key);
			String second = this.payments.charge(this.key);
			assertThat(first).isEqualTo("charged 1").isEqualTo(second);
		});

		assertThat(effects()).isOne();
	}

	@Test
	void methodThatJoinsTheCallersTransactionIsSettledByIt() {
		inTransaction().executeWithoutResult((status) -> {
			assertThat(this.payments.join(this.key)).isEqualTo("charged 1");
			status.setRollbackOnly();
		});

		assertThat(record("join").status()).isEqualTo(RecordStatus.FAILED);
		assertThat(this.payments.join(this.key)).isEqualTo("charged 2");
		assertThat(effects()).isOne();
	}

	@Test
	void methodThatJoinsAndAsksForRollbackTakesTheRecordAlong() {
		assertThatExceptionOfType(UnexpectedRollbackException.class).isThrownBy(
				() -> inTransaction().executeWithoutResult((status) -> this.payments.joinAndRollBack(this.key)));

		assertThat(record("join-and-roll-back").status()).isEqualTo(RecordStatus.FAILED);
		assertThat(effects()).isZero();
	}

	@Test
	void exceptionOfAMethodThatJoinedLetsTheRetryRun() {
		this.payments.failNext();
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> inTransaction().executeWithoutResult(
					(status) -> assertThatIllegalStateException().isThrownBy(() -> this.payments.join(this.key))));
		assertThat(record("join").status()).isEqualTo(RecordStatus.FAILED);

		assertThat(this.payments.join(this.key)).isEqualTo("charged 2");
		assertThat(effects()).isOne();
	}

	@Test
	void exceptionInTheCallersTransactionFreesTheKeyAtOnceSoThatTheCallerMayTryAgain() {
		this.payments.failNext();

		String answer = inTransaction().execute((status) -> {
			assertThatIllegalStateException().isThrownBy(() -> this.payments.charge(this.key));
			return this.payments.charge(this.key);
		});

		assertThat(answer).isEqualTo("charged 2");
		assertThat(this.payments.charge(this.key)).isEqualTo("charged 2");
	}

	@Test
	void callerInATransactionNeverWaitsForThisJvm() throws Exception {
		Future<String> running = this.threads.submit(() -> this.payments.chargeSlowly(this.key));
		this.payments.awaitRunning();

		assertThatExceptionOfType(IdempotencyInProgressException.class)
			.isThrownBy(() -> inTransaction().execute((status) -> this.payments.chargeSlowly(this.key)))
			.withMessageContaining("inside a transaction does not wait");

		assertThat(running).isNotDone();
		this.payments.proceed();
		assertThat(running.get(10, TimeUnit.SECONDS)).isEqualTo("charged 1");
	}

	@Test
	void waiterWakesAfterTheCommitAndSeesTheEffect() throws Exception {
		CountDownLatch called = new CountDownLatch(1);
		CountDownLatch commit = new CountDownLatch(1);
		Future<?> caller = this.threads.submit(() -> inTransaction().executeWithoutResult((status) -> {
			this.payments.charge(this.key);
			called.countDown();
			awaitLatch(commit);
		}));
		awaitLatch(called);
		AtomicReference<Thread> waiting = new AtomicReference<>();
		AtomicInteger effectsWhenAwake = new AtomicInteger(-1);

		Future<String> waiter = this.threads.submit(() -> {
			waiting.set(Thread.currentThread());
			String answer = this.payments.charge(this.key);
			effectsWhenAwake.set(effects());
			return answer;
		});
		await().until(() -> waiting.get() != null && waiting.get().getState() == Thread.State.TIMED_WAITING);
		assertThat(waiter).isNotDone();
		commit.countDown();

		assertThat(waiter.get(10, TimeUnit.SECONDS)).isEqualTo("charged 1");
		assertThat(effectsWhenAwake).hasValue(1);
		caller.get(10, TimeUnit.SECONDS);
	}

	@Test
	void waiterRunsItselfAfterTheRollback() throws Exception {
		CountDownLatch called = new CountDownLatch(1);
		CountDownLatch end = new CountDownLatch(1);
		Future<?> caller = this.threads.submit(() -> inTransaction().executeWithoutResult((status) -> {
			this.payments.charge(this.key);
			called.countDown();
			awaitLatch(end);
			status.setRollbackOnly();
		}));
		awaitLatch(called);

		Future<String> waiter = this.threads.submit(() -> this.payments.charge(this.key));
		end.countDown();

		assertThat(waiter.get(10, TimeUnit.SECONDS)).isEqualTo("charged 2");
		caller.get(10, TimeUnit.SECONDS);
		assertThat(effects()).isOne();
	}

	@Test
	void leaseIsRenewedUntilTheCallersCommit() {
		AtomicReference<Duration> remaining = new AtomicReference<>();
		inTransaction().executeWithoutResult((status) -> {
			this.payments.chargeUnderShortLease(this.key);
			await().atMost(Duration.ofSeconds(20))
				.until(() -> record("charge-under-short-lease").age().compareTo(Duration.ofMillis(1500)) > 0);
			remaining.set(record("charge-under-short-lease").leaseRemaining());
		});

		assertThat(remaining.get()).isPositive();
		assertThat(record("charge-under-short-lease").status()).isEqualTo(RecordStatus.COMPLETED);
	}

	@Test
	void requiresNewIsSettledByItsOwnCommitEvenIfTheCallerRollsBack() {
		inTransaction().executeWithoutResult((status) -> {
			this.payments.chargeInNew(this.key);
			assertThat(record("charge-in-new").status()).isEqualTo(RecordStatus.COMPLETED);
			status.setRollbackOnly();
		});

		assertThat(this.payments.chargeInNew(this.key)).isEqualTo("charged 1");
		assertThat(effects()).isOne();
	}

	@Test
	void requiresNewIsSettledByItsOwnRollbackEvenIfTheCallerCommits() {
		inTransaction().executeWithoutResult((status) -> this.payments.rollBackInNew(this.key));

		assertThat(record("roll-back-in-new").status()).isEqualTo(RecordStatus.FAILED);
		assertThat(effects()).isZero();
	}

	@Test
	void notSupportedIsRecordedAtOnce() {
		inTransaction().executeWithoutResult((status) -> {
			this.payments.chargeWithout(this.key);
			assertThat(record("charge-without").status()).isEqualTo(RecordStatus.COMPLETED);
			status.setRollbackOnly();
		});

		assertThat(this.payments.chargeWithout(this.key)).isEqualTo("charged 1");
		assertThat(effects()).isOne();
	}

	@Test
	void suspendedTransactionKeepsItsCallsToItself() {
		String other = this.key + "-inner";
		inTransaction().executeWithoutResult((outer) -> {
			this.payments.charge(this.key);
			inNewTransaction().executeWithoutResult((inner) -> {
				this.payments.charge(other);
				assertThatExceptionOfType(IdempotencyInProgressException.class)
					.isThrownBy(() -> this.payments.charge(this.key));
			});
			assertThat(this.payments.charge(this.key)).isEqualTo("charged 1");
			outer.setRollbackOnly();
		});

		assertThat(record("charge").status()).isEqualTo(RecordStatus.FAILED);
		assertThat(this.payments.charge(other)).isEqualTo("charged 2");
	}

	@Test
	void callersOwnTransactionAfterTheCommitIsNotMistakenForTheOneThatEnded() {
		inTransaction().executeWithoutResult((status) -> {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void afterCompletion(int end) {
					CallerTransactionContract.this.payments.chargeInNew(CallerTransactionContract.this.key);
				}

			});
			this.payments.charge(this.key);
		});

		assertThat(record("charge").status()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(record("charge-in-new").status()).isEqualTo(RecordStatus.COMPLETED);
	}

	@Test
	void callAfterTheCommitIsRecorded() {
		inTransaction().executeWithoutResult((status) -> {
			this.payments.charge(this.key);
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void afterCommit() {
					assertThat(CallerTransactionContract.this.payments.charge(CallerTransactionContract.this.key))
						.isEqualTo("charged 1");
					CallerTransactionContract.this.payments.chargeInNew(CallerTransactionContract.this.key);
				}

			});
		});

		assertThat(record("charge").status()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(record("charge-in-new").status()).isEqualTo(RecordStatus.COMPLETED);
	}

	@Test
	void readOnlyTransactionOfTheCallerIsAnswered() {
		TransactionTemplate reading = inTransaction();
		reading.setReadOnly(true);

		String first = reading.execute((status) -> this.payments.quote(this.key));

		assertThat(record("quote").status()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(this.payments.quote(this.key)).isEqualTo(first);
	}

	@Test
	void transactionExceptionBeforeTheCommitLeavesTheClaim() {
		assertThatExceptionOfType(TransactionSystemException.class)
			.isThrownBy(() -> inTransaction().executeWithoutResult((status) -> {
				this.payments.chargeOrReject(this.key);
				TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

					@Override
					public void beforeCommit(boolean readOnly) {
						throw new TransactionSystemException("a listener of the application's");
					}

				});
			}));

		assertThat(record("charge-or-reject").status()).isEqualTo(RecordStatus.IN_PROGRESS);
		assertThatExceptionOfType(IdempotencyInProgressException.class)
			.isThrownBy(() -> this.payments.chargeOrReject(this.key));
	}

	@Test
	void commitInDoubtLeavesTheClaim() {
		this.transactionManager.doubtNextCommit();
		assertThatExceptionOfType(TransactionSystemException.class)
			.isThrownBy(() -> inTransaction().executeWithoutResult((status) -> this.payments.chargeOrReject(this.key)));

		assertThat(record("charge-or-reject").status()).isEqualTo(RecordStatus.IN_PROGRESS);
		assertThatExceptionOfType(IdempotencyInProgressException.class)
			.isThrownBy(() -> this.payments.chargeOrReject(this.key));
		assertThat(effects()).isOne();
	}

	@Test
	void ownCommitInDoubtLeavesTheClaim() {
		this.transactionManager.doubtNextCommit();
		assertThatExceptionOfType(TransactionSystemException.class)
			.isThrownBy(() -> this.payments.chargeInNew(this.key));

		assertThat(record("charge-in-new").status()).isEqualTo(RecordStatus.IN_PROGRESS);
		assertThat(effects()).isOne();
	}

	@Test
	void underHoldARollbackIsUnknown() {
		inTransaction().executeWithoutResult((status) -> {
			this.payments.chargeOrHold(this.key);
			status.setRollbackOnly();
		});

		assertThatExceptionOfType(IdempotencyOutcomeUnknownException.class)
			.isThrownBy(() -> this.payments.chargeOrHold(this.key));
		assertThat(this.idempotency.resolve("charge-or-hold", this.key).runAgain()).isTrue();
		assertThat(this.payments.chargeOrHold(this.key)).isEqualTo("charged 2");
	}

	@Test
	void underHoldACommitIsReplayed() {
		String first = inTransaction().execute((status) -> this.payments.chargeOrHold(this.key));

		assertThat(this.payments.chargeOrHold(this.key)).isEqualTo(first);
	}

	@Test
	void exceptionUnderWhichTheOwnTransactionCommitsIsReplayedWithItsEffect() {
		assertThatExceptionOfType(Declined.class).isThrownBy(() -> this.payments.decline(this.key));

		assertThatExceptionOfType(IdempotencyRememberedFailureException.class)
			.isThrownBy(() -> this.payments.decline(this.key))
			.withMessageContaining("declined");
		assertThat(effects()).isOne();
	}

	@Test
	void asynchronousResultInATransactionThatRollsBackIsNoSuccess() throws Exception {
		CompletableFuture<String> first = inTransaction().execute((status) -> {
			CompletableFuture<String> answer = this.payments.chargeLater(this.key);
			assertThat(answer).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("charged 1");
			status.setRollbackOnly();
			return answer;
		});

		assertThat(first).isCompletedWithValue("charged 1");
		assertThat(this.payments.chargeLater(this.key)).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("charged 2");
		assertThat(effects()).isOne();
	}

	@Test
	void asynchronousResultInATransactionThatCommitsIsReplayed() throws Exception {
		CompletableFuture<String> first = inTransaction().execute((status) -> this.payments.chargeLater(this.key));
		assertThat(first).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("charged 1");

		assertThat(this.payments.chargeLater(this.key)).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("charged 1");
		assertThat(effects()).isOne();
	}

	@Test
	void facadeFollowsTheCallersTransaction() {
		inTransaction().executeWithoutResult((status) -> {
			assertThat(throughFacade()).isEqualTo("charged 1");
			assertThat(throughFacade()).isEqualTo("charged 1");
			assertThat(record("facade").status()).isEqualTo(RecordStatus.IN_PROGRESS);
			status.setRollbackOnly();
		});
		assertThat(record("facade").status()).isEqualTo(RecordStatus.FAILED);
		assertThat(effects()).isZero();

		String retry = inTransaction().execute((status) -> throughFacade());

		assertThat(retry).isEqualTo("charged 2").isEqualTo(throughFacade());
		assertThat(effects()).isOne();
	}

	@Test
	void facadeAroundATransactionIsSettledByItsEnd() {
		assertThatIllegalStateException().isThrownBy(() -> this.idempotency.call("facade", this.key)
			.run(() -> inTransaction().executeWithoutResult((status) -> {
				this.payments.work(this.key);
				throw new IllegalStateException("rolled back");
			})));
		assertThat(record("facade").status()).isEqualTo(RecordStatus.FAILED);

		this.idempotency.call("facade", this.key)
			.run(() -> inTransaction().executeWithoutResult((status) -> this.payments.work(this.key)));
		this.idempotency.call("facade", this.key).run(() -> this.payments.work(this.key));

		assertThat(effects()).isOne();
	}

	@Test
	void facadeNeverWaitsInATransactionAndLeavesWhatIsInDoubt() throws Exception {
		CountDownLatch called = new CountDownLatch(1);
		CountDownLatch commit = new CountDownLatch(1);
		this.transactionManager.doubtNextCommit();
		Future<?> caller = this.threads.submit(() -> inTransaction().executeWithoutResult((status) -> {
			throughFacade();
			called.countDown();
			awaitLatch(commit);
		}));
		awaitLatch(called);

		assertThatExceptionOfType(IdempotencyInProgressException.class)
			.isThrownBy(() -> inTransaction().execute((status) -> throughFacade()));

		commit.countDown();
		assertThat(caller).failsWithin(Duration.ofSeconds(10));
		assertThat(record("facade").status()).isEqualTo(RecordStatus.IN_PROGRESS);
	}

	@Test
	void facadeUnderHoldIsUnknownAfterARollback() {
		inTransaction().executeWithoutResult((status) -> {
			this.idempotency.call("facade", this.key).onUnknown(OnUnknown.HOLD).run(() -> this.payments.work(this.key));
			status.setRollbackOnly();
		});

		assertThatExceptionOfType(IdempotencyOutcomeUnknownException.class).isThrownBy(this::throughFacade);
	}

	private String throughFacade() {
		return this.idempotency.call("facade", this.key).execute(String.class, () -> this.payments.work(this.key));
	}

	private void registerStore(ConfigurableApplicationContext context) {
		SqlIdempotencyStore elsewhere = storeElsewhere();
		if (elsewhere != null) {
			((GenericApplicationContext) context).registerBean("elsewhere", SqlIdempotencyStore.class, () -> elsewhere);
		}
	}

	private TransactionTemplate inTransaction() {
		return new TransactionTemplate(this.transactionManager);
	}

	private TransactionTemplate inNewTransaction() {
		TransactionTemplate template = inTransaction();
		template.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		return template;
	}

	private IdempotencyRecord record(String operation) {
		return this.store.find(Identity.of("", operation, "", this.key)).orElseThrow();
	}

	/** Return how many effects other transactions see. */
	private int effects() {
		TransactionTemplate reading = new TransactionTemplate(this.transactionManager);
		reading.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		Integer count = reading.execute((status) -> this.jdbc
			.queryForObject("SELECT count(*) FROM effect WHERE name = ?", Integer.class, this.key));
		return (count != null) ? count : 0;
	}

	private static void awaitLatch(CountDownLatch latch) {
		try {
			assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan
	@Import({ Payments.class, MethodStore.class })
	@ImportAutoConfiguration({ AopAutoConfiguration.class, DataSourceAutoConfiguration.class,
			JdbcTemplateAutoConfiguration.class, HibernateJpaAutoConfiguration.class, DataRedisAutoConfiguration.class,
			TransactionAutoConfiguration.class, IdempotencyRedisAutoConfiguration.class,
			IdempotencySqlAutoConfiguration.class, IdempotencyJpaAutoConfiguration.class,
			IdempotencyAutoConfiguration.class })
	static class Application {

		@Bean
		CommitsInDoubt transactionManager(EntityManagerFactory entityManagerFactory) {
			return new CommitsInDoubt(entityManagerFactory);
		}

	}

	/**
	 * The store that the operations use.
	 */
	record MethodStore(Operations operations) {

		IdempotencyStore store() {
			return this.operations.resolve("facade", String.class, false, OperationSettings.UNSET).store();
		}

	}

	/**
	 * Commits, and then does not know that it did.
	 */
	@SuppressWarnings("serial")
	static class CommitsInDoubt extends JpaTransactionManager {

		private volatile boolean doubt;

		CommitsInDoubt(EntityManagerFactory entityManagerFactory) {
			super(entityManagerFactory);
		}

		void doubtNextCommit() {
			this.doubt = true;
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
			super.doCommit(status);
			if (this.doubt && !status.isReadOnly()) {
				this.doubt = false;
				throw new TransactionSystemException("the connection broke during the commit");
			}
		}

	}

	@SuppressWarnings("serial")
	static class Declined extends Exception {

		Declined(String message) {
			super(message);
		}

	}

	static class Payments {

		private final JdbcTemplate jdbc;

		private final AtomicInteger runs = new AtomicInteger();

		private volatile boolean failing;

		private volatile CountDownLatch running = new CountDownLatch(1);

		private volatile CountDownLatch proceed = new CountDownLatch(1);

		Payments(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		void reset() {
			this.runs.set(0);
			this.failing = false;
			this.running = new CountDownLatch(1);
			this.proceed = new CountDownLatch(1);
		}

		void failNext() {
			this.failing = true;
		}

		void awaitRunning() {
			awaitLatch(this.running);
		}

		void proceed() {
			this.proceed.countDown();
		}

		@Idempotent(key = "#key", operation = "charge")
		public String charge(String key) {
			return work(key);
		}

		@Idempotent(key = "#key", operation = "charge-slowly")
		public String chargeSlowly(String key) {
			this.running.countDown();
			awaitLatch(this.proceed);
			return work(key);
		}

		@Idempotent(key = "#key", operation = "charge-under-short-lease")
		public String chargeUnderShortLease(String key) {
			return work(key);
		}

		@Idempotent(key = "#key", operation = "charge-or-reject", onConcurrent = OnConcurrent.REJECT)
		public String chargeOrReject(String key) {
			return work(key);
		}

		@Idempotent(key = "#key", operation = "charge-or-hold", onUnknown = OnUnknown.HOLD)
		public String chargeOrHold(String key) {
			return work(key);
		}

		@Idempotent(key = "#key", operation = "charge-later")
		public CompletableFuture<String> chargeLater(String key) {
			String answer = work(key);
			return CompletableFuture.supplyAsync(() -> answer);
		}

		@Idempotent(key = "#key", operation = "quote")
		public String quote(String key) {
			return "quote " + this.runs.incrementAndGet();
		}

		@Transactional
		@Idempotent(key = "#key", operation = "join")
		public String join(String key) {
			return work(key);
		}

		@Transactional
		@Idempotent(key = "#key", operation = "join-and-roll-back")
		public String joinAndRollBack(String key) {
			String answer = work(key);
			TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
			return answer;
		}

		@Transactional
		@Idempotent(key = "#key", operation = "decline")
		public String decline(String key) throws Declined {
			work(key);
			throw new Declined("declined");
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		@Idempotent(key = "#key", operation = "charge-in-new")
		public String chargeInNew(String key) {
			return work(key);
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		@Idempotent(key = "#key", operation = "roll-back-in-new")
		public String rollBackInNew(String key) {
			String answer = work(key);
			TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
			return answer;
		}

		@Transactional(propagation = Propagation.NOT_SUPPORTED)
		@Idempotent(key = "#key", operation = "charge-without")
		public String chargeWithout(String key) {
			return work(key);
		}

		String work(String key) {
			int run = this.runs.incrementAndGet();
			this.jdbc.update("INSERT INTO effect (name) VALUES (?)", key);
			if (this.failing) {
				this.failing = false;
				throw new IllegalStateException("failed");
			}
			return "charged " + run;
		}

	}

}
