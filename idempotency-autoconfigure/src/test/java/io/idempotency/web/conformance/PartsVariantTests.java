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

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Content of several parts, which the container makes for some types and some settings.
 */
class PartsVariantTests {

	private static String parts(String content) {
		return "--b\r\nContent-Disposition: form-data; name=\"amount\"\r\n\r\n" + content + "\r\n--b--\r\n";
	}

	@Nested
	@SpringBootTest(classes = ConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
			properties = ConformanceApplication.TOMCAT)
	class MadeByTheContainer extends SettingsVariant {

		@Test
		void partsOfAnyMultipartTypeAreCompared() {
			Call call = mixed("1");
			Answer first = call.send();

			assertThat(first.status()).isEqualTo(200);
			assertReplay(mixed("1").key(call.key()).send(), first);
			assertRefused(mixed("2").key(call.key()), 422, KEY_REUSED);
		}

		private Call mixed(String content) {
			return post("/read/stream").body("multipart/mixed; boundary=b", parts(content));
		}

	}

	@Nested
	@SpringBootTest(classes = ConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
			properties = { ConformanceApplication.TOMCAT, "spring.servlet.multipart.enabled=false",
					"idempotency.web.max-request-body=1KB" })
	class MadeByNobody extends SettingsVariant {

		@Test
		void bytesAreComparedAndRead() {
			Call call = form("1");
			Answer first = call.send();

			assertThat(first.text()).isEqualTo(parts("1"));
			assertReplay(form("1").key(call.key()).send(), first);
			assertRefused(form("2").key(call.key()), 422, KEY_REUSED);
		}

		@Test
		void bodyOverTheLimitIsRefused() {
			assertRefused(form("1".repeat(2000)), 413, REQUEST_TOO_LARGE);
			assertRefused(form("1".repeat(2000)).chunked(), 413, REQUEST_TOO_LARGE);
		}

		private Call form(String content) {
			return post("/read/stream").body("multipart/form-data; boundary=b", parts(content));
		}

	}

}
