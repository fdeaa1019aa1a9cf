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
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import io.idempotency.sample.gateway.GatewayCharge.ChargeView;
import jakarta.validation.Valid;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * The gateway stub. The customer's id decides what happens: {@code declined-…} is
 * declined, the first charge of {@code slow-…} fails after a long time, everyone else is
 * charged.
 */
@RestController
@RequestMapping("/gateway/charges")
class GatewayController {

	private final GatewayChargeRepository ledger;

	private final StubProperties properties;

	private final Clock clock;

	private final Set<String> slowKeys = ConcurrentHashMap.newKeySet();

	GatewayController(GatewayChargeRepository ledger, StubProperties properties, Clock clock) {
		this.ledger = ledger;
		this.properties = properties;
		this.clock = clock;
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	ChargeView charge(@RequestHeader("Idempotency-Key") String key, @Valid @RequestBody ChargeRequest request) {
		if (request.customerId().startsWith("slow-") && this.slowKeys.add(key)) {
			pause(this.properties.slowDelay());
			throw refusal(HttpStatus.SERVICE_UNAVAILABLE, "The bank did not answer.");
		}
		pause(this.properties.delay());
		if (request.customerId().startsWith("declined-")) {
			throw refusal(HttpStatus.PAYMENT_REQUIRED, "The card was declined, reference " + UUID.randomUUID() + ".");
		}
		return recorded(key).orElseGet(() -> this.ledger.save(new GatewayCharge(key, request, now()))).view();
	}

	@GetMapping
	List<ChargeView> findByOrder(@RequestParam String orderId) {
		return this.ledger.findByOrderIdOrderByChargedAt(orderId).stream().map(GatewayCharge::view).toList();
	}

	private Optional<GatewayCharge> recorded(String key) {
		return this.properties.deduplicate() ? this.ledger.findFirstByIdempotencyKey(key) : Optional.empty();
	}

	private Instant now() {
		return this.clock.instant().truncatedTo(ChronoUnit.MILLIS);
	}

	private static ErrorResponseException refusal(HttpStatus status, String detail) {
		return new ErrorResponseException(status, ProblemDetail.forStatusAndDetail(status, detail), null);
	}

	private static void pause(Duration duration) {
		try {
			Thread.sleep(duration.toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
