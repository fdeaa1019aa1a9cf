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
import java.time.Instant;
import java.util.Arrays;

import io.idempotency.web.conformance.Desk.Receipt;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/**
 * What handlers of both stacks answer, with every kind of status, header and body.
 */
final class Answers {

	private Answers() {
	}

	static ResponseEntity<Receipt> status(int status, Receipt receipt) {
		return ResponseEntity.status(status).header("Location", "/charges/1").body(receipt);
	}

	/** All values of a byte, in an order that tells the run. */
	static ResponseEntity<byte[]> binary(Receipt receipt) {
		byte[] all = new byte[256];
		for (int i = 0; i < all.length; i++) {
			all[i] = (byte) (receipt.run() - 1 + i);
		}
		return ResponseEntity.ok().contentType(MediaType.APPLICATION_OCTET_STREAM).body(all);
	}

	static ResponseEntity<byte[]> latin() {
		return ResponseEntity.ok()
			.contentType(MediaType.parseMediaType("text/plain;charset=ISO-8859-1"))
			.body("50 \u00a3 f\u00fcr Caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
	}

	static ResponseEntity<Void> empty(int status, Receipt receipt) {
		return ResponseEntity.status(status).eTag(receipt.nonce()).build();
	}

	static ResponseEntity<byte[]> sized(int bytes, Receipt receipt) {
		byte[] text = new byte[bytes];
		Arrays.fill(text, (byte) 'x');
		byte[] nonce = receipt.nonce().getBytes(StandardCharsets.US_ASCII);
		System.arraycopy(nonce, 0, text, 0, nonce.length);
		return ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body(text);
	}

	static ResponseEntity<Receipt> headers(Receipt receipt) {
		return ResponseEntity.status(201)
			.header(HttpHeaders.LOCATION, "/charges/" + receipt.nonce())
			.header(HttpHeaders.CONTENT_LANGUAGE, "de")
			.header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"receipt.json\"")
			.eTag(receipt.nonce())
			.lastModified(Instant.parse("2026-01-02T03:04:05Z"))
			.header(HttpHeaders.CACHE_CONTROL, "private, max-age=60")
			.header(HttpHeaders.LINK, "</charges>; rel=\"collection\"", "</docs>; rel=\"help\"")
			.header("X-Receipt", receipt.nonce())
			.header("X-Trace", receipt.nonce())
			.header(HttpHeaders.SET_COOKIE, "session=" + receipt.nonce())
			.header(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"" + receipt.nonce() + "\"")
			.header(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, "X-Handler-Made")
			.body(receipt);
	}

}
