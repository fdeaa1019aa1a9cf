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

import io.idempotency.Idempotent;
import io.idempotency.OnUnknown;
import io.idempotency.web.conformance.Desk.Receipt;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;

import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
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
class AnswerEndpoints {

	private final Desk desk;

	AnswerEndpoints(Desk desk) {
		this.desk = desk;
	}

	@PostMapping("/status/{status}")
	@Idempotent(operation = "status")
	ResponseEntity<Receipt> status(@PathVariable int status, @RequestHeader(Desk.PROBE) String probe) {
		return Answers.status(status, this.desk.work(probe, null));
	}

	@PostMapping("/status/{status}/thrown")
	@Idempotent(operation = "status-thrown")
	Receipt statusThrown(@PathVariable int status, @RequestHeader(Desk.PROBE) String probe) {
		Receipt receipt = this.desk.work(probe, null);
		throw new ResponseStatusException(HttpStatusCode.valueOf(status), receipt.nonce());
	}

	@PostMapping("/status/{status}/advised")
	@Idempotent(operation = "status-advised")
	Receipt statusAdvised(@PathVariable int status, @RequestHeader(Desk.PROBE) String probe) {
		throw new DeclinedException(status, this.desk.work(probe, null));
	}

	@PostMapping("/status/{status}/sent")
	@Idempotent(operation = "status-sent")
	void statusSent(@PathVariable int status, @RequestHeader(Desk.PROBE) String probe, HttpServletResponse response)
			throws IOException {
		response.sendError(status, this.desk.work(probe, null).nonce());
	}

	@PostMapping("/crash")
	@Idempotent(operation = "crash")
	Receipt crash(@RequestHeader(Desk.PROBE) String probe) {
		throw new IllegalStateException("crashed after run " + this.desk.work(probe, null).run());
	}

	@PostMapping("/held/crash")
	@Idempotent(operation = "held-crash", onUnknown = OnUnknown.HOLD)
	Receipt crashHeld(@RequestHeader(Desk.PROBE) String probe) {
		throw new IllegalStateException("crashed after run " + this.desk.work(probe, null).run());
	}

	@PostMapping(path = "/validated", consumes = MediaType.APPLICATION_JSON_VALUE,
			produces = MediaType.APPLICATION_JSON_VALUE)
	@Idempotent(operation = "validated")
	Receipt validated(@RequestBody @Valid Order order, @RequestHeader(Desk.PROBE) String probe) {
		return this.desk.work(probe, null);
	}

	@PostMapping("/binary")
	@Idempotent(operation = "binary")
	ResponseEntity<byte[]> binary(@RequestHeader(Desk.PROBE) String probe) {
		return Answers.binary(this.desk.work(probe, null));
	}

	@PostMapping("/latin")
	@Idempotent(operation = "latin")
	ResponseEntity<byte[]> latin(@RequestHeader(Desk.PROBE) String probe) {
		this.desk.work(probe, null);
		return Answers.latin();
	}

	@PostMapping("/empty/{status}")
	@Idempotent(operation = "empty")
	ResponseEntity<Void> empty(@PathVariable int status, @RequestHeader(Desk.PROBE) String probe) {
		return Answers.empty(status, this.desk.work(probe, null));
	}

	@PostMapping("/sized/{bytes}")
	@Idempotent(operation = "sized")
	ResponseEntity<byte[]> sized(@PathVariable int bytes, @RequestHeader(Desk.PROBE) String probe) {
		return Answers.sized(bytes, this.desk.work(probe, null));
	}

	@PostMapping("/headers")
	@Idempotent(operation = "headers")
	ResponseEntity<Receipt> headers(@RequestHeader(Desk.PROBE) String probe) {
		return Answers.headers(this.desk.work(probe, null));
	}

	@PostMapping("/headers/given")
	@Idempotent(operation = "headers-given")
	void givenHeader(@RequestHeader(Desk.PROBE) String probe, @RequestParam String value, HttpServletResponse response)
			throws IOException {
		// Tomcat refuses some values, after the work
		String nonce = this.desk.work(probe, null).nonce();
		response.setHeader("X-Receipt", value);
		response.setContentType(MediaType.TEXT_PLAIN_VALUE);
		response.getOutputStream().print(nonce);
	}

}
