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
import java.util.List;
import java.util.UUID;

import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import jakarta.validation.Valid;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/payments")
class PaymentController {

	private final PaymentService payments;

	PaymentController(PaymentService payments) {
		this.payments = payments;
	}

	/**
	 * The request's key makes the whole exchange happen once, and is the payment's, too:
	 * a crash after the payment was committed and before its response was recorded leads
	 * to a second call of the service, which answers from its own record.
	 */
	@PostMapping
	@Idempotent(operation = "create-payment")
	ResponseEntity<PaymentReceipt> pay(@Valid @RequestBody PaymentRequest request) {
		PaymentReceipt receipt = this.payments.pay(IdempotencyContext.current().orElseThrow().key(), request);
		return ResponseEntity.created(URI.create("/payments/" + receipt.paymentId())).body(receipt);
	}

	@GetMapping
	List<PaymentReceipt> findByOrder(@RequestParam String orderId) {
		return this.payments.findByOrder(orderId);
	}

	@GetMapping("/{paymentId}")
	ResponseEntity<PaymentReceipt> find(@PathVariable UUID paymentId) {
		return ResponseEntity.of(this.payments.find(paymentId));
	}

}
