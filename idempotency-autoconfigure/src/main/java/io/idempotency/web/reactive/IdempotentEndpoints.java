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

import io.idempotency.engine.OperationSpec;
import io.idempotency.engine.Operations;
import io.idempotency.web.HttpRules;
import io.idempotency.web.Routes;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.web.reactive.function.server.HandlerFilterFunction;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Guards functional endpoints: <pre class="code">
 * route().POST("/transfers", this::transfer).filter(endpoints.operation("transfer")).build()
 * </pre> Safe for use by many threads.
 */
public final class IdempotentEndpoints {

	private final HttpRules rules;

	private final Routes routes;

	private final Operations operations;

	/**
	 * Create the factory of filters.
	 * @param rules the rules
	 * @param routes describes requests
	 * @param operations resolves settings
	 */
	public IdempotentEndpoints(HttpRules rules, Routes routes, Operations operations) {
		this.rules = rules;
		this.routes = routes;
		this.operations = operations;
	}

	/**
	 * Make the filter of one operation.
	 * @param name the operation's name, in lower-case kebab form; its settings are at
	 * {@code idempotency.operations.<name>}, with {@code programmatic: true}
	 * @return the filter
	 */
	public HandlerFilterFunction<ServerResponse, ServerResponse> operation(String name) {
		OperationSpec spec = Routes.declare(this.operations, name, "a functional endpoint");
		return (request, next) -> filter(spec, request, next);
	}

	private Mono<ServerResponse> filter(OperationSpec spec, ServerRequest request,
			HandlerFunction<ServerResponse> next) {
		if (!this.rules.concerns(request.method().name())) {
			return next.handle(request);
		}
		ReactiveExchange exchange = ReactiveExchange.of(request.exchange());
		if (exchange == null) {
			return Mono.error(IdempotencyWebFilter.notPassed(spec));
		}
		if (!exchange.isFor(spec)) {
			return next.handle(request);
		}
		exchange.seenAs(request.exchange());
		// The filter writes the answer
		return exchange.claim(spec, this.routes)
			.flatMap((admitted) -> admitted ? handle(exchange.run(), request, next)
					: ServerResponse.noContent().build());
	}

	private static Mono<ServerResponse> handle(@Nullable ReactiveRun run, ServerRequest request,
			HandlerFunction<ServerResponse> next) {
		if (run == null) {
			return next.handle(request);
		}
		run.reachedUnlessRefused();
		return run.watched(Mono.defer(() -> Mono.from(run.within(() -> next.handle(request)))))
			.cast(ServerResponse.class);
	}

}
