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

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import io.idempotency.DurableSteps;
import io.idempotency.Idempotency;
import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import io.idempotency.TransactionMode;
import io.idempotency.engine.Chain;
import io.idempotency.engine.OperationSettings;
import io.idempotency.store.RecordStatus;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Guarded methods that take the steps of their run.
 */
class StepsParameterTests {

	private final ApplicationContextRunner runner = GuardedContext.runner();

	@ParameterizedTest
	@CsvSource({ "true,", "false,", "true,guard", "false,guard" })
	void stepsAreHandedToTheMethodWhateverItsCallerPasses(boolean proxyTargetClass, @Nullable String passed) {
		DurableSteps steps = (passed != null) ? DurableSteps.ofTheGuard() : null;
		this.runner.withPropertyValues("spring.aop.proxy-target-class=" + proxyTargetClass)
			.withBean(OrderService.class)
			.run((context) -> {
				Orders orders = context.getBean(Orders.class);
				assertThatIllegalStateException().isThrownBy(() -> orders.place("o-1", steps)).withMessage("first");

				assertThat(orders.place("o-1", steps)).isEqualTo("reserved 1");

				assertThat(orders.log()).containsExactly("reserve", "attempt", "attempt");
			});
	}

	@Test
	void methodWithoutAGuardIsToldSo() {
		this.runner.withPropertyValues("idempotency.enabled=false").withBean(OrderService.class).run((context) -> {
			Orders orders = context.getBean(Orders.class);

			assertThatIllegalStateException().isThrownBy(() -> orders.place("o-1", DurableSteps.ofTheGuard()))
				.withMessageContaining("Step 'reserve'")
				.withMessageContaining("no guard")
				.withMessageContaining("through its bean");
			assertThat(orders.log()).isEmpty();
		});
	}

	@Test
	void everyWayToRunAStepNeedsTheGuard() {
		DurableSteps steps = DurableSteps.ofTheGuard();
		List<ThrowingCallable> ways = List.of(() -> steps.run("a", () -> {
		}), () -> steps.run("a", String.class, () -> ""), () -> steps.run("a", new ParameterizedTypeReference<>() {
		}, () -> ""), () -> steps.step("a"));

		assertThat(ways).allSatisfy((way) -> assertThatIllegalStateException().isThrownBy(way)
			.withMessageContaining("DurableSteps.ofTheGuard()"));
		assertThat(steps).hasToString("DurableSteps.ofTheGuard()");
	}

	@Test
	void stepsAreNoPartOfTheKeyNorOfTheFingerprint() {
		with(this.runner, DigestedOrders.class, (context) -> {
			DigestedOrders orders = context.getBean(DigestedOrders.class);

			assertThat(orders.place("o-1", null)).isEqualTo("placed 1");
			assertThat(orders.place("o-1", DurableSteps.ofTheGuard())).isEqualTo("placed 1");
			assertThat(orders.placeWithKey("o-1", null, "k")).isEqualTo("placed 2");
			assertThat(orders.placeWithKey("o-1", null, "k")).isEqualTo("placed 2");
		});
	}

	@Test
	void facadeGivesStepsThroughTheContext() {
		this.runner.run((context) -> {
			List<String> log = new ArrayList<>();
			Idempotency.Work<String, RuntimeException> work = () -> {
				IdempotencyContext.current().orElseThrow().steps().run("reserve", () -> log.add("reserve"));
				log.add("attempt");
				if (log.size() == 2) {
					throw new IllegalStateException("first");
				}
				return "done";
			};
			Idempotency idempotency = context.getBean(Idempotency.class);
			assertThatIllegalStateException()
				.isThrownBy(() -> idempotency.call("place", "o-1").execute(String.class, work));

			assertThat(idempotency.call("place", "o-1").execute(String.class, work)).isEqualTo("done");

			assertThat(log).containsExactly("reserve", "attempt", "attempt");
		});
	}

	@Test
	void handlersAndAsynchronousAndTransactionalMethodsCannotTakeSteps() {
		refused(this.runner.withBean(EdgeOfAll.class), OrderService.class, "is a handler");
		refused(this.runner, AsynchronousOrders.class, "returns before its work is done");
		refused(GuardedContext.withDatabase(), TransactionalOrders.class, "runs in a transaction");
		refused(this.runner, ConditionalOrders.class, "has a condition");
		refused(this.runner.withPropertyValues("idempotency.on-store-failure=proceed"), OrderService.class,
				"on-store-failure=proceed");
	}

	@Test
	void contextOfAsynchronousWorkHasNoSteps() {
		with(this.runner, StagedOrders.class,
				(context) -> assertThat(context.getBean(StagedOrders.class).place("o-1"))
					.failsWithin(Duration.ofSeconds(10))
					.withThrowableThat()
					.withMessageContaining("cannot have steps"));
	}

	@Test
	void stepInATransactionIsRefusedBeforeItRuns() {
		with(GuardedContext.withDatabase(), DigestedOrders.class, (context) -> {
			TransactionTemplate transaction = context.getBean(TransactionTemplate.class);
			DigestedOrders orders = context.getBean(DigestedOrders.class);

			assertThatIllegalStateException()
				.isThrownBy(() -> transaction.execute((status) -> orders.stepped("o-1", null)))
				.withMessageContaining("is in a transaction");

			assertThat(orders.stepped("o-1", null)).isEqualTo("stepped 1");
			assertThat(GuardedContext.status(context, "digested-orders-stepped", "o-1"))
				.isEqualTo(RecordStatus.COMPLETED);
		});
	}

	private static void refused(ApplicationContextRunner runner, Class<?> service, String why) {
		runner.withBean(service)
			.run((context) -> assertThat(GuardedContext.refusal(context))
				.hasMessageContaining("takes DurableSteps, but")
				.hasMessageContaining(why));
	}

	private static <T> void with(ApplicationContextRunner runner, Class<T> service,
			Consumer<AssertableApplicationContext> test) {
		runner.withBean(service).run((context) -> {
			assertThat(context).hasNotFailed();
			test.accept(context);
		});
	}

	interface Orders {

		String place(String id, @Nullable DurableSteps steps);

		List<String> log();

	}

	static class OrderService implements Orders {

		private final List<String> log = new ArrayList<>();

		@Override
		@Idempotent("#id")
		public String place(String id, DurableSteps steps) {
			int reserved = steps.run("reserve", int.class, () -> {
				this.log.add("reserve");
				return 1;
			}).value();
			this.log.add("attempt");
			if (this.log.size() == 2) {
				throw new IllegalStateException("first");
			}
			return "reserved " + reserved;
		}

		@Override
		public List<String> log() {
			return this.log;
		}

	}

	static class DigestedOrders {

		private int placed;

		@Idempotent
		public String place(String id, @Nullable DurableSteps steps) {
			return "placed " + ++this.placed;
		}

		@Idempotent("#key")
		public String placeWithKey(String id, @Nullable DurableSteps steps, String key) {
			return "placed " + ++this.placed;
		}

		@Idempotent("#id")
		public String stepped(String id, DurableSteps steps) {
			return steps.run("step", String.class, () -> "stepped " + ++this.placed).value();
		}

	}

	static class EdgeOfAll implements MethodEdge {

		@Override
		public boolean calls(Method method, Class<?> targetClass) {
			return true;
		}

		@Override
		public String keyDescription() {
			return "header";
		}

		@Override
		public boolean recordsAnswers() {
			return true;
		}

		@Override
		public OperationSettings settings() {
			return OperationSettings.builder().build();
		}

		@Override
		public void check(MethodOperation operation, Object bean) {
		}

		@Override
		public @Nullable Object answer(EdgeCall call, Chain chain) {
			throw new UnsupportedOperationException();
		}

	}

	static class AsynchronousOrders {

		@Idempotent("#id")
		public CompletableFuture<String> place(String id, DurableSteps steps) {
			return CompletableFuture.completedFuture(id);
		}

	}

	static class StagedOrders {

		@Idempotent("#id")
		public CompletableFuture<String> place(String id) {
			IdempotencyContext.current().orElseThrow().steps();
			return CompletableFuture.completedFuture(id);
		}

	}

	static class TransactionalOrders {

		@Idempotent(value = "#id", transaction = TransactionMode.SEPARATE)
		@Transactional
		public String place(String id, DurableSteps steps) {
			return id;
		}

	}

	static class ConditionalOrders {

		@Idempotent(value = "#id", condition = "#id != null")
		public String place(String id, DurableSteps steps) {
			return id;
		}

	}

}
