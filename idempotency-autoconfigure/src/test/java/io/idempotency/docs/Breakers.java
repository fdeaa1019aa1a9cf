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

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.annotation.CircuitBreaker;
import io.github.resilience4j.ratelimiter.RequestNotPermitted;
import io.github.resilience4j.ratelimiter.annotation.RateLimiter;
import io.github.resilience4j.retry.annotation.Retry;
import io.github.resilience4j.spring6.retry.configure.RetryConfigurationProperties;
import io.idempotency.Idempotent;
import io.idempotency.OnUnknown;

import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.transaction.annotation.Transactional;

/**
 * The circuit breakers and rate limiters of {@code docs/retry.md}.
 */
final class Breakers {

	private Breakers() {
	}

	/** What the work calls. */
	interface Gateway {

		String charge(String orderId);

	}

	static class Payments {

		private final Gateway gateway;

		Payments(Gateway gateway) {
			this.gateway = gateway;
		}

		// region breaker
		@CircuitBreaker(name = "gateway")
		@RateLimiter(name = "gateway")
		@Idempotent(key = "#orderId", operation = "charge")
		public String charge(String orderId) {
			return this.gateway.charge(orderId);
		}
		// endregion

		@CircuitBreaker(name = "gateway")
		@RateLimiter(name = "gateway")
		@Transactional
		@Idempotent(key = "#orderId", operation = "charge-in-transaction")
		public String chargeInTransaction(String orderId) {
			return this.gateway.charge(orderId);
		}

		@CircuitBreaker(name = "gateway", fallbackMethod = "later")
		@Idempotent(key = "#orderId", operation = "charge-or-fall-back")
		public String chargeOrFallBack(String orderId) {
			return this.gateway.charge(orderId);
		}

		String later(String orderId, CallNotPermittedException ex) {
			return "later";
		}

		@Retry(name = "gateway")
		@CircuitBreaker(name = "gateway")
		@Idempotent(key = "#orderId", operation = "charge-again")
		public String chargeAgain(String orderId) {
			return this.gateway.charge(orderId);
		}

	}

	static class ProtectedGateway {

		private final Gateway gateway;

		ProtectedGateway(Gateway gateway) {
			this.gateway = gateway;
		}

		@CircuitBreaker(name = "gateway")
		@RateLimiter(name = "gateway")
		public String charge(String orderId) {
			return this.gateway.charge(orderId);
		}

	}

	static class Orders {

		private final ProtectedGateway gateway;

		Orders(ProtectedGateway gateway) {
			this.gateway = gateway;
		}

		// region breaker-inside
		@Idempotent(key = "#orderId", operation = "order", onUnknown = OnUnknown.HOLD,
				safeToRetry = { CallNotPermittedException.class, RequestNotPermitted.class })
		public String order(String orderId) {
			return this.gateway.charge(orderId); // has the breaker and the limiter
		}
		// endregion

	}

	static class Checkout {

		private final Payments payments;

		Checkout(Payments payments) {
			this.payments = payments;
		}

		// region fallback
		public String checkOut(String orderId) {
			try {
				return this.payments.charge(orderId);
			}
			catch (CallNotPermittedException ex) {
				return "We will charge your card later";
			}
		}
		// endregion

	}

	static class RetryOutside {

		// region retry-order
		@Bean
		RetryConfigurationProperties retryConfigurationProperties() {
			RetryConfigurationProperties properties = new RetryConfigurationProperties();
			// Outside of idempotency
			properties.setRetryAspectOrder(Ordered.LOWEST_PRECEDENCE - 101);
			return properties;
		}
		// endregion

	}

}
