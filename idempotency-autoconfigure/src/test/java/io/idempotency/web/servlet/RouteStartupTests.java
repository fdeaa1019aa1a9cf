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

package io.idempotency.web.servlet;

import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyWebAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyWebMvcAutoConfiguration;
import io.idempotency.engine.InvalidOperationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.EnableAspectJAutoProxy;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.servlet.function.HandlerFilterFunction;
import org.springframework.web.servlet.function.ServerResponse;

import static org.assertj.core.api.Assertions.assertThat;

class RouteStartupTests {

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(IdempotencyAutoConfiguration.class,
				IdempotencyWebAutoConfiguration.class, IdempotencyWebMvcAutoConfiguration.class))
		.withUserConfiguration(WithMethodSecurity.class)
		.withBean(Secured.class)
		.withPropertyValues("idempotency.store=memory");

	@ParameterizedTest
	@ValueSource(strings = { "/transfers/**", "/transfers/{any}", "/transfers/urgent", "/{all}/u*t" })
	void routePastMethodSecurityIsRefused(String path) {
		this.runner.withPropertyValues("idempotency.web.routes.transfer.paths=" + path)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidOperationException.class)
				.hasMessageContaining("'transfer'")
				.hasMessageContaining("method security"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/transfers", "/transfers/{id}/notes", "/free/**" })
	void routeBesideMethodSecurityIsFine(String path) {
		this.runner.withPropertyValues("idempotency.web.routes.transfer.paths=" + path)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(strings = { "transaction=joined", "lease=1ms" })
	void routeWhoseOperationCannotWorkIsRefused(String setting) {
		this.runner
			.withPropertyValues("idempotency.web.routes.transfer.paths=/transfers",
					"idempotency.operations.transfer." + setting)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidOperationException.class)
				.hasMessageContaining("'transfer'"));
	}

	@ParameterizedTest
	@ValueSource(classes = { Handler.class, Service.class })
	void routeWithTheNameOfAMethodIsRefused(Class<?> guarded) {
		this.runner.withBean(guarded)
			.withPropertyValues("idempotency.web.routes.refund.paths=/refunds")
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidOperationException.class)
				.hasMessageContaining("'refund'")
				.hasMessageContaining(guarded.getSimpleName() + ".refund()")
				.hasMessageContaining("the route idempotency.web.routes.refund")
				.hasMessageContaining("Give one of them a name of its own"));
	}

	@ParameterizedTest
	@ValueSource(classes = { Handler.class, Service.class })
	void functionalEndpointWithTheNameOfAMethodIsRefused(Class<?> guarded) {
		this.runner.withBean(guarded)
			.withUserConfiguration(Functional.class)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidOperationException.class)
				.hasMessageContaining(guarded.getSimpleName() + ".refund()")
				.hasMessageContaining("a functional endpoint"));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableWebMvc
	@EnableMethodSecurity
	@EnableAspectJAutoProxy(proxyTargetClass = true)
	static class WithMethodSecurity {

	}

	@RestController
	static class Secured {

		@PostMapping("/transfers/{id}")
		@PreAuthorize("hasRole('PAYER')")
		String transfer() {
			return "done";
		}

		@PostMapping("/transfers")
		String open() {
			return "done";
		}

	}

	@RestController
	static class Handler {

		@PostMapping("/refunds")
		@Idempotent(operation = "refund")
		public String refund() {
			return "done";
		}

	}

	static class Service {

		@Idempotent(operation = "refund", window = "1d")
		public String refund() {
			return "done";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Functional {

		@Bean
		HandlerFilterFunction<ServerResponse, ServerResponse> filter(IdempotentEndpoints endpoints) {
			return endpoints.operation("refund");
		}

	}

}
