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
import java.util.Map;

import io.idempotency.Idempotent;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpEntity;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.multipart.FilePart;
import org.springframework.http.codec.multipart.FormFieldPart;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestPart;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;

/**
 * Operations that read forms and bodies, and tell what they read.
 */
@RestController
class ReactiveFormEndpoints {

	private final Desk desk;

	ReactiveFormEndpoints(Desk desk) {
		this.desk = desk;
	}

	@PostMapping(path = "/form", consumes = MediaType.APPLICATION_FORM_URLENCODED_VALUE)
	@Idempotent(operation = "form")
	Mono<Map<String, Object>> form(@RequestHeader(Desk.PROBE) String probe, ServerWebExchange exchange) {
		return exchange.getFormData().flatMap((form) -> receipt(probe, String.valueOf(form.getFirst("amount"))));
	}

	@PostMapping(path = "/multipart", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
	@Idempotent(operation = "multipart")
	Mono<Map<String, Object>> multipart(@RequestHeader(Desk.PROBE) String probe,
			@RequestPart("amount") FormFieldPart amount,
			@RequestPart(name = "invoice", required = false) @Nullable FilePart invoice) {
		Mono<Integer> size = (invoice != null) ? joined(invoice.content()).map((bytes) -> bytes.length) : Mono.just(-1);
		return size.flatMap((bytes) -> receipt(probe, amount.value() + ":" + bytes));
	}

	private Mono<Map<String, Object>> receipt(String probe, String read) {
		return this.desk.later(probe, null).map((receipt) -> Map.of("nonce", receipt.nonce(), "read", read));
	}

	@PostMapping("/read/bytes")
	@Idempotent(operation = "read-bytes")
	Mono<byte[]> readBytes(@RequestHeader(Desk.PROBE) String probe, @RequestBody byte[] body) {
		return this.desk.later(probe, null).thenReturn(body);
	}

	@PostMapping("/read/entity")
	@Idempotent(operation = "read-entity")
	Mono<ResponseEntity<byte[]>> readEntity(@RequestHeader(Desk.PROBE) String probe, HttpEntity<Mono<byte[]>> entity) {
		return this.desk.later(probe, null).then(entity.getBody()).map(ResponseEntity::ok);
	}

	@PostMapping("/read/stream")
	@Idempotent(operation = "read-stream")
	Mono<byte[]> readStream(@RequestHeader(Desk.PROBE) String probe, @RequestBody Flux<DataBuffer> body) {
		return joined(body).flatMap((bytes) -> this.desk.later(probe, null).thenReturn(bytes));
	}

	@PostMapping("/read/reader")
	@Idempotent(operation = "read-reader")
	Mono<byte[]> readText(@RequestHeader(Desk.PROBE) String probe, @RequestBody String body) {
		return this.desk.later(probe, null).thenReturn(body.getBytes(StandardCharsets.UTF_8));
	}

	private static Mono<byte[]> joined(Flux<DataBuffer> buffers) {
		return DataBufferUtils.join(buffers).map((buffer) -> {
			byte[] bytes = new byte[buffer.readableByteCount()];
			buffer.read(bytes);
			DataBufferUtils.release(buffer);
			return bytes;
		});
	}

}
