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

package io.idempotency.boot3;

import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.RequestEntity;
import org.springframework.http.ResponseEntity;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a client sees of a guarded handler, whatever the server.
 */
abstract class HttpContract {

	private final String key = UUID.randomUUID().toString();

	@Autowired
	private TestRestTemplate client;

	@Test
	void secondRequestGetsTheFirstResponse() {
		ResponseEntity<String> first = pay(this.key, "49.90");

		ResponseEntity<String> second = pay(this.key, "49.90");

		assertThat(first.getStatusCode()).isEqualTo(HttpStatus.CREATED);
		assertThat(first.getHeaders().containsKey("Idempotent-Replayed")).isFalse();
		assertThat(second.getStatusCode()).isEqualTo(HttpStatus.CREATED);
		assertThat(second.getHeaders().getFirst("Idempotent-Replayed")).isEqualTo("true");
		assertThat(second.getHeaders().getContentType()).isEqualTo(first.getHeaders().getContentType());
		assertThat(second.getBody()).isEqualTo(first.getBody()).contains("49.90");
	}

	@Test
	void requestWithoutAKeyIsRefused() {
		ResponseEntity<String> response = pay(null, "49.90");

		assertThat(response.getStatusCode()).isEqualTo(HttpStatus.BAD_REQUEST);
		assertThat(response.getHeaders().getContentType()).isEqualTo(MediaType.APPLICATION_PROBLEM_JSON);
		assertThat(response.getBody()).contains("\"code\":\"missing-key\"");
	}

	@Test
	void keyOfAnotherBodyIsRefused() {
		pay(this.key, "49.90");

		ResponseEntity<String> response = pay(this.key, "50.00");

		assertThat(response.getStatusCode()).isEqualTo(HttpStatus.UNPROCESSABLE_ENTITY);
		assertThat(response.getBody()).contains("\"code\":\"key-reused\"");
	}

	private ResponseEntity<String> pay(@Nullable String key, String amount) {
		HttpHeaders headers = new HttpHeaders();
		headers.setContentType(MediaType.APPLICATION_JSON);
		if (key != null) {
			headers.set("Idempotency-Key", key);
		}
		return this.client.exchange(RequestEntity.post("/payments")
			.headers(headers)
			.body("{\"orderId\":\"o-1\",\"amount\":" + amount + "}"), String.class);
	}

}
