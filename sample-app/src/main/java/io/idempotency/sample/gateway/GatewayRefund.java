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

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

import org.springframework.data.domain.Persistable;

/**
 * A charge that was given back. The same key may be there twice: then the customer got
 * the money twice.
 */
@Entity
class GatewayRefund implements Persistable<UUID> {

	@Id
	private UUID id;

	private String idempotencyKey;

	private UUID chargeId;

	private String orderId;

	private Instant refundedAt;

	@SuppressWarnings("NullAway.Init") // filled by JPA
	protected GatewayRefund() {
	}

	GatewayRefund(String idempotencyKey, GatewayCharge charge, Instant refundedAt) {
		this.id = UUID.randomUUID();
		this.idempotencyKey = idempotencyKey;
		this.chargeId = charge.getId();
		this.orderId = charge.getOrderId();
		this.refundedAt = refundedAt;
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

	RefundView view() {
		return new RefundView(this.id, this.idempotencyKey, this.chargeId, this.orderId, this.refundedAt);
	}

	/** What the gateway tells about a refund. */
	record RefundView(UUID refundId, String idempotencyKey, UUID chargeId, String orderId, Instant refundedAt) {

	}

}
