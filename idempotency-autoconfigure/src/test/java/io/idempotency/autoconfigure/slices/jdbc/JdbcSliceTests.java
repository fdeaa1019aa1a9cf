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

package io.idempotency.autoconfigure.slices.jdbc;

import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.Idempotent;
import io.idempotency.store.IdempotencyStore;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

@JdbcTest
@DirtiesContext
@Import(JdbcSliceTests.Guarded.class)
class JdbcSliceTests {

	@Autowired
	private Orders orders;

	@Autowired
	private IdempotencyStore[] stores;

	@Test
	void guardedMethodRunsOnceInTheTransactionOfTheTest() {
		int before = this.orders.runs();

		assertThat(this.orders.order("a")).isEqualTo(this.orders.order("a"));
		assertThat(this.orders.runs() - before).isEqualTo(1);
	}

	@Test
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	void guardedMethodRunsOnceWithoutATransaction() {
		int before = this.orders.runs();

		assertThat(this.orders.order("b")).isEqualTo(this.orders.order("b"));
		assertThat(this.orders.runs() - before).isEqualTo(1);
	}

	@Test
	void recordsAreKeptInTheDatabaseOfTheSlice() {
		assertThat(this.stores).extracting(IdempotencyStore::name).contains("jdbc").doesNotContain("redis", "jpa");
	}

	@SpringBootApplication
	static class Application {

	}

	static class Guarded {

		@Bean
		Orders orders() {
			return new Orders();
		}

	}

	static class Orders {

		private final AtomicInteger runs = new AtomicInteger();

		@Idempotent(key = "#id", operation = "order")
		String order(String id) {
			return "order " + id + ", run " + this.runs.incrementAndGet();
		}

		int runs() {
			return this.runs.get();
		}

	}

}
