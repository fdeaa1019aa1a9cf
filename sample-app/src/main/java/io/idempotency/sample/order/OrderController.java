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

package io.idempotency.sample.order;

import java.net.URI;

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import jakarta.validation.Valid;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.UriComponentsBuilder;

@RestController
@RequestMapping("/orders")
class OrderController {

	private final OrderService orders;

	OrderController(OrderService orders) {
		this.orders = orders;
	}

	@PostMapping
	@Idempotent(operation = "create-order")
	ResponseEntity<OrderReceipt> place(@Valid @RequestBody OrderRequest order) {
		OrderReceipt receipt = this.orders.place(IdempotencyContext.current().orElseThrow().key(), order,
				DurableSteps.ofTheGuard());
		return ResponseEntity.created(location(order)).body(receipt);
	}

	@GetMapping("/{orderId}")
	ResponseEntity<OrderView> find(@PathVariable String orderId) {
		return ResponseEntity.of(this.orders.find(orderId));
	}

	/** Not guarded: it is for the listeners to see that they had this event before. */
	@PostMapping("/{orderId}/announcements")
	@ResponseStatus(HttpStatus.ACCEPTED)
	void announceAgain(@PathVariable String orderId) {
		this.orders.announceAgain(orderId);
	}

	private static URI location(OrderRequest order) {
		return UriComponentsBuilder.fromPath("/orders/{orderId}").build(order.orderId());
	}

}
