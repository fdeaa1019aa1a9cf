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

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.RateLimiterRegistry;
import io.github.resilience4j.ratelimiter.RequestNotPermitted;
import io.github.resilience4j.retry.RetryConfig;
import io.github.resilience4j.retry.RetryRegistry;
import io.github.resilience4j.spring6.circuitbreaker.configure.CircuitBreakerConfiguration;
import io.github.resilience4j.spring6.circuitbreaker.configure.CircuitBreakerConfigurationProperties;
import io.github.resilience4j.spring6.fallback.configure.FallbackConfiguration;
import io.github.resilience4j.spring6.ratelimiter.configure.RateLimiterConfiguration;
import io.github.resilience4j.spring6.ratelimiter.configure.RateLimiterConfigurationProperties;
import io.github.resilience4j.spring6.retry.configure.RetryConfiguration;
import io.github.resilience4j.spring6.retry.configure.RetryConfigurationProperties;
import io.github.resilience4j.spring6.spelresolver.configure.SpelResolverConfiguration;
import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyKeyMissingException;
import io.idempotency.IdempotencyRejectedException;
import io.idempotency.key.Identity;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.test.servers.PostgresServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Resilience4j's annotations beside the guard, in the order that they have by themselves
 * and in the one that {@code docs/retry.md} sets.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class BreakersIntegrationTests {

	private final PostgresServer.Database database = PostgresServer.shared().createDatabase();

	private final Script script = new Script();

	private ConfigurableApplicationContext context;

	private ConfigurableApplicationContext retryOutside;

	private int orders;

	@BeforeAll
	void start() {
		this.context = start(RetryInside.class);
		this.retryOutside = start(Breakers.RetryOutside.class);
	}

	@AfterEach
	void reset() {
		breaker(this.context).reset();
		breaker(this.retryOutside).reset();
		limit(100);
		this.script.attempts.clear();
		this.script.failures = 0;
	}

	@AfterAll
	void stop() {
		this.context.close();
		this.retryOutside.close();
		this.database.close();
	}

	@Test
	void replayIsNeitherLimitedNorCounted() {
		String order = nextOrder();
		limit(1);
		payments().charge(order);

		assertThat(payments().charge(order)).isEqualTo("receipt");

		assertThat(breaker(this.context).getMetrics().getNumberOfBufferedCalls()).isOne();
		assertThat(this.script.attempts).hasSize(1);
	}

	@Test
	void replayPassesAnOpenBreaker() {
		String order = nextOrder();
		payments().charge(order);
		breaker(this.context).transitionToForcedOpenState();

		assertThat(payments().charge(order)).isEqualTo("receipt");
	}

	@ParameterizedTest
	@ValueSource(strings = { "charge", "charge-in-transaction" })
	void openBreakerLeavesNoTraceOfACall(String operation) {
		String order = nextOrder();
		breaker(this.context).transitionToForcedOpenState();
		assertThatExceptionOfType(CallNotPermittedException.class).isThrownBy(() -> charge(operation, order));
		IdempotencyRecord refused = record(operation, order);
		breaker(this.context).reset();

		charge(operation, order);

		assertThat(refused).isNull();
		assertThat(this.script.attempts).containsExactly(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "charge", "charge-in-transaction" })
	void exhaustedLimiterLeavesNoTraceOfACall(String operation) {
		String order = nextOrder();
		limit(1);
		charge(operation, nextOrder());
		assertThatExceptionOfType(RequestNotPermitted.class).isThrownBy(() -> charge(operation, order));

		assertThat(record(operation, order)).isNull();
	}

	@Test
	void openBreakerUnderHoldIsNotUnknown() {
		String order = nextOrder();
		try (ConfigurableApplicationContext holding = start(RetryInside.class, "idempotency.on-unknown=hold")) {
			breaker(holding).transitionToForcedOpenState();
			assertThatExceptionOfType(CallNotPermittedException.class)
				.isThrownBy(() -> holding.getBean(Breakers.Payments.class).charge(order));
			breaker(holding).reset();

			assertThat(holding.getBean(Breakers.Payments.class).charge(order)).isEqualTo("receipt");
		}
	}

	@Test
	void refusalsOfTheGuardAreNoFailuresForTheBreaker() {
		assertThatExceptionOfType(IdempotencyKeyMissingException.class).isThrownBy(() -> payments().charge(" "));

		assertThat(breaker(this.context).getMetrics().getNumberOfBufferedCalls()).isZero();
	}

	@Test
	void failuresOfTheWorkAreFailuresForTheBreaker() {
		this.script.failures = 1;

		assertThatIllegalStateException().isThrownBy(() -> payments().charge(nextOrder()));

		assertThat(breaker(this.context).getMetrics().getNumberOfFailedCalls()).isOne();
	}

	@Test
	void openBreakerInTheWorkIsAFailureThatMayRunAgainUnderHold() {
		String order = nextOrder();
		Breakers.Orders service = this.context.getBean(Breakers.Orders.class);
		breaker(this.context).transitionToForcedOpenState();
		assertThatExceptionOfType(CallNotPermittedException.class).isThrownBy(() -> service.order(order));
		IdempotencyRecord refused = record("order", order);
		breaker(this.context).reset();

		service.order(order);

		assertThat(refused.status()).isEqualTo(RecordStatus.FAILED);
		assertThat(this.script.attempts).containsExactly(2);
	}

	@Test
	void fallbackInsideOfTheGuardIsRecorded() {
		String order = nextOrder();
		breaker(this.context).transitionToForcedOpenState();
		assertThat(payments().chargeOrFallBack(order)).isEqualTo("later");
		breaker(this.context).reset();

		assertThat(payments().chargeOrFallBack(order)).isEqualTo("later");
		assertThat(this.script.attempts).isEmpty();
	}

	@Test
	void fallbackOfTheCallerIsNotRecorded() {
		String order = nextOrder();
		Breakers.Checkout checkout = this.context.getBean(Breakers.Checkout.class);
		breaker(this.context).transitionToForcedOpenState();
		assertThat(checkout.checkOut(order)).contains("later");
		breaker(this.context).reset();

		assertThat(checkout.checkOut(order)).isEqualTo("receipt");
	}

	@Test
	void retryInItsOwnPlaceRepeatsTheWorkWithinOneClaim() {
		String order = nextOrder();
		this.script.failures = 2;

		assertThat(payments().chargeAgain(order)).isEqualTo("receipt");

		assertThat(this.script.attempts).containsExactly(1, 1, 1);
	}

	@Test
	void retryOutsideClaimsAnew() {
		String order = nextOrder();
		this.script.failures = 2;

		assertThat(this.retryOutside.getBean(Breakers.Payments.class).chargeAgain(order)).isEqualTo("receipt");

		assertThat(this.script.attempts).containsExactly(1, 2, 3);
		assertThat(breaker(this.retryOutside).getMetrics().getNumberOfBufferedCalls()).isEqualTo(3);
	}

	@Test
	void retryOutsideComesAgainWithoutAnAttemptWhenTheBreakerIsOpen() {
		String order = nextOrder();
		breaker(this.retryOutside).transitionToForcedOpenState();

		assertThatExceptionOfType(CallNotPermittedException.class)
			.isThrownBy(() -> this.retryOutside.getBean(Breakers.Payments.class).chargeAgain(order));

		assertThat(breaker(this.retryOutside).getMetrics().getNumberOfNotPermittedCalls()).isEqualTo(3);
		assertThat(record("charge-again", order)).isNull();
	}

	@Test
	void pageShowsWhatIsTested() {
		Map<String, String> regions = new LinkedHashMap<>(Page.regions("io.idempotency.docs.Retries"));
		regions.putAll(Page.regions("io.idempotency.docs.SpringRetries"));
		regions.putAll(Page.regions("io.idempotency.docs.Breakers"));

		assertThat(Page.of("retry.md", "java").blocks()).isEqualTo(regions);
	}

	private String nextOrder() {
		return "order-" + this.orders++;
	}

	private Breakers.Payments payments() {
		return this.context.getBean(Breakers.Payments.class);
	}

	private void charge(String operation, String order) {
		if (operation.equals("charge")) {
			payments().charge(order);
		}
		else {
			payments().chargeInTransaction(order);
		}
	}

	private @Nullable IdempotencyRecord record(String operation, String order) {
		return this.context.getBean(SqlIdempotencyStore.class).find(Identity.of("", operation, "", order)).orElse(null);
	}

	private static CircuitBreaker breaker(ConfigurableApplicationContext context) {
		return context.getBean(CircuitBreakerRegistry.class).circuitBreaker("gateway");
	}

	private void limit(int calls) {
		RateLimiterRegistry limiters = this.context.getBean(RateLimiterRegistry.class);
		limiters.remove("gateway");
		limiters.rateLimiter("gateway",
				RateLimiterConfig.custom()
					.limitForPeriod(calls)
					.limitRefreshPeriod(Duration.ofHours(1))
					.timeoutDuration(Duration.ZERO)
					.build());
	}

	private ConfigurableApplicationContext start(Class<?> retry, String... more) {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class, retry)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.registerShutdownHook(false)
			.initializers((starting) -> starting.getBeanFactory().registerSingleton("script", this.script))
			.properties("spring.jmx.enabled=false", "idempotency.store=jdbc",
					"spring.datasource.url=" + this.database.jdbcUrl(), "spring.datasource.hikari.minimum-idle=1",
					"spring.datasource.hikari.maximum-pool-size=4")
			.properties(more)
			.run();
		context.getBean(RetryRegistry.class)
			.retry("gateway",
					RetryConfig.custom()
						.maxAttempts(3)
						.waitDuration(Duration.ofMillis(1))
						.ignoreExceptions(IdempotencyRejectedException.class)
						.build());
		return context;
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import({ CircuitBreakerConfiguration.class, RateLimiterConfiguration.class, RetryConfiguration.class,
			FallbackConfiguration.class, SpelResolverConfiguration.class })
	static class Application {

		@Bean
		CircuitBreakerConfigurationProperties circuitBreakerProperties() {
			return new CircuitBreakerConfigurationProperties();
		}

		@Bean
		RateLimiterConfigurationProperties rateLimiterProperties() {
			return new RateLimiterConfigurationProperties();
		}

		@Bean
		Breakers.Payments payments(Script script) {
			return new Breakers.Payments(script);
		}

		@Bean
		Breakers.ProtectedGateway protectedGateway(Script script) {
			return new Breakers.ProtectedGateway(script);
		}

		@Bean
		Breakers.Orders orders(Breakers.ProtectedGateway gateway) {
			return new Breakers.Orders(gateway);
		}

		@Bean
		Breakers.Checkout checkout(Breakers.Payments payments) {
			return new Breakers.Checkout(payments);
		}

	}

	static class RetryInside {

		@Bean
		RetryConfigurationProperties retryProperties() {
			return new RetryConfigurationProperties();
		}

	}

	/** What the gateway does. */
	static final class Script implements Breakers.Gateway {

		private final List<Integer> attempts = new CopyOnWriteArrayList<>();

		private volatile int failures;

		@Override
		public String charge(String orderId) {
			this.attempts.add(IdempotencyContext.current().map(IdempotencyContext::attempt).orElse(0));
			if (this.attempts.size() <= this.failures) {
				throw new IllegalStateException("no answer");
			}
			return "receipt";
		}

	}

}
