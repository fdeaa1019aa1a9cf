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

package io.idempotency.docs;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;

import io.idempotency.DurableSteps;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJdbcAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencySqlAutoConfiguration;
import io.idempotency.docs.StepExamples.Bank;
import io.idempotency.docs.StepExamples.Carrier;
import io.idempotency.docs.StepExamples.Mail;
import io.idempotency.docs.StepExamples.Order;
import io.idempotency.docs.StepExamples.OrderRefusedException;
import io.idempotency.docs.StepExamples.OrderService;
import io.idempotency.docs.StepExamples.Profile;
import io.idempotency.docs.StepExamples.ProfileCaller;
import io.idempotency.docs.StepExamples.ProfileService;
import io.idempotency.docs.StepExamples.ProfileUpdate;
import io.idempotency.docs.StepExamples.Profiles;
import io.idempotency.docs.StepExamples.Search;
import io.idempotency.docs.StepExamples.Stock;
import io.idempotency.docs.StepExamples.Warehouse;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * {@code docs/steps.md} shows code that runs here.
 */
class StepsPageIntegrationTests {

	private static final Order ORDER = new Order("o-1", List.of("ink", "pen"));

	private final List<String> log = Collections.synchronizedList(new ArrayList<>());

	private final List<String> faults = new ArrayList<>();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
				TransactionAutoConfiguration.class, IdempotencySqlAutoConfiguration.class,
				IdempotencyJdbcAutoConfiguration.class, IdempotencyAutoConfiguration.class))
		.withPropertyValues("spring.datasource.generate-unique-name=true", "idempotency.store=jdbc")
		.withBean(Profiles.class, () -> (update) -> {
			did(TransactionSynchronizationManager.isActualTransactionActive() ? "save in a transaction" : "save");
			return new Profile(update.userId(), update.name());
		})
		.withBean(Search.class, () -> (profile) -> did("index"))
		.withBean(Mail.class, () -> (profile, key) -> did("email"))
		.withBean(Stock.class, Shelves::new)
		.withBean(Bank.class, Accounts::new)
		.withBean(Carrier.class, () -> (order, reservation, key) -> {
			if (this.faults.contains("no carrier")) {
				throw new OrderRefusedException("nobody goes there");
			}
			did("pick-up");
			return "van";
		})
		.withBean(Executor.class, () -> (task) -> new Thread(task).start())
		.withBean(ProfileService.class)
		.withBean(ProfileCaller.class)
		.withBean(OrderService.class)
		.withBean(Warehouse.class);

	@Test
	void pageShowsTheCodeThatIsTested() {
		assertThat(Page.of("steps.md", "java").blocks()).isEqualTo(Page.regions(StepExamples.class.getName()));
	}

	@Test
	void profileUpdateGoesOnWhereItStopped() {
		this.runner.run((context) -> {
			ProfileCaller profiles = context.getBean(ProfileCaller.class);
			ProfileUpdate update = new ProfileUpdate("u-1", "ada", "Ada");
			this.faults.add("email");
			assertThatIllegalStateException().isThrownBy(() -> profiles.update(update));

			this.faults.clear();
			Profile profile = profiles.update(update);

			assertThat(profile).isEqualTo(new Profile("ada", "Ada"));
			assertThat(this.log).containsExactly("save in a transaction", "index", "email");
		});
	}

	@Test
	void orderThatIsRefusedIsUndone() {
		this.runner.run((context) -> {
			OrderService orders = context.getBean(OrderService.class);
			this.faults.add("no carrier");
			for (int i = 0; i < 2; i++) {
				assertThatExceptionOfType(OrderRefusedException.class)
					.isThrownBy(() -> orders.place(ORDER, DurableSteps.ofTheGuard()))
					.withMessage("nobody goes there");
			}

			assertThat(this.log).containsExactly("reserve", "charge", "refund", "cancel r-1");
		});
	}

	@Test
	void orderThatIsPlacedIsPlaced() {
		this.runner.run((context) -> {
			assertThat(context.getBean(OrderService.class).place(ORDER, DurableSteps.ofTheGuard())).isEqualTo("van");
			assertThat(this.log).containsExactly("reserve", "charge", "pick-up");
		});
	}

	@Test
	void itemsArePackedInParallel() {
		this.runner.run((context) -> {
			Warehouse warehouse = context.getBean(Warehouse.class);
			assertThat(warehouse.pack(ORDER, DurableSteps.ofTheGuard())).containsExactly("r-1", "r-1");
			assertThat(warehouse.reserve(ORDER, DurableSteps.ofTheGuard())).isEqualTo("r-1");
			assertThat(this.log).hasSize(3);
		});
	}

	private void did(String what) {
		if (this.faults.contains(what)) {
			throw new IllegalStateException("no " + what);
		}
		this.log.add(what);
	}

	private final class Shelves implements Stock {

		@Override
		public String reserve(Order order, String key) {
			did("reserve");
			return "r-1";
		}

		@Override
		public void cancel(String reservation) {
			did("cancel " + reservation);
		}

	}

	private final class Accounts implements Bank {

		@Override
		public void charge(Order order, String key) {
			did("charge");
		}

		@Override
		public void refund(Order order, String key) {
			did("refund");
		}

	}

}
