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

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import io.idempotency.IdempotencyKey;
import io.idempotency.Idempotent;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Charges customers, once per key.
 */
@Service
class PaymentService {

	static final String OPERATION = "payment";

	private final PaymentGateway gateway;

	private final PaymentRepository payments;

	private final Clock clock;

	PaymentService(PaymentGateway gateway, PaymentRepository payments, Clock clock) {
		this.gateway = gateway;
		this.payments = payments;
		this.clock = clock;
	}

	/**
	 * Charge the customer. A declined card is an answer and is remembered for a short
	 * time; a gateway that answers too late is an accident, and the next attempt calls it
	 * again with the key that the library sends along. Payment and record are one commit;
	 * the transaction takes its connection when it saves the payment, so that none waits
	 * for the network.
	 * @param key what the client chose for this payment
	 * @param request what is to be paid
	 * @return the receipt, the same for every call with this key
	 */
	@Transactional
	@Idempotent(operation = OPERATION, rememberFailures = CardDeclinedException.class,
			safeToRetry = GatewayUnavailableException.class)
	public PaymentReceipt pay(@IdempotencyKey String key, PaymentRequest request) {
		UUID chargeId = this.gateway.charge(request);
		return PaymentReceipt.of(this.payments.save(new Payment(request, chargeId, this.clock.instant())));
	}

	List<PaymentReceipt> findByOrder(String orderId) {
		return this.payments.findByOrderIdOrderByCreatedAt(orderId).stream().map(PaymentReceipt::of).toList();
	}

	Optional<PaymentReceipt> find(UUID paymentId) {
		return this.payments.findById(paymentId).map(PaymentReceipt::of);
	}

}
