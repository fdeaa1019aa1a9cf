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

import io.idempotency.web.conformance.Desk.Receipt;
import org.jspecify.annotations.Nullable;

import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * Not guarded itself; the service behind it is.
 */
@RestController
class ServiceEndpoints {

	private final LedgerService ledger;

	ServiceEndpoints(LedgerService ledger) {
		this.ledger = ledger;
	}

	@PostMapping("/service/charges/{key}/{amount}")
	Receipt charge(@PathVariable String key, @PathVariable int amount, @RequestHeader(Desk.PROBE) String probe,
			@RequestHeader(Desk.GATE) @Nullable String gate) {
		return this.ledger.charge(key.equals("none") ? null : key, amount, probe, gate);
	}

}
