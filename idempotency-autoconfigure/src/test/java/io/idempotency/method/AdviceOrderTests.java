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

package io.idempotency.method;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.Idempotent;
import io.idempotency.store.RecordStatus;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.constraints.NotBlank;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAspectSupport;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.validation.annotation.Validated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * The order of the advice around a guarded method, and what it means to each neighbour.
 */
@Timeout(60)
class AdviceOrderTests {

	private final ApplicationContextRunner runner = GuardedContext.withDatabase()
		.withConfiguration(AutoConfigurations.of(ValidationAutoConfiguration.class))
		.withUserConfiguration(Application.class);

	@AfterEach
	void logOut() {
		SecurityContextHolder.clearContext();
	}

	static Stream<ApplicationContextRunner> kindsOfProxies() {
		ApplicationContextRunner runner = new AdviceOrderTests().runner;
		return Stream.of(runner, runner.withPropertyValues("spring.aop.proxy-target-class=false"),
				runner.withPropertyValues("spring.aop.auto=false"),
				runner.withClassLoader(new FilteredClassLoader("org.aspectj")),
				runner.withPropertyValues("spring.main.allow-circular-references=true"));
	}

	@ParameterizedTest
	@MethodSource("kindsOfProxies")
	void adviceIsOrderedFromTheThreadDownToTheMethod(ApplicationContextRunner runner) {
		runner.run((context) -> {
			Advised proxy = (Advised) context.getBean(Payments.class);

			assertThat(advice(proxy)).containsSubsequence("AnnotationAsyncExecutionInterceptor",
					"RetryAnnotationInterceptor", "security", "IdempotencyInterceptor");
			assertThat(advice(proxy)).containsSubsequence("IdempotencyInterceptor", "TransactionInterceptor",
					"MethodValidationInterceptor", "InnermostInterceptor");
			assertThat(advice(proxy)).containsSubsequence("IdempotencyInterceptor", "CacheInterceptor",
					"MethodValidationInterceptor", "InnermostInterceptor");
			assertThat(advice(proxy)).endsWith("InnermostInterceptor")
				.containsOnlyOnce("IdempotencyInterceptor")
				.containsOnlyOnce("InnermostInterceptor");
		});
	}

	@ParameterizedTest
	@MethodSource("kindsOfProxies")
	void allOfThemTogetherWork(ApplicationContextRunner runner) {
		runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			logIn("PAYER");

			String first = payments.chargeGuardedByAll("k", "rent");

			assertThat(payments.chargeGuardedByAll("k", "rent")).isEqualTo(first);
			assertThat(runs(context)).isOne();
			assertThat(effects(context)).isOne();
		});
	}

	@Test
	void retryEntersTheGuardAgainAndTheSecondAttemptRuns() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			context.getBean(Switches.class).failures.set(1);

			assertThat(payments.chargeWithRetry("k")).isEqualTo("charged in attempt 2");

			assertThat(payments.chargeWithRetry("k")).isEqualTo("charged in attempt 2");
			assertThat(runs(context)).isEqualTo(2);
		});
	}

	@Test
	void retryInsideTheCallersTransactionRuns() {
		this.runner.run((context) -> {
			context.getBean(Switches.class).failures.set(1);

			String answer = context.getBean(TransactionTemplate.class)
				.execute((status) -> context.getBean(Payments.class).chargeWithRetry("k"));

			assertThat(answer).isEqualTo("charged in attempt 2");
			assertThat(GuardedContext.status(context, "charge-with-retry", "k")).isEqualTo(RecordStatus.COMPLETED);
		});
	}

	@Test
	void revokedRoleIsRefusedRatherThanAnswered() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			logIn("PAYER");
			String first = payments.chargeAuthorized("k");
			logIn("VISITOR");

			assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> payments.chargeAuthorized("k"));

			logIn("PAYER");
			assertThat(payments.chargeAuthorized("k")).isEqualTo(first);
			assertThat(runs(context)).isOne();
		});
	}

	@Test
	void whatSecurityRefusesLeavesNoRecord() {
		this.runner.run((context) -> {
			logIn("VISITOR");

			assertThatExceptionOfType(AccessDeniedException.class)
				.isThrownBy(() -> context.getBean(Payments.class).chargeAuthorized("k"));

			assertThat(GuardedContext.status(context, "charge-authorized", "k")).isNull();
		});
	}

	@Test
	void outcomeIsRecordedAfterTheTransactionOfTheMethodCommitted() {
		this.runner.run((context) -> {
			Switches switches = context.getBean(Switches.class);
			switches.beforeCommit = () -> switches.seen = GuardedContext.status(context, "charge-in-transaction", "k");

			context.getBean(Payments.class).chargeInTransaction("k");

			assertThat(switches.seen).isEqualTo(RecordStatus.IN_PROGRESS);
			assertThat(GuardedContext.status(context, "charge-in-transaction", "k")).isEqualTo(RecordStatus.COMPLETED);
		});
	}

	@Test
	void normalReturnFromARolledBackTransactionIsNotRecordedAsSuccess() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			context.getBean(Switches.class).rollBack = true;
			payments.chargeInTransaction("k");
			RecordStatus afterRollback = GuardedContext.status(context, "charge-in-transaction", "k");
			context.getBean(Switches.class).rollBack = false;

			String second = payments.chargeInTransaction("k");

			assertThat(afterRollback).isEqualTo(RecordStatus.FAILED);
			assertThat(second).isEqualTo("charged in attempt 2");
			assertThat(effects(context)).isOne();
		});
	}

	@Test
	void failureBeforeTheCommitIsNotRecordedAsSuccess() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			Switches switches = context.getBean(Switches.class);
			switches.beforeCommit = () -> {
				throw new IllegalStateException("refused at the commit");
			};
			assertThatIllegalStateException().isThrownBy(() -> payments.chargeInTransaction("k"));
			RecordStatus afterFailure = GuardedContext.status(context, "charge-in-transaction", "k");
			switches.beforeCommit = () -> {
			};

			assertThat(payments.chargeInTransaction("k")).isEqualTo("charged in attempt 2");

			assertThat(afterFailure).isEqualTo(RecordStatus.FAILED);
			assertThat(effects(context)).isOne();
		});
	}

	@Test
	void commitInDoubtLeavesTheClaim() {
		this.runner.run((context) -> {
			context.getBean(Switches.class).doubt = true;

			assertThatExceptionOfType(TransactionSystemException.class)
				.isThrownBy(() -> context.getBean(Payments.class).chargeInTransaction("k"));

			assertThat(GuardedContext.status(context, "charge-in-transaction", "k"))
				.isEqualTo(RecordStatus.IN_PROGRESS);
		});
	}

	@Test
	void exceptionThatRollsBackLetsTheNextCallRun() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			context.getBean(Switches.class).failures.set(1);
			assertThatIllegalStateException().isThrownBy(() -> payments.chargeInTransaction("k"));

			assertThat(payments.chargeInTransaction("k")).isEqualTo("charged in attempt 2");

			assertThat(effects(context)).isOne();
		});
	}

	@Test
	void exceptionUnderWhichTheTransactionCommitsIsAnAnswer() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			context.getBean(Switches.class).failures.set(1);
			assertThatIllegalStateException().isThrownBy(() -> payments.chargeAndCommitAnyway("k"));

			assertThatExceptionOfType(IdempotencyRememberedFailureException.class)
				.isThrownBy(() -> payments.chargeAndCommitAnyway("k"))
				.withMessageContaining("attempt 1 failed");

			assertThat(effects(context)).isOne();
		});
	}

	@Test
	void checkedExceptionCommitsAndIsAnAnswer() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			assertThatExceptionOfType(Declined.class).isThrownBy(() -> payments.decline("k"));

			assertThatExceptionOfType(IdempotencyRememberedFailureException.class)
				.isThrownBy(() -> payments.decline("k"));

			assertThat(effects(context)).isOne();
		});
	}

	@Test
	void listedCheckedExceptionIsThrownAgain() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			assertThatExceptionOfType(Declined.class).isThrownBy(() -> payments.declineAndRemember("k"));

			assertThatExceptionOfType(Declined.class).isThrownBy(() -> payments.declineAndRemember("k"))
				.withMessage("declined");

			assertThat(runs(context)).isOne();
		});
	}

	@Test
	void readOnlyTransactionIsRecorded() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			String first = payments.quote("k");

			assertThat(payments.quote("k")).isEqualTo(first);
			assertThat(runs(context)).isOne();
		});
	}

	@Test
	void cacheHitIsRecordedAsTheAnswer() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			context.getBean(CacheManager.class).getCache("answers").put("k", "from the cache");

			assertThat(payments.chargeCached("k")).isEqualTo("from the cache");
			context.getBean(CacheManager.class).getCache("answers").clear();

			assertThat(payments.chargeCached("k")).isEqualTo("from the cache");
			assertThat(GuardedContext.status(context, "charge-cached", "k")).isEqualTo(RecordStatus.COMPLETED);
			assertThat(runs(context)).isZero();
		});
	}

	@Test
	void cacheHitInATransactionIsRecordedAfterItsCommit() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			context.getBean(CacheManager.class).getCache("answers").put("k", "from the cache");

			context.getBean(TransactionTemplate.class).executeWithoutResult((status) -> {
				payments.chargeCached("k");
				assertThat(GuardedContext.status(context, "charge-cached", "k")).isEqualTo(RecordStatus.IN_PROGRESS);
			});

			assertThat(GuardedContext.status(context, "charge-cached", "k")).isEqualTo(RecordStatus.COMPLETED);
		});
	}

	@Test
	void whatValidationRefusesLeavesNoRecordAndTheCorrectedRequestRuns() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			assertThatExceptionOfType(ConstraintViolationException.class)
				.isThrownBy(() -> payments.chargeValid("k", " "));
			RecordStatus afterRefusal = GuardedContext.status(context, "charge-valid", "k");

			String answer = payments.chargeValid("k", "rent");

			assertThat(afterRefusal).isNull();
			assertThat(answer).isEqualTo("charged in attempt 1");
			assertThat(runs(context)).isOne();
		});
	}

	@Test
	void whatValidationRefusesUnderHoldIsNotUnknown() {
		this.runner.withPropertyValues("idempotency.on-unknown=hold").run((context) -> {
			Payments payments = context.getBean(Payments.class);
			assertThatExceptionOfType(ConstraintViolationException.class)
				.isThrownBy(() -> payments.chargeValid("k", " "));

			assertThat(payments.chargeValid("k", "rent")).isEqualTo("charged in attempt 1");
		});
	}

	@Test
	void refusedResultIsAFailureOfTheWorkAndRunsAgain() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			context.getBean(Switches.class).blank = true;
			assertThatExceptionOfType(ConstraintViolationException.class)
				.isThrownBy(() -> payments.chargeValid("k", "a"));
			RecordStatus afterRefusal = GuardedContext.status(context, "charge-valid", "k");
			context.getBean(Switches.class).blank = false;

			assertThat(payments.chargeValid("k", "a")).isEqualTo("charged in attempt 2");

			assertThat(afterRefusal).isEqualTo(RecordStatus.FAILED);
		});
	}

	@Test
	void asyncReturnsAtOnceAndDuplicatesRunOnce() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			Switches switches = context.getBean(Switches.class);
			switches.gate = new CountDownLatch(1);

			CompletableFuture<String> first = payments.chargeAsync("k");
			CompletableFuture<String> second = payments.chargeAsync("k");
			assertThat(first).isNotDone();
			await().until(() -> runs(context) == 1);
			switches.gate.countDown();

			assertThat(first).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("charged in attempt 1");
			assertThat(second).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("charged in attempt 1");
			assertThat(payments.chargeAsync("k")).succeedsWithin(Duration.ofSeconds(10))
				.isEqualTo("charged in attempt 1");
			assertThat(runs(context)).isOne();
		});
	}

	@Test
	void asyncWithoutResultRunsOnce() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			payments.notifyAsync("k");
			await().until(() -> GuardedContext.status(context, "notify-async", "k") == RecordStatus.COMPLETED);

			payments.notifyAsync("k");
			payments.notifyAsync("other");

			await().until(() -> GuardedContext.status(context, "notify-async", "other") == RecordStatus.COMPLETED);
			assertThat(runs(context)).isEqualTo(2);
		});
	}

	@Test
	void orderIsAProperty() {
		this.runner.withPropertyValues("idempotency.order=0").run((context) -> {
			Advised proxy = (Advised) context.getBean(Payments.class);

			assertThat(advice(proxy)).containsSubsequence("IdempotencyInterceptor", "security",
					"TransactionInterceptor");
		});
	}

	private static List<String> advice(Advised proxy) {
		return Stream.of(proxy.getAdvisors())
			.map(Advisor::getAdvice)
			.map(Object::getClass)
			.map((type) -> type.getPackageName().startsWith("org.springframework.security") ? "security"
					: type.getSimpleName())
			.toList();
	}

	private static void logIn(String role) {
		TestingAuthenticationToken user = new TestingAuthenticationToken("user", null, "ROLE_" + role);
		SecurityContextHolder.getContext().setAuthentication(user);
	}

	private static int runs(BeanFactory context) {
		return context.getBean(Switches.class).runs.get();
	}

	private static int effects(BeanFactory context) {
		return context.getBean(JdbcTemplate.class).queryForObject("SELECT count(*) FROM effect", Integer.class);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	@EnableResilientMethods
	@EnableMethodSecurity
	@EnableCaching
	static class Application {

		@Bean
		CacheManager cacheManager() {
			return new ConcurrentMapCacheManager();
		}

		@Bean
		Switches switches() {
			return new Switches();
		}

		@Bean
		PaymentService payments(JdbcTemplate jdbc, Switches switches) {
			jdbc.execute("CREATE TABLE IF NOT EXISTS effect (name VARCHAR(100))");
			return new PaymentService(jdbc, switches);
		}

		@Bean
		JdbcTransactionManager transactionManager(javax.sql.DataSource dataSource, Switches switches) {
			return new JdbcTransactionManager(dataSource) {

				@Override
				protected void doCommit(DefaultTransactionStatus status) {
					super.doCommit(status);
					if (switches.doubt) {
						throw new TransactionSystemException("the connection broke during the commit");
					}
				}

			};
		}

	}

	/** What the tests make happen, and what they see. */
	public static class Switches {

		final AtomicInteger runs = new AtomicInteger();

		final AtomicInteger failures = new AtomicInteger();

		volatile boolean rollBack;

		volatile boolean doubt;

		volatile boolean blank;

		volatile Runnable beforeCommit = () -> {
		};

		volatile CountDownLatch gate = new CountDownLatch(0);

		volatile RecordStatus seen;

	}

	@SuppressWarnings("serial")
	public static class Declined extends Exception {

		public Declined(String message) {
			super(message);
		}

	}

	public interface Payments {

		String chargeGuardedByAll(String key, @NotBlank String what);

		CompletableFuture<String> chargeAsync(String key);

		void notifyAsync(String key);

		String chargeWithRetry(String key);

		String chargeAuthorized(String key);

		String chargeInTransaction(String key);

		String chargeAndCommitAnyway(String key);

		String decline(String key) throws Declined;

		String declineAndRemember(String key) throws Declined;

		String quote(String key);

		String chargeCached(String key);

		@NotBlank
		String chargeValid(String key, @NotBlank String what);

	}

	@Validated
	public static class PaymentService implements Payments {

		private final JdbcTemplate jdbc;

		private final Switches switches;

		public PaymentService(JdbcTemplate jdbc, Switches switches) {
			this.jdbc = jdbc;
			this.switches = switches;
		}

		@Override
		@Retryable(delay = 1)
		@PreAuthorize("hasRole('PAYER')")
		@Idempotent(key = "#key", operation = "charge-guarded-by-all")
		@Transactional
		@Cacheable(cacheNames = "answers", key = "#key")
		public String chargeGuardedByAll(String key, String what) {
			return work(key);
		}

		@Override
		@Async
		@Idempotent(key = "#key", operation = "charge-async")
		public CompletableFuture<String> chargeAsync(String key) {
			return CompletableFuture.completedFuture(work(key));
		}

		@Override
		@Async
		@Idempotent(key = "#key", operation = "notify-async")
		public void notifyAsync(String key) {
			work(key);
		}

		@Override
		@Retryable(delay = 1)
		@Idempotent(key = "#key", operation = "charge-with-retry")
		public String chargeWithRetry(String key) {
			return work(key);
		}

		@Override
		@PreAuthorize("hasRole('PAYER')")
		@Idempotent(key = "#key", operation = "charge-authorized")
		public String chargeAuthorized(String key) {
			return work(key);
		}

		@Override
		@Transactional
		@Idempotent(key = "#key", operation = "charge-in-transaction")
		public String chargeInTransaction(String key) {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void beforeCommit(boolean readOnly) {
					PaymentService.this.switches.beforeCommit.run();
				}

			});
			if (this.switches.rollBack) {
				TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
			}
			return work(key);
		}

		@Override
		@Transactional(noRollbackFor = IllegalStateException.class)
		@Idempotent(key = "#key", operation = "charge-and-commit-anyway")
		public String chargeAndCommitAnyway(String key) {
			return work(key);
		}

		@Override
		@Transactional
		@Idempotent(key = "#key", operation = "decline")
		public String decline(String key) throws Declined {
			work(key);
			throw new Declined("declined");
		}

		@Override
		@Transactional
		@Idempotent(key = "#key", operation = "decline-and-remember", rememberFailures = Declined.class)
		public String declineAndRemember(String key) throws Declined {
			work(key);
			throw new Declined("declined");
		}

		@Override
		@Transactional(readOnly = true)
		@Idempotent(key = "#key", operation = "quote")
		public String quote(String key) {
			return "quote " + this.switches.runs.incrementAndGet();
		}

		@Override
		@Cacheable(cacheNames = "answers", key = "#key")
		@Idempotent(key = "#key", operation = "charge-cached")
		public String chargeCached(String key) {
			return work(key);
		}

		@Override
		@Idempotent(key = "#key", operation = "charge-valid")
		public String chargeValid(String key, String what) {
			return this.switches.blank ? work(key).replaceAll(".", " ") : work(key);
		}

		private String work(String key) {
			int run = this.switches.runs.incrementAndGet();
			awaitGate();
			this.jdbc.update("INSERT INTO effect (name) VALUES (?)", key);
			int attempt = IdempotencyContext.current().orElseThrow().attempt();
			if (this.switches.failures.getAndDecrement() > 0) {
				throw new IllegalStateException("attempt " + run + " failed");
			}
			return "charged in attempt " + attempt;
		}

		private void awaitGate() {
			try {
				assertThat(this.switches.gate.await(20, TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
