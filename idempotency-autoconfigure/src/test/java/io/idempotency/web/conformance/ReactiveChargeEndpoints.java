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

package io.idempotency.web.conformance;

import io.idempotency.Idempotent;
import io.idempotency.OnConcurrent;
import io.idempotency.web.conformance.Desk.Receipt;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * Operations that take any body and answer with a receipt.
 */
@RestController
class ReactiveChargeEndpoints {

	private final Desk desk;

	ReactiveChargeEndpoints(Desk desk) {
		this.desk = desk;
	}

	@RequestMapping(path = "/charges",
			method = { RequestMethod.POST, RequestMethod.PATCH, RequestMethod.PUT, RequestMethod.DELETE })
	@Idempotent(operation = "charge")
	Mono<ResponseEntity<Receipt>> charge(@RequestHeader(Desk.PROBE) String probe,
			@RequestHeader(Desk.GATE) @Nullable String gate, @RequestBody(required = false) byte @Nullable [] body) {
		return this.desk.later(probe, gate).map(ResponseEntity::ok);
	}

	@PostMapping("/refunds")
	@Idempotent(operation = "refund")
	Mono<Receipt> refund(@RequestHeader(Desk.PROBE) String probe, @RequestBody byte[] body) {
		return this.desk.later(probe, null);
	}

	@PostMapping("/accounts/{id}/charges")
	@Idempotent(operation = "account-charge")
	Mono<Receipt> chargeAccount(@PathVariable String id, @RequestHeader(Desk.PROBE) String probe,
			@RequestBody Mono<byte[]> body) {
		return body.flatMap((bytes) -> this.desk.later(probe, null));
	}

	@PostMapping("/optional/charges")
	@Idempotent(operation = "optional-charge")
	Mono<Receipt> chargeWithOptionalKey(@RequestHeader(Desk.PROBE) String probe, @RequestBody byte[] body) {
		return this.desk.later(probe, null);
	}

	@PostMapping("/waiting/charges")
	@Idempotent(operation = "waiting-charge", onConcurrent = OnConcurrent.WAIT)
	Mono<Receipt> chargeOrWait(@RequestHeader(Desk.PROBE) String probe, @RequestHeader(Desk.GATE) @Nullable String gate,
			@RequestBody byte[] body) {
		return this.desk.later(probe, gate);
	}

	@PostMapping("/impatient/charges")
	@Idempotent(operation = "impatient-charge", onConcurrent = OnConcurrent.WAIT)
	Mono<Receipt> chargeOrWaitShortly(@RequestHeader(Desk.PROBE) String probe,
			@RequestHeader(Desk.GATE) @Nullable String gate, @RequestBody byte[] body) {
		return this.desk.later(probe, gate);
	}

	@PostMapping("/keyed/{id}")
	@Idempotent(key = "#id", operation = "keyed-charge")
	Mono<Receipt> chargeByItsOwnKey(@PathVariable String id, @RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null);
	}

	/** Guarded by its path. */
	@PostMapping("/routed/charges")
	Mono<Receipt> chargeByRoute(@RequestHeader(Desk.PROBE) String probe, @RequestBody byte[] body) {
		return this.desk.later(probe, null);
	}

	@PostMapping("/secured/url/charges")
	@Idempotent(operation = "charge-behind-url-rule")
	Mono<Receipt> chargeBehindUrlRule(@RequestHeader(Desk.PROBE) String probe, @RequestBody byte[] body) {
		return this.desk.later(probe, null);
	}

	@PostMapping("/secured/method/charges")
	@PreAuthorize("hasRole('PAYER')")
	@Idempotent(operation = "charge-behind-method-rule")
	Mono<Receipt> chargeBehindMethodRule(@RequestHeader(Desk.PROBE) String probe, @RequestBody byte[] body) {
		return this.desk.later(probe, null);
	}

}
