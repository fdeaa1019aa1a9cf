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

import java.util.function.Supplier;

import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.OperationSpec;
import io.idempotency.web.ExchangeRun;
import io.idempotency.web.HttpRules;
import io.idempotency.web.ProblemException;
import io.idempotency.web.Routes;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.util.ServletRequestPathUtils;

/**
 * Decides about requests whose operation has no method, in front of their handlers.
 */
public final class RouteAdmission {

	private final HttpRules rules;

	private final Routes routes;

	private final Supplier<IdempotencyEngine> engine;

	/**
	 * Create the admission.
	 * @param rules the rules
	 * @param routes guards requests by their path
	 * @param engine asked for at the first request
	 */
	public RouteAdmission(HttpRules rules, Routes routes, Supplier<IdempotencyEngine> engine) {
		this.rules = rules;
		this.routes = routes;
		this.engine = engine;
	}

	boolean concerns(String method) {
		return this.rules.concerns(method);
	}

	boolean hasRoutes() {
		return !this.routes.isEmpty();
	}

	/**
	 * Find the operation of a request by its path.
	 * @param request the request, in the dispatcher
	 * @param handler what the dispatcher found for it
	 * @return the operation, or {@code null} if no route guards it
	 */
	@Nullable OperationSpec find(HttpServletRequest request, Object handler) {
		boolean guardable = handler instanceof HandlerMethod || handler instanceof HandlerFunction;
		if (!guardable || request.getDispatcherType() == DispatcherType.ERROR) {
			// An error page answers for a request under that request's path
			return null;
		}
		return this.routes.find(request.getMethod(),
				() -> (ServletRequestPathUtils.hasParsedRequestPath(request)
						? ServletRequestPathUtils.getParsedRequestPath(request)
						: ServletRequestPathUtils.parseAndCache(request))
					.pathWithinApplication());
	}

	/**
	 * Decide about a request.
	 * @param exchange the request
	 * @param request the same as the dispatcher has it, which knows the caller
	 * @param spec its operation
	 * @return whether its handler is to run
	 */
	boolean admit(ServletExchange exchange, HttpServletRequest request, OperationSpec spec) {
		if (!exchange.guardIfKeyed() || !exchange.claim(this.engine.get(), () -> describe(exchange, request, spec))) {
			return false;
		}
		ExchangeRun run = exchange.run();
		if (run != null) {
			run.reachedUnless(ServletEarlyFailures::include);
		}
		return true;
	}

	private @Nullable GuardedCall describe(ServletExchange exchange, HttpServletRequest request, OperationSpec spec) {
		try {
			String key = exchange.key(spec);
			if (key == null) {
				return null;
			}
			return this.routes.describe(spec, this.rules.identity(spec),
					this.rules.scopes().of(new ServletCaller(request)), key,
					ServletFingerprint.of(this.rules, spec.name(), exchange.request(), request));
		}
		catch (ProblemException ex) {
			throw ex.about(spec.name());
		}
	}

}
