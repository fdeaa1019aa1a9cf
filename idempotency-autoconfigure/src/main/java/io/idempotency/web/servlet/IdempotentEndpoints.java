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

import io.idempotency.engine.OperationSpec;
import io.idempotency.engine.Operations;
import io.idempotency.web.ExchangeRun;
import io.idempotency.web.Routes;

import org.springframework.web.servlet.function.AsyncServerResponse;
import org.springframework.web.servlet.function.HandlerFilterFunction;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Guards functional endpoints: <pre class="code">
 * route().POST("/transfers", this::transfer).filter(endpoints.operation("transfer")).build()
 * </pre> Safe for use by many threads.
 */
public final class IdempotentEndpoints {

	private final RouteAdmission admission;

	private final Operations operations;

	/**
	 * Create the factory of filters.
	 * @param admission decides about requests
	 * @param operations resolves settings
	 */
	public IdempotentEndpoints(RouteAdmission admission, Operations operations) {
		this.admission = admission;
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

	private ServerResponse filter(OperationSpec spec, ServerRequest request, HandlerFunction<ServerResponse> next)
			throws Exception {
		if (!this.admission.concerns(request.method().name())) {
			return next.handle(request);
		}
		ServletExchange exchange = IdempotencyFilter.passed(request.servletRequest(), spec);
		if (exchange == null || exchange.opened()) {
			return next.handle(request);
		}
		if (!this.admission.admit(exchange, request.servletRequest(), spec)) {
			// The filter writes the answer
			return ServerResponse.noContent().build();
		}
		return handle(exchange, request, next);
	}

	private static ServerResponse handle(ServletExchange exchange, ServerRequest request,
			HandlerFunction<ServerResponse> next) throws Exception {
		ServerResponse response = exchange.call(() -> next.handle(request));
		ExchangeRun run = exchange.run();
		if (run != null && !(response instanceof AsyncServerResponse)) {
			run.returned(null);
		}
		return response;
	}

}
