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

import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.Idempotent;
import io.idempotency.store.RecordStatus;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAspectSupport;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What is rolled back to a savepoint is undone although its transaction commits.
 */
class SavepointTests {

	private final ApplicationContextRunner runner = GuardedContext.withDatabase()
		.withUserConfiguration(Application.class);

	@Test
	void rollbackOfTheMethodsOwnSavepointIsNoSuccess() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			inTransaction(context).executeWithoutResult((status) -> payments.chargeNested("k", true));

			assertThat(GuardedContext.status(context, "payments-charge-nested", "k")).isEqualTo(RecordStatus.FAILED);
			assertThat(payments.chargeNested("k", false)).isEqualTo("charged 2");
			assertThat(effects(context)).isOne();
		});
	}

	@Test
	void savepointThatIsKeptIsRecordedAfterTheCommit() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			inTransaction(context).executeWithoutResult((status) -> {
				payments.chargeNested("k", false);
				assertThat(GuardedContext.status(context, "payments-charge-nested", "k"))
					.isEqualTo(RecordStatus.IN_PROGRESS);
			});

			assertThat(payments.chargeNested("k", false)).isEqualTo("charged 1");
			assertThat(effects(context)).isOne();
		});
	}

	@Test
	void savepointThatIsKeptIsNoSuccessIfTheCallerRollsBack() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			inTransaction(context).executeWithoutResult((status) -> {
				payments.chargeNested("k", false);
				status.setRollbackOnly();
			});

			assertThat(payments.chargeNested("k", false)).isEqualTo("charged 2");
			assertThat(effects(context)).isOne();
		});
	}

	@Test
	void rollbackOfTheCallersSavepointFreesWhatWasCalledSinceAndNothingElse() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			inTransaction(context).executeWithoutResult((outer) -> {
				payments.charge("before");
				assertThatIllegalStateException().isThrownBy(() -> nested(context).executeWithoutResult((inner) -> {
					payments.charge("within");
					throw new IllegalStateException("back to the savepoint");
				}));
				assertThat(GuardedContext.status(context, "payments-charge", "within")).isEqualTo(RecordStatus.FAILED);
				assertThat(payments.charge("before")).isEqualTo("charged 1");
				assertThat(payments.charge("within")).isEqualTo("charged 3");
			});

			assertThat(payments.charge("before")).isEqualTo("charged 1");
			assertThat(payments.charge("within")).isEqualTo("charged 3");
			assertThat(effects(context)).isEqualTo(2);
		});
	}

	@Test
	void firstCallOfTheTransactionMayBeWithinTheSavepoint() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			inTransaction(context).executeWithoutResult((outer) -> nested(context).executeWithoutResult((inner) -> {
				payments.charge("k");
				inner.setRollbackOnly();
			}));

			assertThat(GuardedContext.status(context, "payments-charge", "k")).isEqualTo(RecordStatus.FAILED);
			assertThat(payments.charge("k")).isEqualTo("charged 2");
			assertThat(effects(context)).isOne();
		});
	}

	@Test
	void savepointOfTheCallersHandIsSeenToo() {
		this.runner.run((context) -> {
			Payments payments = context.getBean(Payments.class);
			inTransaction(context).executeWithoutResult((status) -> {
				payments.charge("before");
				Object savepoint = status.createSavepoint();
				payments.charge("within");
				status.rollbackToSavepoint(savepoint);
				status.releaseSavepoint(savepoint);
			});

			assertThat(GuardedContext.status(context, "payments-charge", "before")).isEqualTo(RecordStatus.COMPLETED);
			assertThat(GuardedContext.status(context, "payments-charge", "within")).isEqualTo(RecordStatus.FAILED);
			assertThat(effects(context)).isOne();
		});
	}

	private static TransactionTemplate inTransaction(BeanFactory context) {
		return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
	}

	private static TransactionTemplate nested(BeanFactory context) {
		TransactionTemplate template = inTransaction(context);
		template.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
		return template;
	}

	private static int effects(BeanFactory context) {
		return context.getBean(JdbcTemplate.class).queryForObject("SELECT count(*) FROM effect", Integer.class);
	}

	@Configuration(proxyBeanMethods = false)
	@Import(Payments.class)
	static class Application {

	}

	static class Payments {

		private final JdbcTemplate jdbc;

		private final AtomicInteger runs = new AtomicInteger();

		Payments(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
			jdbc.execute("CREATE TABLE effect (name VARCHAR(100))");
		}

		@Idempotent("#key")
		public String charge(String key) {
			this.jdbc.update("INSERT INTO effect (name) VALUES (?)", key);
			return "charged " + this.runs.incrementAndGet();
		}

		@Transactional(propagation = Propagation.NESTED)
		@Idempotent(key = "#key", fingerprint = "none")
		public String chargeNested(String key, boolean rollBack) {
			this.jdbc.update("INSERT INTO effect (name) VALUES (?)", key);
			if (rollBack) {
				TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
			}
			return "charged " + this.runs.incrementAndGet();
		}

	}

}
