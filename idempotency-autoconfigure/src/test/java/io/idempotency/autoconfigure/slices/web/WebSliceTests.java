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

package io.idempotency.autoconfigure.slices.web;

import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.Idempotent;
import io.idempotency.web.servlet.IdempotencyFilter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.test.autoconfigure.MockMvcBuilderCustomizer;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

@WebMvcTest
@AutoConfigureMockMvc(addFilters = false)
@ExtendWith(OutputCaptureExtension.class)
@DirtiesContext
@Import({ WebSliceTests.Orders.class, WebSliceTests.FilterConfiguration.class })
class WebSliceTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Orders orders;

	@Test
	void guardedHandlerRunsOnceInASliceWithoutAStore(CapturedOutput output) throws Exception {
		String first = this.mvc.post().uri("/orders/7").exchange().getResponse().getContentAsString();

		assertThat(this.mvc.post().uri("/orders/7")).hasStatusOk().hasBodyTextEqualTo(first);
		assertThat(this.orders.runs()).isEqualTo(1);
		assertThat(output.getAll()).contains("This test slice has no store: idempotency records are kept in memory");
	}

	@SpringBootApplication
	static class Application {

	}

	/** The filter of the library, and none of Spring Security's. */
	@TestConfiguration(proxyBeanMethods = false)
	static class FilterConfiguration {

		@Bean
		MockMvcBuilderCustomizer idempotencyFilterCustomizer(FilterRegistrationBean<IdempotencyFilter> filter) {
			return (builder) -> builder.addFilters(filter.getFilter());
		}

	}

	@RestController
	static class Orders {

		private final AtomicInteger runs = new AtomicInteger();

		@PostMapping("/orders/{id}")
		@Idempotent(key = "#id", operation = "order")
		String order(@PathVariable String id) {
			return "order " + id + ", run " + this.runs.incrementAndGet();
		}

		int runs() {
			return this.runs.get();
		}

	}

}
