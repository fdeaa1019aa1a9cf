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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A slice reads the configuration of the whole application, and has neither its store nor
 * all of its operations.
 */
@WebMvcTest(properties = { "idempotency.store=redis", "idempotency.operations.order.store=jpa",
		"idempotency.operations.not-in-this-slice.ttl=1h" })
@AutoConfigureMockMvc(addFilters = false)
@ExtendWith(OutputCaptureExtension.class)
@DirtiesContext
@Import({ WebSliceTests.Orders.class, WebSliceTests.FilterConfiguration.class })
class WebSliceWithoutItsStoreTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private WebSliceTests.Orders orders;

	@Test
	void guardedHandlerRunsOnceInMemory(CapturedOutput output) throws Exception {
		String first = this.mvc.post().uri("/orders/7").exchange().getResponse().getContentAsString();

		assertThat(this.mvc.post().uri("/orders/7")).hasStatusOk().hasBodyTextEqualTo(first);
		assertThat(this.orders.runs()).isEqualTo(1);
		assertThat(output.getAll()).containsOnlyOnce("This test slice has no store 'jpa'");
	}

}
