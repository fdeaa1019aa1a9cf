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

package io.idempotency.boot3;

import java.math.BigDecimal;
import java.util.function.Consumer;

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyRejectedException;
import io.idempotency.Idempotent;
import io.idempotency.TransactionMode;
import jakarta.persistence.EntityManager;

import org.springframework.retry.annotation.Backoff;
import org.springframework.retry.annotation.Retryable;
import org.springframework.transaction.annotation.Transactional;

/**
 * Guarded methods of a service.
 */
class Payments {

	private final EntityManager entityManager;

	private final Work work;

	Payments(EntityManager entityManager, Work work) {
		this.entityManager = entityManager;
		this.work = work;
	}

	@Transactional
	@Idempotent(key = "#orderId", operation = "charge", transaction = TransactionMode.ATOMIC, fingerprint = "#amount")
	public Receipt charge(String orderId, BigDecimal amount, Consumer<String> beforeTheEnd) {
		this.entityManager.persist(new Charge(orderId, amount));
		beforeTheEnd.accept(orderId);
		return Receipt.of(amount);
	}

	@Retryable(noRetryFor = IdempotencyRejectedException.class, maxAttempts = 5, backoff = @Backoff(delay = 10))
	@Idempotent(key = "#orderId", operation = "charge-with-retry")
	public Receipt chargeWithRetry(String orderId, BigDecimal amount) {
		this.work.add("retry " + orderId);
		if (this.work.startingWith("retry " + orderId).size() < 3) {
			throw new IllegalStateException("The gateway is busy");
		}
		return Receipt.of(amount);
	}

	@Idempotent(key = "#orderId", operation = "ship-from-jpa")
	public String ship(String orderId, DurableSteps steps) {
		return shipInSteps(orderId, steps);
	}

	@Idempotent(key = "#orderId", operation = "ship-from-redis", store = "redis")
	public String shipWithRedis(String orderId, DurableSteps steps) {
		return shipInSteps(orderId, steps);
	}

	private String shipInSteps(String orderId, DurableSteps steps) {
		String label = steps.step("label").run(String.class, () -> {
			this.work.add("label " + orderId);
			return "label of " + orderId;
		}).value();
		steps.run("parcel", () -> {
			this.work.add("parcel " + orderId);
			if (this.work.startingWith("parcel " + orderId).size() == 1) {
				throw new IllegalStateException("There is no parcel");
			}
		});
		return label;
	}

}
