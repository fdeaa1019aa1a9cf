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

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.OnUnknown;
import io.idempotency.docs.Retries.CardDeclinedException;
import io.idempotency.docs.Retries.Payments;
import io.idempotency.engine.CallOutcome;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.key.Identity;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.test.servers.TcpProxy;
import io.idempotency.test.servers.TcpProxy.Fault;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.retry.backoff.Sleeper;
import org.springframework.util.backoff.BackOffExecution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Runs the retries that {@code docs/retry.md} shows.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class RetriesContract {

	private static final BigDecimal AMOUNT = new BigDecimal("49.90");

	private final Script script = new Script();

	private final String order = "order-" + UUID.randomUUID();

	private final List<ConfigurableApplicationContext> contexts = new ArrayList<>();

	private TcpProxy proxy;

	private int orders;

	/** Return a proxy in front of the server. */
	abstract TcpProxy openProxy();

	/** Return the properties of an instance that reaches the store through the proxy. */
	abstract String[] properties(TcpProxy proxy);

	/** Return the type of the store. */
	abstract Class<? extends IdempotencyStore> storeType();

	@BeforeAll
	void start() {
		this.proxy = openProxy();
		for (Kind kind : Kind.values()) {
			this.contexts.add(start(kind.application));
		}
	}

	@AfterEach
	void reset() {
		this.proxy.resume();
		this.script.reset();
	}

	@AfterAll
	void stop() {
		this.contexts.forEach(ConfigurableApplicationContext::close);
		this.proxy.close();
	}

	@ParameterizedTest
	@EnumSource
	void attemptAfterAFailureTakesTheSameKeyOver(Kind kind) {
		String order = nextOrder();
		this.script.failures = List.of(new IllegalStateException("no route"), new IllegalStateException("no answer"));

		assertThat(charge(kind, order)).isEqualTo("receipt 3");

		assertThat(charge(kind, order)).isEqualTo("receipt 3");
		assertThat(this.script.attempts).containsExactly(order + " 1", order + " 2", order + " 3");
		assertThat(record(order).status()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(record(order).attempt()).isEqualTo(3);
	}

	@ParameterizedTest
	@EnumSource
	void callerThatMeetsSomebodyAtWorkComesAgain(Kind kind) {
		String order = nextOrder();
		Lease other = claim(order);
		this.script.beforeCall(3, () -> store().release(other, new Release.Forget()));

		assertThat(charge(kind, order)).isEqualTo("receipt 1");

		assertThat(this.script.outcomes).containsExactly(CallOutcome.REJECTED, CallOutcome.REJECTED,
				CallOutcome.EXECUTED);
		assertThat(this.script.attempts).hasSize(1);
	}

	@ParameterizedTest
	@EnumSource
	void callerThatTheStoreDoesNotAnswerComesAgain(Kind kind) {
		String order = nextOrder();
		this.proxy.inject(Fault.CUT_REQUEST, "");
		this.proxy.cutAll();
		this.script.beforeCall(2, this.proxy::resume);

		assertThat(charge(kind, order)).isEqualTo("receipt 1");

		assertThat(this.script.attempts).hasSize(1);
		// A driver reconnects when it likes
		assertThat(this.script.outcomes).startsWith(CallOutcome.STORE_ERROR)
			.containsOnly(CallOutcome.STORE_ERROR, CallOutcome.EXECUTED)
			.containsOnlyOnce(CallOutcome.EXECUTED)
			.endsWith(CallOutcome.EXECUTED);
	}

	@ParameterizedTest
	@EnumSource
	void keyOfAnotherRequestIsNotTriedAgain(Kind kind) {
		String order = nextOrder();
		charge(kind, order);

		assertThatExceptionOfType(IdempotencyKeyMismatchException.class)
			.isThrownBy(() -> kind.charge(context(kind), order, BigDecimal.ONE));

		assertThat(this.script.outcomes).containsExactly(CallOutcome.EXECUTED, CallOutcome.MISMATCH);
	}

	@ParameterizedTest
	@EnumSource
	void rememberedFailureIsNotTriedAgain(Kind kind) {
		String order = nextOrder();
		this.script.failures = List.of(new CardDeclinedException("expired"));
		assertThatExceptionOfType(CardDeclinedException.class).isThrownBy(() -> charge(kind, order));

		assertThatExceptionOfType(CardDeclinedException.class).isThrownBy(() -> charge(kind, order))
			.withMessage("expired");

		assertThat(this.script.outcomes).containsExactly(CallOutcome.FAILED, CallOutcome.REPLAYED);
	}

	@ParameterizedTest
	@EnumSource
	void whatNobodyKnowsIsNotTriedAgain(Kind kind) {
		String order = nextOrder();
		this.script.failures = List.of(new IllegalStateException("no answer"));
		try (ConfigurableApplicationContext holding = start(kind.application,
				"idempotency.operations.charge.on-unknown=hold")) {
			assertThatExceptionOfType(IdempotencyOutcomeUnknownException.class)
				.isThrownBy(() -> kind.charge(holding, order, AMOUNT));
		}

		assertThat(this.script.outcomes).containsExactly(CallOutcome.FAILED, CallOutcome.OUTCOME_UNKNOWN);
		assertThat(record(order).status()).isEqualTo(RecordStatus.UNKNOWN);
	}

	@Test
	void backOffOfSpringRetryGrows() {
		this.script.failures = List.of(new IllegalStateException("1"), new IllegalStateException("2"),
				new IllegalStateException("3"), new IllegalStateException("4"));

		charge(Kind.SPRING_RETRY, nextOrder());

		assertThat(this.script.delays).hasSize(4);
		for (int i = 0; i < 4; i++) {
			assertThat(this.script.delays.get(i)).isBetween(100L << i, 200L << i);
		}
	}

	@Test
	void backOffOfTheFrameworkGrows() {
		RetryPolicy policy = context(Kind.FRAMEWORK_TEMPLATE).getBean(Retries.Checkout.class).policy();
		BackOffExecution backOff = policy.getBackOff().start();

		assertThat(List.of(backOff.nextBackOff(), backOff.nextBackOff(), backOff.nextBackOff(), backOff.nextBackOff(),
				backOff.nextBackOff()))
			.containsExactly(100L, 200L, 400L, 800L, BackOffExecution.STOP);
		assertThat(policy.shouldRetry(new IdempotencyLeaseLostException("charge", "lost", null))).isTrue();
		assertThat(policy.shouldRetry(new IdempotencyOutcomeUnknownException("charge", "unknown", null))).isFalse();
	}

	@Test
	void springRetryInItsOwnPlaceIsInsideOfTheGuard() {
		String order = nextOrder();
		Lease other = claim(order);
		try (ConfigurableApplicationContext context = start(DefaultOrderApplication.class)) {
			assertThatExceptionOfType(IdempotencyInProgressException.class)
				.isThrownBy(() -> Kind.SPRING_RETRY.charge(context, order, AMOUNT));
			store().release(other, new Release.Forget());
			this.script.failures = List.of(new IllegalStateException("no answer"));

			Kind.SPRING_RETRY.charge(context, order, AMOUNT);
		}

		assertThat(this.script.outcomes).containsExactly(CallOutcome.REJECTED, CallOutcome.EXECUTED);
		assertThat(this.script.attempts).containsExactly(order + " 1", order + " 1");
	}

	private String nextOrder() {
		return this.order + "-" + this.orders++;
	}

	private String charge(Kind kind, String order) {
		return kind.charge(context(kind), order, AMOUNT);
	}

	private ConfigurableApplicationContext context(Kind kind) {
		return this.contexts.get(kind.ordinal());
	}

	private IdempotencyStore store() {
		return this.contexts.get(0).getBean(storeType());
	}

	private static RecordId id(String order) {
		return Identity.of("", "charge", "", order);
	}

	private IdempotencyRecord record(String order) {
		return store().find(id(order)).orElseThrow();
	}

	/** Claim an order, as an instance does that is at work on it. */
	private Lease claim(String order) {
		ClaimResult claimed = store().claim(new ClaimRequest(id(order), "charge", UUID.randomUUID(), null,
				OnUnknown.RETRY, Duration.ofMinutes(5), Duration.ofDays(7), Duration.ofDays(1), false));
		return ((ClaimResult.Acquired) claimed).lease();
	}

	private ConfigurableApplicationContext start(Class<?> application, String... more) {
		return new SpringApplicationBuilder(application, Common.class).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.registerShutdownHook(false)
			.initializers((starting) -> starting.getBeanFactory().registerSingleton("script", this.script))
			.properties("spring.jmx.enabled=false", "idempotency.wait-timeout=0")
			.properties(properties(this.proxy))
			.properties(more)
			.run();
	}

	/** The ways to try again. */
	enum Kind {

		FRAMEWORK(FrameworkApplication.class) {

			@Override
			String charge(ConfigurableApplicationContext context, String order, BigDecimal amount) {
				return context.getBean(Retries.RetriedPayments.class).charge(order, amount);
			}

		},
		FRAMEWORK_TEMPLATE(FrameworkTemplateApplication.class) {

			@Override
			String charge(ConfigurableApplicationContext context, String order, BigDecimal amount) {
				return context.getBean(Retries.Checkout.class).checkOut(order, amount);
			}

		},
		SPRING_RETRY(SpringRetryApplication.class) {

			@Override
			String charge(ConfigurableApplicationContext context, String order, BigDecimal amount) {
				return context.getBean(SpringRetries.RetriedPayments.class).charge(order, amount);
			}

		},
		SPRING_RETRY_TEMPLATE(SpringRetryTemplateApplication.class) {

			@Override
			String charge(ConfigurableApplicationContext context, String order, BigDecimal amount) {
				return context.getBean(SpringRetries.Checkout.class).checkOut(order, amount);
			}

		};

		private final Class<?> application;

		Kind(Class<?> application) {
			this.application = application;
		}

		abstract String charge(ConfigurableApplicationContext context, String order, BigDecimal amount);

	}

	@EnableAutoConfiguration
	static class Common {

	}

	static class FrameworkApplication extends Retries.Settings {

		@Bean
		Retries.RetriedPayments payments(Script script) {
			return new Retries.RetriedPayments(script);
		}

	}

	static class FrameworkTemplateApplication {

		@Bean
		Payments payments(Script script) {
			return new Retries.PlainPayments(script);
		}

		@Bean
		Retries.Checkout checkout(Payments payments) {
			return new Retries.Checkout(payments);
		}

	}

	static class SpringRetryApplication extends SpringRetries.RetrySettings {

		@Bean
		SpringRetries.RetriedPayments payments(Script script) {
			return new SpringRetries.RetriedPayments(script);
		}

		@Bean
		Sleeper sleeper(Script script) {
			return script::sleep;
		}

	}

	static class DefaultOrderApplication extends SpringRetries.DefaultSettings {

		@Bean
		SpringRetries.RetriedPayments payments(Script script) {
			return new SpringRetries.RetriedPayments(script);
		}

		@Bean
		Sleeper sleeper(Script script) {
			return script::sleep;
		}

	}

	static class SpringRetryTemplateApplication {

		@Bean
		Payments payments(Script script) {
			return new Retries.PlainPayments(script);
		}

		@Bean
		SpringRetries.Checkout checkout(Payments payments) {
			return new SpringRetries.Checkout(payments);
		}

	}

	/** What the gateway does, and what happens between attempts. */
	static final class Script implements Retries.Gateway, IdempotencyListener {

		private final List<String> attempts = new CopyOnWriteArrayList<>();

		private final List<CallOutcome> outcomes = new CopyOnWriteArrayList<>();

		private final List<Long> delays = new CopyOnWriteArrayList<>();

		private final AtomicInteger calls = new AtomicInteger();

		private volatile List<? extends RuntimeException> failures = List.of();

		private volatile int call;

		private volatile Runnable action = () -> {
		};

		void reset() {
			this.attempts.clear();
			this.outcomes.clear();
			this.delays.clear();
			this.calls.set(0);
			this.failures = List.of();
			this.call = 0;
		}

		void beforeCall(int call, Runnable action) {
			this.action = action;
			this.call = call;
		}

		void sleep(long delay) {
			this.delays.add(delay);
		}

		@Override
		public Observed callStarted(GuardedCall call) {
			if (this.calls.incrementAndGet() == this.call) {
				this.action.run();
			}
			return new Observed() {

				@Override
				public void ended(CallOutcome outcome, @Nullable Throwable error) {
					Script.this.outcomes.add(outcome);
				}

			};
		}

		@Override
		public String charge(String orderId, BigDecimal amount) {
			IdempotencyContext context = IdempotencyContext.current().orElseThrow();
			this.attempts.add(context.key() + " " + context.attempt());
			int run = this.attempts.size();
			if (run <= this.failures.size()) {
				throw this.failures.get(run - 1);
			}
			return "receipt " + run;
		}

	}

}
