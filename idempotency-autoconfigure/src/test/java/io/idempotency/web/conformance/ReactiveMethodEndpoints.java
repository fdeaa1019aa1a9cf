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
import io.idempotency.web.conformance.Desk.Receipt;
import reactor.core.publisher.Mono;

import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * A class that is guarded as a whole, with handlers of every method.
 */
@RestController
@RequestMapping("/methods")
@Idempotent
class ReactiveMethodEndpoints {

	private final Desk desk;

	ReactiveMethodEndpoints(Desk desk) {
		this.desk = desk;
	}

	@GetMapping
	public Mono<Receipt> get(@RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null);
	}

	@PostMapping
	public Mono<Receipt> post(@RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null);
	}

	@PatchMapping
	public Mono<Receipt> patch(@RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null);
	}

	@PutMapping
	public Mono<Receipt> put(@RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null);
	}

	@DeleteMapping
	public Mono<Receipt> delete(@RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null);
	}

}
