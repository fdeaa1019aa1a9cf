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

import io.idempotency.Idempotent;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.reactive.result.view.Rendering;

/**
 * Operations that render views, redirect, or write the answer themselves.
 */
@Controller
class ReactiveViewEndpoints {

	/** More than servers hold back before they send in chunks. */
	private static final int LARGE = 100_000;

	private final Desk desk;

	ReactiveViewEndpoints(Desk desk) {
		this.desk = desk;
	}

	@PostMapping("/viewed")
	@Idempotent(operation = "viewed")
	Mono<Rendering> viewed(@RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null)
			.map((receipt) -> Rendering.view("receiptView").modelAttribute("receipt", receipt).build());
	}

	@PostMapping("/redirected")
	@Idempotent(operation = "redirected")
	Mono<Rendering> redirected(@RequestHeader(Desk.PROBE) String probe) {
		return this.desk.later(probe, null)
			.map((receipt) -> Rendering.redirectTo("/charges/" + receipt.nonce()).status(HttpStatus.FOUND).build());
	}

	@PostMapping("/written")
	@Idempotent(operation = "written")
	Mono<Void> written(@RequestHeader(Desk.PROBE) String probe, ServerHttpResponse response) {
		response.setStatusCode(HttpStatus.ACCEPTED);
		response.getHeaders().setContentType(new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8));
		return response.writeWith(
				this.desk.later(probe, null).map((receipt) -> bytes(response, "written \u20ac " + receipt.nonce())));
	}

	@PostMapping("/written/large")
	@Idempotent(operation = "written-large")
	Mono<Void> writtenLarge(@RequestHeader(Desk.PROBE) String probe, ServerHttpResponse response) {
		response.getHeaders().setContentType(MediaType.TEXT_PLAIN);
		return response
			.writeWith(Flux.concat(this.desk.later(probe, null).map((receipt) -> bytes(response, receipt.nonce())),
					Mono.fromCallable(() -> bytes(response, "x".repeat(LARGE)))));
	}

	@PostMapping("/written/failing")
	@Idempotent(operation = "written-failing")
	Mono<Void> writtenFailing(@RequestHeader(Desk.PROBE) String probe, ServerHttpResponse response) {
		response.getHeaders().setContentType(MediaType.TEXT_PLAIN);
		return response.writeWith(Flux.concat(Mono.fromCallable(() -> bytes(response, "partial")),
				this.desk.later(probe, null).map((receipt) -> {
					throw new IllegalStateException("failed after run " + receipt.run());
				})));
	}

	private static DataBuffer bytes(ServerHttpResponse response, String text) {
		return response.bufferFactory().wrap(text.getBytes(StandardCharsets.UTF_8));
	}

}
