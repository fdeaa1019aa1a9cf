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
import io.idempotency.web.HttpRules;
import reactor.core.publisher.Mono;

import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Wraps requests whose handler may turn out to be guarded, and commits their responses.
 * It claims and refuses nothing by itself, so a request that is not guarded passes as if
 * it were not there. Belongs behind authentication, in front of everything that writes.
 */
public final class IdempotencyWebFilter implements WebFilter, Ordered {

	/** Behind Spring Security's filter, which is at -100 in Spring Boot. */
	public static final int DEFAULT_ORDER = -50;

	private final HttpRules rules;

	private final EngineCalls calls;

	private final ErrorPages errorPages;

	private final int order;

	/**
	 * Create the filter.
	 * @param rules the rules of the contract
	 * @param calls asks the engine
	 * @param errorPages answer for failures
	 * @param order the filter's order
	 */
	public IdempotencyWebFilter(HttpRules rules, EngineCalls calls, ErrorPages errorPages, int order) {
		this.rules = rules;
		this.calls = calls;
		this.errorPages = errorPages;
		this.order = order;
	}

	@Override
	public int getOrder() {
		return this.order;
	}

	/** What becomes of a request to a guarded handler that this filter does not know. */
	static IllegalStateException notPassed(OperationSpec spec) {
		return new IllegalStateException("Operation '" + spec.name()
				+ "' was reached by a request that did not pass the idempotency filter. Nothing ran. Register the "
				+ "IdempotencyWebFilter bean for it");
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		boolean nested = ReactiveExchange.of(exchange) != null;
		if (nested || !this.rules.concerns(exchange.getRequest().getMethod().name())) {
			return chain.filter(exchange);
		}
		return new ReactiveExchange(this.rules, this.calls, exchange).pass(chain, this.errorPages);
	}

}
