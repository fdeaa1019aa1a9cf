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

package io.idempotency.sample.payment;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/**
 * A payment that was accepted for later, and what became of it.
 */
@Entity
class PaymentOrder {

	@Id
	private UUID id;

	private String orderId;

	private String customerId;

	private BigDecimal amount;

	private String currency;

	@Enumerated(EnumType.STRING)
	@JdbcTypeCode(SqlTypes.VARCHAR)
	private PaymentOrderStatus status;

	private Instant acceptedAt;

	private @Nullable UUID paymentId;

	private @Nullable String refusal;

	@SuppressWarnings("NullAway.Init") // filled by JPA
	protected PaymentOrder() {
	}

	PaymentOrder(PaymentRequest request, Instant acceptedAt) {
		this.id = UUID.randomUUID();
		this.orderId = request.orderId();
		this.customerId = request.customerId();
		this.amount = request.amount().setScale(2);
		this.currency = request.currency();
		this.status = PaymentOrderStatus.ACCEPTED;
		this.acceptedAt = acceptedAt.truncatedTo(ChronoUnit.MILLIS);
	}

	UUID getId() {
		return this.id;
	}

	PaymentRequest request() {
		return new PaymentRequest(this.orderId, this.customerId, this.amount, this.currency);
	}

	void charged(UUID paymentId) {
		this.status = PaymentOrderStatus.CHARGED;
		this.paymentId = paymentId;
	}

	void declined(@Nullable String refusal) {
		this.status = PaymentOrderStatus.DECLINED;
		this.refusal = refusal;
	}

	View view() {
		return new View(this.id, this.orderId, this.status, this.paymentId, this.refusal);
	}

	/**
	 * What the status resource shows.
	 */
	record View(UUID paymentOrderId, String orderId, PaymentOrderStatus status, @Nullable UUID paymentId,
			@Nullable String refusal) {

	}

}
