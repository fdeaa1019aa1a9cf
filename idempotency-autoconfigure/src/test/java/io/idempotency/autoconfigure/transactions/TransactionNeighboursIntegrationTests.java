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
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.Idempotent;
import io.idempotency.TransactionMode;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.key.Identity;
import io.idempotency.method.IdempotencyAdvice;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.sql.SqlIdempotencyStore;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.aop.Advisor;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.NameMatchMethodPointcut;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What else an application has around its transactions, and what it means to the record.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class TransactionNeighboursIntegrationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
				TransactionAutoConfiguration.class, AopAutoConfiguration.class, IdempotencyAutoConfiguration.class))
		.withPropertyValues("spring.datasource.generate-unique-name=true")
		.withUserConfiguration(Application.class);

	@Test
	void failureThatAnAspectSwallowsInsideTheTransactionIsRecordedWithItsEffect() {
		this.runner.withUserConfiguration(SwallowingAspect.class).run((context) -> {
			Payments payments = context.getBean(Payments.class);

			assertThat(payments.joinAndFail("k")).isEqualTo("swallowed");
			assertThat(effects(context)).isOne();
			assertThat(status(context, "join-and-fail", "k")).isEqualTo(RecordStatus.COMPLETED);

			assertThat(payments.joinAndFail("k")).isEqualTo("swallowed");
			assertThat(effects(context)).isOne();
		});
	}

	@Test
	void failureThatAnAspectSwallowsInsideASavepointIsRecordedWithItsEffect() {
		this.runner.withUserConfiguration(SwallowingAspect.class).run((context) -> {
			Payments payments = context.getBean(Payments.class);

			inTransaction(context).executeWithoutResult((status) -> payments.nestAndFail("k"));
			inTransaction(context).executeWithoutResult((status) -> payments.nestAndFail("k"));

			assertThat(status(context, "nest-and-fail", "k")).isEqualTo(RecordStatus.COMPLETED);
			assertThat(effects(context)).isOne();
		});
	}

	@Test
	void failureUnderWhichASavepointIsRolledBackLeavesTheCallersTransactionAlone() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);

			inTransaction(context).executeWithoutResult((status) -> {
				try {
					payments.nestAndFail("k");
				}
				catch (IllegalStateException ex) {
					payments.join("other");
				}
			});

			assertThat(status(context, "nest-and-fail", "k")).isNull();
			assertThat(status(context, "join", "other")).isEqualTo(RecordStatus.COMPLETED);
			assertThat(effects(context)).isOne();
		});
	}

	@Test
	void claimThatFailsInTheCallersTransactionKeepsItFromCommitting() {
		this.runner.run((context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			jdbc.execute("ALTER TABLE idempotency_record RENAME TO elsewhere");

			assertThatExceptionOfType(UnexpectedRollbackException.class)
				.isThrownBy(() -> inTransaction(context).executeWithoutResult((status) -> {
					jdbc.update("INSERT INTO effect VALUES ('of the caller')");
					assertThatExceptionOfType(DataAccessException.class)
						.isThrownBy(() -> context.getBean(Payments.class).join("k"));
				}));

			assertThat(effects(context)).isZero();
		});
	}

	@Test
	void failureThatAnAspectSwallowsIsTheAnswerInAtomic() {
		this.runner.withUserConfiguration(SwallowingAspect.class).run((context) -> {
			Payments payments = context.getBean(Payments.class);

			assertThatIllegalStateException().isThrownBy(() -> payments.payAndFail("k", () -> {
			})).withMessage("after the effect");

			assertThat(effects(context)).isOne();
			assertThat(status(context, "pay-and-fail", "k")).isEqualTo(RecordStatus.COMPLETED);
			assertThatExceptionOfType(IdempotencyRememberedFailureException.class)
				.isThrownBy(() -> payments.payAndFail("k", () -> {
				}));
		});
	}

	@Test
	void failureThatAnAspectSwallowsDoesNotLetAStaleOwnerCommit() {
		this.runner.withUserConfiguration(SwallowingAspect.class).run((context) -> {
			Payments payments = context.getBean(Payments.class);

			assertThatExceptionOfType(IdempotencyLeaseLostException.class)
				.isThrownBy(() -> payments.payAndFail("k", () -> takenOver(context)));

			assertThat(effects(context)).isZero();
		});
	}

	@Test
	void whatTheMethodReturnsIsTheAnswerInAtomicWhateverAnAspectInsideMakesOfIt(CapturedOutput output) {
		this.runner.withUserConfiguration(DecoratingAspect.class).run((context) -> {
			Payments payments = context.getBean(Payments.class);

			assertThat(payments.payDecorated("k")).isEqualTo("paid");
			assertThat(payments.payDecorated("k")).isEqualTo("paid");
			assertThat(payments.payDecorated("other")).isEqualTo("paid");
			assertThat(output.toString()).containsOnlyOnce("an advice inside of its transaction");
		});
	}

	@Test
	void whatAnAspectOutsideMakesOfTheAnswerIsTheSameForADuplicate() {
		this.runner.withUserConfiguration(DecoratingAspect.class)
			.withPropertyValues("test.decorating-order=" + (IdempotencyAdvice.DEFAULT_ORDER - 1))
			.run((context) -> {
				Payments payments = context.getBean(Payments.class);

				assertThat(payments.payDecorated("k")).isEqualTo("paid, with compliments");
				assertThat(payments.payDecorated("k")).isEqualTo("paid, with compliments");
			});
	}

	@Test
	void workWhoseClaimIsInItsTransactionHasNoLeaseThatRunsOut() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);

			assertThat(payments.lease("k")).isEqualTo(IdempotencyContext.NO_LEASE);
		});
	}

	@Test
	void listenerAfterTheCommitIsRecordedAlthoughNothingCommitsAfterIt() {
		this.runner.withPropertyValues("spring.datasource.hikari.auto-commit=false").run((context) -> {
			Listener listener = context.getBean(Listener.class);

			publish(context, "k");
			publish(context, "k");

			assertThat(status(context, "announce", "k")).isEqualTo(RecordStatus.COMPLETED);
			assertThat(listener.runs()).isOne();
		});
	}

	@Test
	void listenerAfterTheCommitIsRecordedApartFromTheTransactionThatEnded() {
		this.runner.run((context) -> {
			Listener listener = context.getBean(Listener.class);

			publish(context, "k");
			publish(context, "k");

			assertThat(listener.statusMeanwhile()).isEqualTo(RecordStatus.IN_PROGRESS);
			assertThat(listener.runs()).isOne();
		});
	}

	private static void publish(BeanFactory context, String key) {
		inTransaction(context).executeWithoutResult(
				(status) -> context.getBean(Payments.class).announceAfterCommit(new Announcement(key)));
	}

	private static void takenOver(BeanFactory context) {
		TransactionTemplate apart = inTransaction(context);
		apart.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		apart.executeWithoutResult((status) -> context.getBean(JdbcTemplate.class)
			.update("UPDATE idempotency_record SET fence = fence + 1"));
	}

	private static TransactionTemplate inTransaction(BeanFactory context) {
		return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
	}

	private static RecordStatus status(BeanFactory context, String operation, String key) {
		return context.getBean(SqlIdempotencyStore.class)
			.find(Identity.of("", operation, "", key))
			.map(IdempotencyRecord::status)
			.orElse(null);
	}

	private static int effects(BeanFactory context) {
		return context.getBean(JdbcTemplate.class).queryForObject("SELECT count(*) FROM effect", Integer.class);
	}

	record Announcement(String key) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(order = Ordered.LOWEST_PRECEDENCE - 50)
	@Import({ Payments.class, Listener.class })
	static class Application {

		@Bean
		SqlIdempotencyStore jdbcIdempotencyStore(DataSource dataSource) {
			SqlIdempotencyStore store = SqlIdempotencyStore.on(dataSource).build();
			store.schema().create();
			return store;
		}

	}

	/** Answers for a method that fails, closer to the method than the transaction. */
	@Configuration(proxyBeanMethods = false)
	static class SwallowingAspect {

		@Bean
		static Advisor swallowing() {
			NameMatchMethodPointcut pointcut = new NameMatchMethodPointcut();
			pointcut.addMethodName("*AndFail");
			return new DefaultPointcutAdvisor(pointcut, (MethodInterceptor) (invocation) -> {
				try {
					return invocation.proceed();
				}
				catch (RuntimeException ex) {
					return "swallowed";
				}
			});
		}

	}

	/** Changes what a method returns. */
	@Configuration(proxyBeanMethods = false)
	static class DecoratingAspect {

		@Bean
		static Advisor decorating(Environment environment) {
			NameMatchMethodPointcut pointcut = new NameMatchMethodPointcut();
			pointcut.addMethodName("*Decorated");
			DefaultPointcutAdvisor advisor = new DefaultPointcutAdvisor(pointcut,
					(MethodInterceptor) (invocation) -> invocation.proceed() + ", with compliments");
			advisor
				.setOrder(environment.getProperty("test.decorating-order", Integer.class, Ordered.LOWEST_PRECEDENCE));
			return advisor;
		}

	}

	static class Payments {

		private final JdbcTemplate jdbc;

		private final ApplicationEventPublisher publisher;

		Payments(JdbcTemplate jdbc, ApplicationEventPublisher publisher) {
			this.jdbc = jdbc;
			this.publisher = publisher;
			jdbc.execute("CREATE TABLE effect (name VARCHAR(100))");
		}

		@Transactional
		@Idempotent(key = "#key", operation = "join", transaction = TransactionMode.JOINED)
		public String join(String key) {
			this.jdbc.update("INSERT INTO effect VALUES (?)", key);
			return "joined";
		}

		@Transactional
		@Idempotent(key = "#key", operation = "join-and-fail", transaction = TransactionMode.JOINED)
		public String joinAndFail(String key) {
			this.jdbc.update("INSERT INTO effect VALUES (?)", key);
			throw new IllegalStateException("after the effect");
		}

		@Transactional
		@Idempotent(key = "#key", operation = "lease", transaction = TransactionMode.JOINED)
		public Duration lease(String key) {
			return IdempotencyContext.current().orElseThrow().leaseRemaining();
		}

		@Transactional
		@Idempotent(key = "#key", operation = "pay-and-fail", transaction = TransactionMode.ATOMIC,
				fingerprint = "none")
		public String payAndFail(String key, Runnable meanwhile) {
			this.jdbc.update("INSERT INTO effect VALUES (?)", key);
			meanwhile.run();
			throw new IllegalStateException("after the effect");
		}

		@Transactional
		@Idempotent(key = "#key", operation = "pay-decorated", transaction = TransactionMode.ATOMIC)
		public String payDecorated(String key) {
			this.jdbc.update("INSERT INTO effect VALUES (?)", key);
			return "paid";
		}

		@Transactional(propagation = Propagation.NESTED)
		@Idempotent(key = "#key", operation = "nest-and-fail")
		public String nestAndFail(String key) {
			this.jdbc.update("INSERT INTO effect VALUES (?)", key);
			throw new IllegalStateException("after the effect");
		}

		public void announceAfterCommit(Announcement announcement) {
			this.publisher.publishEvent(announcement);
		}

	}

	static class Listener {

		private final AtomicInteger runs = new AtomicInteger();

		private final SqlIdempotencyStore store;

		private RecordStatus statusMeanwhile;

		Listener(SqlIdempotencyStore store) {
			this.store = store;
		}

		int runs() {
			return this.runs.get();
		}

		RecordStatus statusMeanwhile() {
			return this.statusMeanwhile;
		}

		@TransactionalEventListener
		@Idempotent(key = "#announcement.key()", operation = "announce")
		public void announce(Announcement announcement) {
			this.runs.incrementAndGet();
			this.statusMeanwhile = this.store.find(Identity.of("", "announce", "", announcement.key()))
				.map(IdempotencyRecord::status)
				.orElse(null);
		}

	}

}
