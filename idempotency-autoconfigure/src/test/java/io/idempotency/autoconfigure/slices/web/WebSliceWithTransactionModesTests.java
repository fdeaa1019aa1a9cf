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

import io.idempotency.Idempotent;
import io.idempotency.TransactionMode;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;

/**
 * A slice without a database starts with services whose transactions it does not have.
 */
@WebMvcTest
@AutoConfigureMockMvc(addFilters = false)
@DirtiesContext
@Import(WebSliceWithTransactionModesTests.Transfers.class)
class WebSliceWithTransactionModesTests {

	@MockitoBean
	private Payments payments;

	@Autowired
	private Transfers transfers;

	@Test
	void mockAnswersAsItIsTold() {
		given(this.payments.pay("7")).willReturn("paid");

		assertThat(this.payments.pay("7")).isEqualTo("paid");
	}

	@Test
	void serviceOfTheSliceRunsOnce() {
		String first = this.transfers.transfer("7");

		assertThat(this.transfers.transfer("7")).isEqualTo(first);
	}

	static class Payments {

		@Transactional
		@Idempotent(key = "#id", operation = "pay", transaction = TransactionMode.ATOMIC)
		String pay(String id) {
			return "payment " + id;
		}

	}

	static class Transfers {

		private int runs;

		@Transactional
		@Idempotent(key = "#id", operation = "transfer", transaction = TransactionMode.JOINED)
		String transfer(String id) {
			return "transfer " + id + ", run " + ++this.runs;
		}

	}

}
