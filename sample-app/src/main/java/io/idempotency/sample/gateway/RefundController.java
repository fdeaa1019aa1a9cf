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

import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

import io.idempotency.sample.gateway.GatewayRefund.RefundView;
import jakarta.validation.Valid;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * The gateway stub's way back: it gives back the charge of whoever asks, as often as it
 * is asked.
 */
@RestController
@RequestMapping("/gateway/refunds")
class RefundController {

	private final GatewayChargeRepository charges;

	private final GatewayRefundRepository refunds;

	private final StubProperties properties;

	private final Clock clock;

	RefundController(GatewayChargeRepository charges, GatewayRefundRepository refunds, StubProperties properties,
			Clock clock) {
		this.charges = charges;
		this.refunds = refunds;
		this.properties = properties;
		this.clock = clock;
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	RefundView refund(@RequestHeader("Idempotency-Key") String key, @Valid @RequestBody RefundRequest request) {
		GatewayCharge charge = this.charges.findById(request.chargeId())
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
		return recorded(key)
			.orElseGet(() -> this.refunds
				.save(new GatewayRefund(key, charge, this.clock.instant().truncatedTo(ChronoUnit.MILLIS))))
			.view();
	}

	@GetMapping
	List<RefundView> findByOrder(@RequestParam String orderId) {
		return this.refunds.findByOrderIdOrderByRefundedAt(orderId).stream().map(GatewayRefund::view).toList();
	}

	private Optional<GatewayRefund> recorded(String key) {
		return this.properties.deduplicate() ? this.refunds.findFirstByIdempotencyKey(key) : Optional.empty();
	}

}
