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
import java.util.UUID;

/**
 * The answer to a payment, and what is recorded and replayed for its key.
 */
record PaymentReceipt(UUID paymentId, String orderId, String customerId, BigDecimal amount, String currency,
		PaymentStatus status, Instant createdAt) {

	static PaymentReceipt of(Payment payment) {
		return new PaymentReceipt(payment.getId(), payment.getOrderId(), payment.getCustomerId(), payment.getAmount(),
				payment.getCurrency(), payment.getStatus(), payment.getCreatedAt());
	}

}
