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

import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyWebAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyWebMvcAutoConfiguration;
import io.idempotency.engine.InvalidOperationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.service.annotation.HttpExchange;
import org.springframework.web.service.annotation.PutExchange;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is found out about controllers and settings at start-up.
 */
class ControllerEdgeTests {

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(IdempotencyAutoConfiguration.class,
				IdempotencyWebAutoConfiguration.class, IdempotencyWebMvcAutoConfiguration.class))
		.withPropertyValues("idempotency.store=memory");

	@ParameterizedTest
	@ValueSource(classes = { Put.class, Exchange.class, LowerCase.class })
	void annotatedHandlerThatWouldNotBeGuardedIsRefused(Class<?> controller) {
		this.runner.withBean(controller)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidOperationException.class)
				.hasMessageContaining("is a handler for PUT")
				.hasMessageContaining("Add PUT to idempotency.web.methods"));
	}

	@ParameterizedTest
	@ValueSource(classes = { Put.class, Exchange.class, LowerCase.class })
	void annotatedHandlerIsGuardedWhereItsMethodIsListed(Class<?> controller) {
		this.runner.withBean(controller)
			.withPropertyValues("idempotency.web.methods=POST,PUT")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void headerOfTheKeyIsNotRecorded() {
		this.runner
			.withPropertyValues("idempotency.web.header=X-Request-Key",
					"idempotency.web.recorded-headers=X-Total,x-request-key")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.hasMessageContaining("idempotency.web.recorded-headers")
				.hasMessageContaining("carries the keys"));
	}

	@Test
	void annotatedClassMayHaveHandlersOfAllMethods() {
		this.runner.withBean(WholeClass.class).run((context) -> assertThat(context).hasNotFailed());
	}

	@RestController
	static class Put {

		@PutMapping("/orders")
		@Idempotent(operation = "order")
		public String order() {
			return "done";
		}

	}

	@RestController
	static class Exchange {

		@PutExchange("/orders")
		@Idempotent(operation = "order")
		public String order() {
			return "done";
		}

	}

	@RestController
	static class LowerCase {

		@HttpExchange(url = "/orders", method = "put")
		@Idempotent(operation = "order")
		public String order() {
			return "done";
		}

	}

	@RestController
	@Idempotent
	static class WholeClass {

		@GetMapping("/orders")
		public String list() {
			return "orders";
		}

		@PostMapping("/orders")
		public String order() {
			return "done";
		}

		@PutMapping("/orders")
		public String replace() {
			return "done";
		}

	}

}
