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

package io.idempotency.web;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.idempotency.web.StoredResponse.Header;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RecordedHeadersTests {

	@ParameterizedTest
	@ValueSource(strings = { "Content-Type", "content-type", "Content-Encoding", "Content-Language",
			"Content-Disposition", "LOCATION", "ETag", "Etag", "Last-Modified", "Cache-Control", "Link", "X-Total" })
	void whatDescribesTheContentIsRecorded(String name) {
		RecordedHeaders recorded = recorded("x-total");

		assertThat(recorded.of(Map.of(name, List.of("v")))).containsExactly(new Header(name, "v"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "Set-Cookie", "set-cookie", "Set-Cookie2", "Date", "Age", "Connection", "Keep-Alive",
			"Transfer-Encoding", "TE", "Trailer", "Upgrade", "Content-Length", "WWW-Authenticate", "Proxy-Authenticate",
			"Proxy-Connection", "Access-Control-Allow-Origin", "ACCESS-CONTROL-ANYTHING", "Idempotent-Replayed",
			"Idempotency-Key", "Authentication-Info", "Clear-Site-Data", "a b", "", "x:", "x\r\ny" })
	void whatIsValidOnceIsRefusedAndNeverRecorded(String name) {
		assertThatIllegalArgumentException().isThrownBy(() -> recorded("X-Ok", name))
			.withMessageEndingWith(": " + name);
		assertThat(recorded().of(Map.of(name, List.of("v")))).isEmpty();
		assertThatIllegalArgumentException().isThrownBy(() -> new Header(name, "v"));
	}

	@Test
	void allRefusedNamesAreListed() {
		assertThatIllegalArgumentException().isThrownBy(() -> recorded("Date", "X-Ok", "Set-Cookie"))
			.withMessageEndingWith(": Date, Set-Cookie");
	}

	@ParameterizedTest
	@ValueSource(strings = { "X-Request-Key", "x-request-key", "Location" })
	void headerOfTheKeyIsRefused(String keyHeader) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new RecordedHeaders(List.of("X-Ok", "X-Request-Key"), keyHeader))
			.withMessageContaining("'" + keyHeader + "'")
			.withMessageContaining("carries the keys");
	}

	@Test
	void otherHeadersAreNotRecorded() {
		assertThat(recorded().of(Map.of("X-Total", List.of("v"), "Vary", List.of("Origin")))).isEmpty();
	}

	@Test
	void orderAndRepetitionsAreKept() {
		Map<String, List<String>> headers = new LinkedHashMap<>();
		headers.put("Link", List.of("<b>; rel=x", "<a>; rel=y", "<b>; rel=x"));
		headers.put("ETag", List.of("\"1\""));

		assertThat(recorded().of(headers)).containsExactly(new Header("Link", "<b>; rel=x"),
				new Header("Link", "<a>; rel=y"), new Header("Link", "<b>; rel=x"), new Header("ETag", "\"1\""));
	}

	@ParameterizedTest
	@ValueSource(strings = { "a\r\nSet-Cookie: b", "a\rb", "a\nb", "a\u0000b", "a\u007fb", "a\u001bb",
			// The lower byte is what some servers send
			"a\u010ab", "a\u560ab", "a\u010db" })
	void valueWithControlCharactersIsLeftOut(String value) {
		List<Header> recorded = recorded().of(Map.of("Location", List.of(value, "/ok")));

		assertThat(recorded).containsExactly(new Header("Location", "/ok"));
		assertThatIllegalArgumentException().isThrownBy(() -> new Header("Location", value))
			.withMessageNotContaining(value);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a\tb", "attachment; filename=\"\u00e4.pdf\"", "\u20ac", "\u0100", "\ud83d\ude00" })
	void otherValuesAreKept(String value) {
		assertThat(recorded().of(Map.of("Content-Disposition", List.of(value))))
			.containsExactly(new Header("Content-Disposition", value));
	}

	@Test
	void missingValueIsLeftOut() {
		assertThat(recorded().of(Map.of("ETag", Arrays.asList(null, "\"1\""))))
			.containsExactly(new Header("ETag", "\"1\""));
		assertThat(recorded().of(Map.of("ETag", Collections.<String>emptySet()))).isEmpty();
	}

	private static RecordedHeaders recorded(String... additional) {
		return new RecordedHeaders(List.of(additional), "Idempotency-Key");
	}

}
