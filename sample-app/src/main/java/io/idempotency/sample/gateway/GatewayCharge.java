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

package io.idempotency.sample.gateway;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

import org.springframework.data.domain.Persistable;

/**
 * A line of the gateway's ledger. The same key may be there twice: then the customer was
 * charged twice.
 */
@Entity
class GatewayCharge implements Persistable<UUID> {

	@Id
	private UUID id;

	private String idempotencyKey;

	private String orderId;

	private String customerId;

	private BigDecimal amount;

	private String currency;

	private Instant chargedAt;

	@SuppressWarnings("NullAway.Init") // filled by JPA
	protected GatewayCharge() {
	}

	GatewayCharge(String idempotencyKey, ChargeRequest request, Instant chargedAt) {
		this.id = UUID.randomUUID();
		this.idempotencyKey = idempotencyKey;
		this.orderId = request.orderId();
		this.customerId = request.customerId();
		this.amount = request.amount();
		this.currency = request.currency();
		this.chargedAt = chargedAt;
	}

	@Override
	public UUID getId() {
		return this.id;
	}

	/** A ledger is only added to: saving is always an insert. */
	@Override
	public boolean isNew() {
		return true;
	}

	String getOrderId() {
		return this.orderId;
	}

	ChargeView view() {
		return new ChargeView(this.id, this.idempotencyKey, this.orderId, this.customerId, this.amount, this.currency,
				this.chargedAt);
	}

	/** What the gateway tells about a charge. */
	record ChargeView(UUID chargeId, String idempotencyKey, String orderId, String customerId, BigDecimal amount,
			String currency, Instant chargedAt) {

	}

}
