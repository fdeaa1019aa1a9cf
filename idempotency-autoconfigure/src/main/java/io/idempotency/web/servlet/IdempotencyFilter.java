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

import java.io.IOException;

import io.idempotency.engine.OperationSpec;
import io.idempotency.web.HttpRules;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Wraps requests whose handler may turn out to be guarded, and commits their responses.
 * It claims and refuses nothing by itself, so a request that is not guarded passes as if
 * it were not there. Belongs behind authentication, in front of everything that writes,
 * and must see {@code REQUEST}, {@code FORWARD}, {@code ASYNC} and {@code ERROR}
 * dispatches.
 */
public final class IdempotencyFilter implements Filter {

	/** Behind Spring Security's filters, which are at -100 in Spring Boot. */
	public static final int DEFAULT_ORDER = -50;

	private static final Log logger = LogFactory.getLog(IdempotencyFilter.class);

	private final HttpRules rules;

	private final AnswerWriter writer;

	/**
	 * Create the filter.
	 * @param rules the rules of the contract
	 */
	public IdempotencyFilter(HttpRules rules) {
		this.rules = rules;
		this.writer = new AnswerWriter(rules);
	}

	@Override
	public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		if (request instanceof HttpServletRequest httpRequest && response instanceof HttpServletResponse httpResponse) {
			filter(httpRequest, httpResponse, chain);
		}
		else {
			chain.doFilter(request, response);
		}
	}

	private void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		ServletExchange known = ServletExchange.of(request);
		if (known == null && !this.rules.concerns(request.getMethod())) {
			chain.doFilter(request, response);
			return;
		}
		ServletExchange exchange = (known != null) ? known : new ServletExchange(this.writer, request, response);
		try {
			Passage passage = new Passage(exchange);
			if (known == null) {
				passage.begin(chain);
			}
			else {
				passage.again(request, response, chain);
			}
		}
		finally {
			exchange.request().dispatched();
		}
	}

	/**
	 * Return the exchange of a request whose handler is to be guarded, and which must
	 * have passed this filter.
	 * @param request the request
	 * @param spec its operation
	 * @return the exchange, or {@code null} in a test without filters
	 * @throws IllegalStateException if the request did not pass the filter
	 */
	static @Nullable ServletExchange passed(HttpServletRequest request, OperationSpec spec) {
		ServletExchange exchange = ServletExchange.of(request);
		if (exchange == null && !GuardedRequest.mocked(request)) {
			throw new IllegalStateException("Operation '" + spec.name()
					+ "' was reached by a request that did not pass the idempotency filter. Nothing ran. Register the "
					+ "IdempotencyFilter bean for it");
		}
		if (exchange == null) {
			logger.warn("Operation '" + spec.name() + "' runs unguarded in this test, because MockMvc has no "
					+ "filters. Add the IdempotencyFilter to test what is guarded");
		}
		return exchange;
	}

}
