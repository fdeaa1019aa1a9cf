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

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import io.idempotency.Idempotent;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpEntity;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.FileCopyUtils;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/**
 * Operations that read forms, and tell what they read.
 */
@RestController
class FormEndpoints {

	private final Desk desk;

	FormEndpoints(Desk desk) {
		this.desk = desk;
	}

	@PostMapping(path = "/form", consumes = MediaType.APPLICATION_FORM_URLENCODED_VALUE)
	@Idempotent(operation = "form")
	Map<String, Object> form(@RequestHeader(Desk.PROBE) String probe, @RequestParam String amount) {
		return Map.of("nonce", this.desk.work(probe, null).nonce(), "read", amount);
	}

	@PostMapping(path = "/multipart", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
	@Idempotent(operation = "multipart")
	Map<String, Object> multipart(@RequestHeader(Desk.PROBE) String probe, @RequestParam String amount,
			@RequestParam @Nullable MultipartFile invoice) throws IOException {
		int size = (invoice != null) ? invoice.getBytes().length : -1;
		return Map.of("nonce", this.desk.work(probe, null).nonce(), "read", amount + ":" + size);
	}

	@PostMapping("/read/bytes")
	@Idempotent(operation = "read-bytes")
	byte[] readBytes(@RequestHeader(Desk.PROBE) String probe, @RequestBody byte[] body) {
		this.desk.work(probe, null);
		return body;
	}

	@PostMapping("/read/entity")
	@Idempotent(operation = "read-entity")
	ResponseEntity<byte[]> readEntity(@RequestHeader(Desk.PROBE) String probe, HttpEntity<byte[]> entity) {
		this.desk.work(probe, null);
		return ResponseEntity.ok(entity.getBody());
	}

	@PostMapping("/read/stream")
	@Idempotent(operation = "read-stream")
	byte[] readStream(@RequestHeader(Desk.PROBE) String probe, HttpServletRequest request) throws IOException {
		this.desk.work(probe, null);
		return request.getInputStream().readAllBytes();
	}

	@PostMapping("/read/reader")
	@Idempotent(operation = "read-reader")
	byte[] readReader(@RequestHeader(Desk.PROBE) String probe, HttpServletRequest request) throws IOException {
		this.desk.work(probe, null);
		return FileCopyUtils.copyToString(request.getReader()).getBytes(StandardCharsets.UTF_8);
	}

}
