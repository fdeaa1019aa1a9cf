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

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebInputException;

/**
 * Handlers that say nothing about keys, and functional endpoints.
 */
@Configuration(proxyBeanMethods = false)
@Import({ ReactiveApplication.class, RoutedApplication.Handlers.class, RoutedApplication.Runs.class })
class RoutedApplication {

	@Bean
	RouterFunction<ServerResponse> endpoints(IdempotentEndpoints endpoints, Runs runs) {
		return RouterFunctions.route()
			.POST("/functions/orders", (request) -> runs.order(request))
			.POST("/functions/bodies", (request) -> runs.body())
			.POST("/functions/failing", (request) -> runs.failing())
			.GET("/functions/runs", (request) -> runs.count())
			.filter(endpoints.operation("function"))
			.build()
			.and(RouterFunctions.route()
				.POST("/nested", (request) -> runs.body())
				.filter(endpoints.operation("function"))
				.build()
				.filter(endpoints.operation("outer-function")))
			.and(RouterFunctions.route().POST("/routed/functions", (request) -> runs.body()).build());
	}

	/** Counts. */
	static class Runs {

		private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();

		int of(String handler) {
			return this.runs.computeIfAbsent(handler, (name) -> new AtomicInteger()).get();
		}

		int run(String handler) {
			return this.runs.computeIfAbsent(handler, (name) -> new AtomicInteger()).incrementAndGet();
		}

		Mono<String> operation(String handler) {
			return Mono.deferContextual((reactor) -> Mono
				.just(reactor.<IdempotencyContext>get(IdempotencyContext.class).operation() + ", run " + run(handler)));
		}

		Mono<ServerResponse> order(ServerRequest request) {
			return request.bodyToMono(Map.class)
				.flatMap((order) -> operation("function-order"))
				.flatMap((operation) -> ServerResponse.status(HttpStatus.CREATED).bodyValue(operation));
		}

		Mono<ServerResponse> body() {
			return ServerResponse.ok().body(operation("function-body"), String.class);
		}

		Mono<ServerResponse> count() {
			return ServerResponse.ok().bodyValue("run " + run("function-count"));
		}

		Mono<ServerResponse> failing() {
			return ServerResponse.ok().body(Flux.defer(() -> {
				run("function-failing");
				return Flux.error(new IllegalStateException("of the body"));
			}), String.class);
		}

	}

	/** Guarded by their paths, but for one. */
	@RestController
	@RequestMapping("/routed")
	static class Handlers {

		private final Runs runs;

		Handlers(Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/monos")
		Mono<String> mono(@RequestBody Map<String, Object> order) {
			return this.runs.operation("mono");
		}

		@PostMapping("/fluxes")
		Flux<String> flux() {
			return this.runs.operation("flux").repeat(1);
		}

		@PostMapping("/values")
		String value() {
			return "run " + this.runs.run("value");
		}

		@PostMapping("/futures")
		CompletableFuture<String> future() {
			return CompletableFuture.supplyAsync(() -> "run " + this.runs.run("future"));
		}

		@PostMapping("/bodies")
		ResponseEntity<Flux<String>> body() {
			return ResponseEntity.accepted().body(this.runs.operation("body").flux());
		}

		@PostMapping("/numbers/{number}")
		Mono<String> number(@PathVariable int number) {
			return this.runs.operation("number");
		}

		@PostMapping("/late")
		Mono<String> late(@RequestBody Mono<Map<String, Object>> order) {
			return order.then(this.runs.operation("late"));
		}

		@PostMapping("/declined")
		Mono<String> declined() {
			throw new DeclinedException("run " + this.runs.run("declined"));
		}

		@PostMapping("/declined-later")
		Mono<String> declinedLater() {
			return Mono.error(() -> new DeclinedException("run " + this.runs.run("declined-later")));
		}

		@PostMapping("/fails")
		Mono<String> fails() {
			throw new IllegalStateException("run " + this.runs.run("fails"));
		}

		@PostMapping("/unwritable")
		Mono<ReactiveHandlers.Unwritable> unwritable() {
			return Mono.fromCallable(() -> {
				this.runs.run("unwritable");
				return new ReactiveHandlers.Unwritable();
			});
		}

		@PostMapping("/annotated")
		@Idempotent(operation = "annotated")
		Mono<String> annotated() {
			return this.runs.operation("annotated");
		}

		@ExceptionHandler
		@ResponseStatus(HttpStatus.BAD_REQUEST)
		String answer(ServerWebInputException ex) {
			return "not readable";
		}

		@ExceptionHandler
		@ResponseStatus(HttpStatus.PAYMENT_REQUIRED)
		Mono<String> answer(DeclinedException ex) {
			return Mono.just("declined, " + ex.getMessage());
		}

	}

	@SuppressWarnings("serial")
	static class DeclinedException extends RuntimeException {

		DeclinedException(String message) {
			super(message);
		}

	}

}
