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

import java.net.http.HttpResponse;
import java.util.Map;

import io.idempotency.Idempotent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;

import static org.assertj.core.api.Assertions.assertThat;

/** What filters between the idempotency filter and the handler do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class ReactiveLaterFiltersIntegrationTests extends ReactiveClient {

	private RoutedApplication.Runs runs;

	@BeforeAll
	void start() {
		start(WithLaterFilters.class,
				Map.of("idempotency.web.routes.by-path.paths", "/routed/**", "idempotency.web.scope.headers",
						"X-Tenant", "idempotency.operations.function.programmatic", "true",
						"idempotency.operations.outer-function.programmatic", "true",
						"idempotency.operations.outer-function.key-required", "false"));
		this.runs = this.application.getBean(RoutedApplication.Runs.class);
	}

	@AfterAll
	void stop() {
		this.application.close();
	}

	@ParameterizedTest
	@CsvSource({ "/routed/annotated,annotated", "/routed/monos,mono", "/routed/values,value", "/routed/bodies,body",
			"/routed/functions,function-body", "/functions/orders,function-order", "/functions/bodies,function-body" })
	void workIsDoneThoughAFilterFailsAfterIt(String path, String handler) throws Exception {
		String key = key();
		int before = this.runs.of(handler);

		assertThat(send(request(path, key, "{}").header("X-Audit", "fails")).statusCode()).isEqualTo(500);
		HttpResponse<byte[]> second = post(path, key, "{}");

		assertThat(second.statusCode()).isEqualTo(409);
		assertThat(text(second)).contains("\"response-not-replayable\"");
		assertThat(this.runs.of(handler)).isEqualTo(before + 1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/unfinished/annotated", "/routed/unfinished", "/routed/unfinished/function",
			"/unfinished/function" })
	void workIsNotDoneIfAFilterFailsBeforeTheBodyCame(String path) throws Exception {
		String key = key();
		int before = this.runs.of("unfinished");

		assertThat(post(path, key, "{}").statusCode()).isEqualTo(500);
		assertThat(post(path, key, "{}").statusCode()).isEqualTo(500);
		assertThat(this.runs.of("unfinished")).isEqualTo(before + 2);
	}

	@ParameterizedTest
	@CsvSource({ "/routed/annotated,X-As", "/routed/monos,X-As", "/routed/functions,X-As", "/functions/orders,X-As",
			"/routed/annotated,X-Of", "/routed/monos,X-Of", "/routed/functions,X-Of", "/functions/orders,X-Of" })
	void callersWhomALaterFilterNamesDoNotMeet(String path, String header) throws Exception {
		String key = key();

		HttpResponse<byte[]> one = send(request(path, key, "{}").header(header, "one"));
		HttpResponse<byte[]> other = send(request(path, key, "{}").header(header, "other"));
		HttpResponse<byte[]> again = send(request(path, key, "{}").header(header, "one"));

		assertThat(other.statusCode()).isEqualTo(one.statusCode()).isBetween(200, 201);
		assertThat(other.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(other.body()).isNotEqualTo(one.body());
		assertThat(again.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(again.body()).isEqualTo(one.body());
	}

	@ParameterizedTest
	@CsvSource({ "/routed/monos,mono", "/routed/late,late", "/functions/orders,function-order" })
	void bodyOfARequestThatAFilterChangedIsComparedAndStaysReadable(String path, String handler) throws Exception {
		String key = key();
		int before = this.runs.of(handler);

		HttpResponse<byte[]> first = send(request(path, key, "{\"n\":1}").header("X-Of", "one"));
		HttpResponse<byte[]> other = send(request(path, key, "{\"n\":2}").header("X-Of", "one"));

		assertThat(first.statusCode()).isBetween(200, 201);
		assertThat(first.body()).isNotEmpty();
		assertThat(other.statusCode()).isEqualTo(422);
		assertThat(this.runs.of(handler)).isEqualTo(before + 1);
	}

	@Configuration(proxyBeanMethods = false)
	@Import({ RoutedApplication.class, Unfinished.class })
	static class WithLaterFilters {

		@Bean
		WebFilter audit() {
			return (exchange, chain) -> (header(exchange, "X-Audit") != null)
					? chain.filter(exchange).then(Mono.error(new IllegalStateException("audit")))
					: chain.filter(exchange);
		}

		@Bean
		WebFilter authentication() {
			return (exchange, chain) -> {
				String name = header(exchange, "X-As");
				return (name != null) ? chain.filter(exchange.mutate().principal(Mono.just(() -> name)).build())
						: chain.filter(exchange);
			};
		}

		@Bean
		WebFilter tenants() {
			return (exchange, chain) -> {
				String tenant = header(exchange, "X-Of");
				return (tenant != null)
						? chain
							.filter(exchange.mutate().request((request) -> request.header("X-Tenant", tenant)).build())
						: chain.filter(exchange);
			};
		}

		/** Gives up as soon as the body was begun. */
		@Bean
		WebFilter patience() {
			return (exchange, chain) -> {
				Sinks.Empty<Void> begun = Sinks.empty();
				exchange.getAttributes().put("begun", begun);
				return Mono.firstWithSignal(chain.filter(exchange),
						begun.asMono().then(Mono.error(new IllegalStateException("gave up"))));
			};
		}

		private static String header(ServerWebExchange exchange, String name) {
			return exchange.getRequest().getHeaders().getFirst(name);
		}

		@Bean
		RouterFunction<ServerResponse> unfinishedEndpoints(IdempotentEndpoints endpoints, Unfinished unfinished) {
			return RouterFunctions.route()
				.POST("/unfinished/function",
						(request) -> ServerResponse.ok().body(unfinished.body(request.exchange()), String.class))
				.filter(endpoints.operation("function"))
				.build()
				.and(RouterFunctions.route()
					.POST("/routed/unfinished/function",
							(request) -> ServerResponse.ok().body(unfinished.body(request.exchange()), String.class))
					.build());
		}

	}

	/** Handlers whose bodies begin and never end. */
	@RestController
	static class Unfinished {

		private final RoutedApplication.Runs runs;

		Unfinished(RoutedApplication.Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/unfinished/annotated")
		@Idempotent(operation = "unfinished")
		Mono<ResponseEntity<Flux<String>>> annotated(ServerWebExchange exchange) {
			return Mono.just(ResponseEntity.ok().body(body(exchange)));
		}

		@PostMapping("/routed/unfinished")
		ResponseEntity<Flux<String>> routed(ServerWebExchange exchange) {
			return ResponseEntity.ok().body(body(exchange));
		}

		Flux<String> body(ServerWebExchange exchange) {
			return Flux.defer(() -> {
				this.runs.run("unfinished");
				Sinks.Empty<Void> begun = exchange.getRequiredAttribute("begun");
				begun.tryEmitEmpty();
				return Flux.never();
			});
		}

	}

}
