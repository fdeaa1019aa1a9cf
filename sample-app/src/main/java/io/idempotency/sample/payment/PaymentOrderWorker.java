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

import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Carries out accepted payments. The payment's key is the order's id, so an order that a
 * crash left accepted, or that two instances find at the same time, is charged once.
 */
@Component
class PaymentOrderWorker {

	private static final Logger logger = LoggerFactory.getLogger(PaymentOrderWorker.class);

	private final PaymentOrderRepository orders;

	private final PaymentService payments;

	PaymentOrderWorker(PaymentOrderRepository orders, PaymentService payments) {
		this.orders = orders;
		this.payments = payments;
	}

	@Scheduled(fixedDelayString = "${sample.payment-orders.interval:500ms}")
	void work() {
		List<PaymentOrder> accepted = this.orders.findFirst20ByStatusOrderByAcceptedAt(PaymentOrderStatus.ACCEPTED);
		accepted.forEach(this::carryOut);
	}

	private void carryOut(PaymentOrder order) {
		try {
			order.charged(this.payments.pay("payment-order-" + order.getId(), order.request()).paymentId());
		}
		catch (CardDeclinedException ex) {
			order.declined(ex.getMessage());
		}
		catch (RuntimeException ex) {
			logger.warn("Payment order {} is tried again: {}", order.getId(), ex.getMessage());
			return;
		}
		this.orders.save(order);
	}

}
