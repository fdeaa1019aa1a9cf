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

import io.idempotency.IdempotencyRejectedException;
import io.idempotency.Idempotent;
import io.idempotency.docs.Retries.CardDeclinedException;
import io.idempotency.docs.Retries.Gateway;
import io.idempotency.docs.Retries.Payments;

import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.retry.annotation.Backoff;
import org.springframework.retry.annotation.EnableRetry;
import org.springframework.retry.annotation.Retryable;
import org.springframework.retry.support.RetryTemplate;

/**
 * The retries of {@code docs/retry.md} with Spring Retry.
 */
final class SpringRetries {

	private SpringRetries() {
	}

	// region spring-retry-order
	@Configuration(proxyBeanMethods = false)
	@EnableRetry(order = Ordered.LOWEST_PRECEDENCE - 101) // outside of idempotency
	static class RetrySettings {

	}
	// endregion

	@Configuration(proxyBeanMethods = false)
	@EnableRetry
	static class DefaultSettings {

	}

	static class RetriedPayments {

		private final Gateway gateway;

		RetriedPayments(Gateway gateway) {
			this.gateway = gateway;
		}

		// region spring-retry
		@Retryable(noRetryFor = { IdempotencyRejectedException.class, CardDeclinedException.class }, maxAttempts = 5,
				backoff = @Backoff(delay = 100, multiplier = 2, random = true, maxDelay = 2000))
		@Idempotent(key = "#orderId", operation = "charge", rememberFailures = CardDeclinedException.class)
		public String charge(String orderId, BigDecimal amount) {
			return this.gateway.charge(orderId, amount);
		}
		// endregion

	}

	static class Checkout {

		private final Payments payments;

		Checkout(Payments payments) {
			this.payments = payments;
		}

		// region spring-retry-template
		private final RetryTemplate retry = RetryTemplate.builder()
			.maxAttempts(5)
			.exponentialBackoff(100, 2, 2000, true)
			.notRetryOn(IdempotencyRejectedException.class)
			.notRetryOn(CardDeclinedException.class)
			.build();

		public String checkOut(String orderId, BigDecimal amount) {
			return this.retry.execute((attempt) -> this.payments.charge(orderId, amount));
		}
		// endregion

	}

}
