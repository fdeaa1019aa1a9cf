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

import java.nio.charset.StandardCharsets;
import java.util.function.Function;

import io.idempotency.Idempotent;
import io.idempotency.OnUnknown;
import io.idempotency.web.conformance.Desk.Receipt;
import jakarta.validation.Valid;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * Operations that answer with every kind of status, header and body.
 */
@RestController
class ReactiveAnswerEndpoints {

	private final Desk desk;

	ReactiveAnswerEndpoints(Desk desk) {
		this.desk = desk;
	}

	@PostMapping("/status/{status}")
	@Idempotent(operation = "status")
	Mono<ResponseEntity<Receipt>> status(@PathVariable int status, @RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null).map((receipt) -> Answers.status(status, receipt));
	}

	@PostMapping("/status/{status}/thrown")
	@Idempotent(operation = "status-thrown")
	Mono<Receipt> statusThrown(@PathVariable int status, @RequestHeader(Desk.PROBE) String probe) {
		return fail(probe, (receipt) -> new ResponseStatusException(HttpStatusCode.valueOf(status), receipt.nonce()));
	}

	@PostMapping("/status/{status}/advised")
	@Idempotent(operation = "status-advised")
	Mono<Receipt> statusAdvised(@PathVariable int status, @RequestHeader(Desk.PROBE) String probe) {
		return fail(probe, (receipt) -> new DeclinedException(status, receipt));
	}

	@PostMapping("/crash")
	@Idempotent(operation = "crash")
	Mono<Receipt> crash(@RequestHeader(Desk.PROBE) String probe) {
		return fail(probe, (receipt) -> new IllegalStateException("crashed after run " + receipt.run()));
	}

	@PostMapping("/held/crash")
	@Idempotent(operation = "held-crash", onUnknown = OnUnknown.HOLD)
	Mono<Receipt> crashHeld(@RequestHeader(Desk.PROBE) String probe) {
		return fail(probe, (receipt) -> new IllegalStateException("crashed after run " + receipt.run()));
	}

	private Mono<Receipt> fail(String probe, Function<Receipt, Exception> failure) {
		return this.desk.later(probe, null).flatMap((receipt) -> Mono.error(failure.apply(receipt)));
	}

	@PostMapping(path = "/validated", consumes = MediaType.APPLICATION_JSON_VALUE,
			produces = MediaType.APPLICATION_JSON_VALUE)
	@Idempotent(operation = "validated")
	Mono<Receipt> validated(@RequestBody @Valid Order order, @RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null);
	}

	@PostMapping("/binary")
	@Idempotent(operation = "binary")
	Mono<ResponseEntity<byte[]>> binary(@RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null).map(Answers::binary);
	}

	@PostMapping("/latin")
	@Idempotent(operation = "latin")
	Mono<ResponseEntity<byte[]>> latin(@RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null).map((receipt) -> Answers.latin());
	}

	@PostMapping("/empty/{status}")
	@Idempotent(operation = "empty")
	Mono<ResponseEntity<Void>> empty(@PathVariable int status, @RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null).map((receipt) -> Answers.empty(status, receipt));
	}

	@PostMapping("/sized/{bytes}")
	@Idempotent(operation = "sized")
	Mono<ResponseEntity<byte[]>> sized(@PathVariable int bytes, @RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null).map((receipt) -> Answers.sized(bytes, receipt));
	}

	@PostMapping("/headers")
	@Idempotent(operation = "headers")
	Mono<ResponseEntity<Receipt>> headers(@RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null).map(Answers::headers);
	}

	@PostMapping("/headers/given")
	@Idempotent(operation = "headers-given")
	Mono<Void> givenHeader(@RequestHeader(Desk.PROBE) String probe, @RequestParam String value,
			ServerHttpResponse response) {
		// Netty refuses some values, after the work
		return this.desk.later(probe, null).flatMap((receipt) -> {
			response.getHeaders().set("X-Receipt", value);
			response.getHeaders().setContentType(MediaType.TEXT_PLAIN);
			byte[] nonce = receipt.nonce().getBytes(StandardCharsets.US_ASCII);
			return response.writeWith(Mono.just(response.bufferFactory().wrap(nonce)));
		});
	}

}
