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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class NamedHostsTests {

	@ParameterizedTest
	@CsvSource({ "api.example.com, https://api.example.com/a, true",
			"api.example.com, https://api.example.com:8443/a, true", "api.example.com, https://API.Example.COM/a, true",
			"API.example.com, https://api.example.com/a, true",
			"api.example.com, https://user:p@api.example.com/a, true",
			"api.example.com, https://api.example.com@evil.example/a, false",
			"api.example.com, https://api.example.com.evil.example/a, false",
			"api.example.com, https://evil-api.example.com/a, false", "api.example.com, https://example.com/a, false",
			"api.example.com:443, https://api.example.com/a, true",
			"api.example.com:443, http://api.example.com/a, false",
			"api.example.com:443, https://api.example.com:/a, true",
			"api.example.com:8080, http://api.example.com:8080, true", "*.example.com, https://api.example.com/a, true",
			"*.example.com, https://a.b.example.com/a, true", "*.example.com, https://example.com/a, false",
			"*.example.com, https://badexample.com/a, false",
			"*.example.com:8443, https://api.example.com:8443/a, true",
			"*.example.com:8443, https://api.example.com/a, false",
			"payment_service, http://payment_service/charges, true",
			"payment_service:80, http://payment_service/charges, true", "[::1], http://[::1]:8080/a, true",
			"[::1]:8080, http://[::1]:8080/a, true", "[::1]:8080, http://[::1]/a, false",
			"127.0.0.1, http://localhost/a, false" })
	void knowItsHosts(String entry, URI uri, boolean contained) {
		assertThat(new NamedHosts(List.of(entry)).contains(uri)).isEqualTo(contained);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "*", "*.", "https://api.example.com", "api.example.com/charges", "user@host",
			"a..b", "*.*.example.com", "api.*.com", "host:", "host:port", "host:123456", "api.example.com, other" })
	void refuseWhatIsNoHost(String entry) {
		assertThatIllegalArgumentException().isThrownBy(() -> new NamedHosts(List.of(entry)))
			.withMessageContaining("'" + entry + "' is no host");
	}

	@Test
	void areNoneByDefault() {
		assertThat(new NamedHosts(List.of()).contains(URI.create("https://api.example.com"))).isFalse();
		assertThat(new NamedHosts(List.of("a")).contains(URI.create("/relative"))).isFalse();
		assertThat(new NamedHosts(List.of("a")).contains(URI.create("http://a:port/"))).isFalse();
	}

}
