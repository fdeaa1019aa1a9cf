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

import java.net.URI;
import java.time.Clock;
import java.util.UUID;

import io.idempotency.Idempotent;
import jakarta.validation.Valid;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Payments that are accepted now and carried out later: a retry gets the same 202 with
 * the address where the outcome will be.
 */
@RestController
@RequestMapping("/payment-orders")
class PaymentOrderController {

	private final PaymentOrderRepository orders;

	private final Clock clock;

	PaymentOrderController(PaymentOrderRepository orders, Clock clock) {
		this.orders = orders;
		this.clock = clock;
	}

	@PostMapping
	@Idempotent(operation = "accept-payment-order")
	ResponseEntity<PaymentOrder.View> accept(@Valid @RequestBody PaymentRequest request) {
		PaymentOrder order = this.orders.save(new PaymentOrder(request, this.clock.instant()));
		return ResponseEntity.accepted().location(URI.create("/payment-orders/" + order.getId())).body(order.view());
	}

	@GetMapping("/{paymentOrderId}")
	ResponseEntity<PaymentOrder.View> find(@PathVariable UUID paymentOrderId) {
		return ResponseEntity.of(this.orders.findById(paymentOrderId).map(PaymentOrder::view));
	}

}
