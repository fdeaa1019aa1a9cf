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

import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.autoconfigure.web.servlet.WebMvcTest;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A slice without a database guards, and keeps records in memory.
 */
@WebMvcTest
@Import(PaymentController.class)
class WebSliceTests {

	@Test
	void secondRequestGetsTheFirstResponse(@Autowired MockMvcTester mvc) throws Exception {
		MvcTestResult first = pay(mvc);

		assertThat(pay(mvc)).hasStatus(201)
			.hasHeader("Idempotent-Replayed", "true")
			.hasBodyTextEqualTo(first.getResponse().getContentAsString());
	}

	private static MvcTestResult pay(MockMvcTester mvc) {
		return mvc.post()
			.uri("/payments")
			.header("Idempotency-Key", "slice")
			.contentType(MediaType.APPLICATION_JSON)
			.content("{\"orderId\":\"o-1\",\"amount\":49.90}")
			.exchange();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class SliceApplication {

	}

}
