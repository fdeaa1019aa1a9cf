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

package io.idempotency.web.reactive;

import java.util.concurrent.CompletableFuture;

import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyWebAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyWebFluxAutoConfiguration;
import io.idempotency.engine.InvalidOperationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.EnableAspectJAutoProxy;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.config.annotation.method.configuration.EnableReactiveMethodSecurity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.config.EnableWebFlux;

import static org.assertj.core.api.Assertions.assertThat;

class ReactiveStartupTests {

	private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(IdempotencyAutoConfiguration.class,
				IdempotencyWebAutoConfiguration.class, IdempotencyWebFluxAutoConfiguration.class))
		.withPropertyValues("idempotency.store=memory");

	@ParameterizedTest
	@ValueSource(classes = { Blocking.class, Future.class })
	void handlerThatCannotClaimLaterIsRefused(Class<?> controller) {
		this.runner.withBean(controller)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidOperationException.class)
				.hasMessageContaining("blocking the event loop")
				.hasMessageContaining("Return a Mono or a Flux"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/transfers/**", "/transfers/{any}", "/{*all}", "/transfers/urgent", "/*/*" })
	void routePastMethodSecurityIsRefused(String path) {
		this.runner.withUserConfiguration(WithMethodSecurity.class)
			.withBean(Secured.class)
			.withPropertyValues("idempotency.web.routes.transfer.paths=" + path)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidOperationException.class)
				.hasMessageContaining("'transfer'")
				.hasMessageContaining("method security")
				.hasMessageContaining("@Idempotent"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/transfers", "/transfers/{id}/notes", "/free/**" })
	void routeBesideMethodSecurityIsFine(String path) {
		this.runner.withUserConfiguration(WithMethodSecurity.class)
			.withBean(Secured.class)
			.withPropertyValues("idempotency.web.routes.transfer.paths=" + path)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void routeForAnotherMethodThanTheSecuredOneIsFine() {
		this.runner.withUserConfiguration(WithMethodSecurity.class)
			.withBean(Secured.class)
			.withPropertyValues("idempotency.web.routes.transfer.paths=/transfers/**",
					"idempotency.web.routes.transfer.methods=PATCH")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void routeNeedsAPath() {
		this.runner.withPropertyValues("idempotency.web.routes.transfer.methods=POST")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.hasMessageContaining("idempotency.web.routes.transfer.paths"));
	}

	@Test
	void nothingIsThereWhenTheContractIsSwitchedOff() {
		this.runner.withPropertyValues("idempotency.web.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(IdempotencyWebFilter.class));
	}

	@RestController
	static class Blocking {

		@PostMapping("/orders")
		@Idempotent(operation = "order")
		String order() {
			return "done";
		}

	}

	@RestController
	static class Future {

		@PostMapping("/orders")
		@Idempotent(operation = "order")
		CompletableFuture<String> order() {
			return CompletableFuture.completedFuture("done");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableWebFlux
	@EnableReactiveMethodSecurity
	@EnableAspectJAutoProxy(proxyTargetClass = true)
	static class WithMethodSecurity {

	}

	@RestController
	static class Secured {

		@PostMapping("/transfers/{id}")
		@PreAuthorize("hasRole('PAYER')")
		Mono<String> transfer() {
			return Mono.just("done");
		}

		@PostMapping("/transfers")
		Mono<String> open() {
			return Mono.just("done");
		}

	}

}
