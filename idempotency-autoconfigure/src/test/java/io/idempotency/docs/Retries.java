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

import io.idempotency.IdempotencyRejectedException;
import io.idempotency.Idempotent;

import org.springframework.context.annotation.Configuration;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;

/**
 * The retries of {@code docs/retry.md} with Spring Framework 7.
 */
final class Retries {

	private Retries() {
	}

	@SuppressWarnings("serial")
	public static class CardDeclinedException extends RuntimeException {

		public CardDeclinedException(String message) {
			super(message);
		}

	}

	/** What the work calls. */
	interface Gateway {

		String charge(String orderId, BigDecimal amount);

	}

	/** What both kinds of retries stand before. */
	interface Payments {

		String charge(String orderId, BigDecimal amount);

	}

	static class RetriedPayments {

		private final Gateway gateway;

		RetriedPayments(Gateway gateway) {
			this.gateway = gateway;
		}

		// region framework
		@Retryable(excludes = { IdempotencyRejectedException.class, CardDeclinedException.class }, maxRetries = 4,
				delay = 100, multiplier = 2, jitter = 20, maxDelay = 2000)
		@Idempotent(key = "#orderId", operation = "charge", rememberFailures = CardDeclinedException.class)
		public String charge(String orderId, BigDecimal amount) {
			return this.gateway.charge(orderId, amount);
		}
		// endregion

	}

	static class PlainPayments implements Payments {

		private final Gateway gateway;

		PlainPayments(Gateway gateway) {
			this.gateway = gateway;
		}

		@Override
		@Idempotent(key = "#orderId", operation = "charge", rememberFailures = CardDeclinedException.class)
		public String charge(String orderId, BigDecimal amount) {
			return this.gateway.charge(orderId, amount);
		}

	}

	static class Checkout {

		private final Payments payments;

		Checkout(Payments payments) {
			this.payments = payments;
		}

		// region framework-template
		private final RetryTemplate retry = new RetryTemplate(RetryPolicy.builder()
			.excludes(IdempotencyRejectedException.class, CardDeclinedException.class)
			.maxRetries(4)
			.delay(Duration.ofMillis(100))
			.multiplier(2)
			.maxDelay(Duration.ofSeconds(2))
			.build());

		public String checkOut(String orderId, BigDecimal amount) {
			return this.retry.invoke(() -> this.payments.charge(orderId, amount));
		}
		// endregion

		RetryPolicy policy() {
			return this.retry.getRetryPolicy();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableResilientMethods
	static class Settings {

	}

}
