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

package io.idempotency.client;

import java.net.URI;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;

class RedirectTests {

	private static final URI FROM = URI.create("https://api.example.com/charges?a=b");

	@ParameterizedTest
	@CsvSource({ "301, POST, GET", "302, POST, GET", "303, POST, GET", "307, POST, POST", "308, POST, POST",
			"301, PUT, PUT", "302, DELETE, DELETE", "303, PUT, GET", "307, PATCH, PATCH" })
	void methodBecomesWhatTheStatusSays(int status, String method, String next) {
		Redirect redirect = redirect(status, "/other", method);

		assertThat(redirect).isNotNull();
		assertThat(redirect.method()).isEqualTo(HttpMethod.valueOf(next));
		assertThat(redirect.uri()).isEqualTo(URI.create("https://api.example.com/other"));
		boolean same = method.equals(next);
		assertThat(redirect.withBody()).isEqualTo(same);
		assertThat(redirect.keeps("idempotency-key", "Idempotency-Key")).isEqualTo(same);
		assertThat(redirect.keeps("Content-Type", "Idempotency-Key")).isEqualTo(same);
		assertThat(redirect.keeps("Authorization", "Idempotency-Key")).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "https://api.example.com:443/other, true, true", "https://other.example.com/, true, false",
			"https://evil.example/, false, false", "https://api.example.com:8443/, false, false",
			"//evil.example/charges, false, false", "https://api.example.com@evil.example/, false, false" })
	void keyAndCredentialsStayWithTheirHosts(String location, boolean key, boolean credentials) {
		Redirect redirect = redirect(307, location, "POST");

		assertThat(redirect).isNotNull();
		assertThat(redirect.keeps("Idempotency-Key", "Idempotency-Key")).isEqualTo(key);
		assertThat(redirect.keeps("Authorization", "Idempotency-Key")).isEqualTo(credentials);
		assertThat(redirect.keeps("Cookie", "Idempotency-Key")).isEqualTo(credentials);
		assertThat(redirect.keeps("Content-Type", "Idempotency-Key")).isTrue();
	}

	@ParameterizedTest
	@ValueSource(ints = { 200, 201, 300, 304, 305, 400, 500 })
	void otherStatusIsNoRedirect(int status) {
		assertThat(redirect(status, "/other", "POST")).isNull();
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "http://api.example.com/", "ftp://api.example.com/", "mailto:a@example.com", "https://a b/" })
	void whereItMustNotGoItDoesNotGo(String location) {
		assertThat(redirect(307, location, "POST")).isNull();
	}

	@Test
	void withoutALocationThereIsNone() {
		assertThat(redirect(307, null, "POST")).isNull();
	}

	private static @Nullable Redirect redirect(int status, @Nullable String location, String method) {
		NamedHosts hosts = new NamedHosts(List.of("api.example.com:443", "other.example.com"));
		return Redirect.of(status, location, HttpMethod.valueOf(method), FROM, hosts::contains);
	}

}
