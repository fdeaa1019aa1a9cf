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

import org.springframework.data.domain.Persistable;

/**
 * A payment that was charged. Its table has no unique constraint on order or key: that it
 * is there once is the work of the guarded service.
 */
@Entity
class Payment implements Persistable<UUID> {

	@Id
	private UUID id;

	private UUID chargeId;

	private String orderId;

	private String customerId;

	private BigDecimal amount;

	private String currency;

	@Enumerated(EnumType.STRING)
	@JdbcTypeCode(SqlTypes.VARCHAR)
	private PaymentStatus status;

	private Instant createdAt;

	@SuppressWarnings("NullAway.Init") // filled by JPA
	protected Payment() {
	}

	Payment(PaymentRequest request, UUID chargeId, Instant createdAt) {
		this.id = UUID.randomUUID();
		this.chargeId = chargeId;
		this.orderId = request.orderId();
		this.customerId = request.customerId();
		this.amount = request.amount().setScale(2);
		this.currency = request.currency();
		this.status = PaymentStatus.CHARGED;
		this.createdAt = createdAt.truncatedTo(ChronoUnit.MILLIS);
	}

	@Override
	public UUID getId() {
		return this.id;
	}

	/** Payments are never changed: saving one is always an insert. */
	@Override
	public boolean isNew() {
		return true;
	}

	UUID getChargeId() {
		return this.chargeId;
	}

	String getOrderId() {
		return this.orderId;
	}

	String getCustomerId() {
		return this.customerId;
	}

	BigDecimal getAmount() {
		return this.amount;
	}

	String getCurrency() {
		return this.currency;
	}

	PaymentStatus getStatus() {
		return this.status;
	}

	Instant getCreatedAt() {
		return this.createdAt;
	}

}
