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

import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.OperationSettings;
import io.idempotency.engine.OperationSpec;
import io.idempotency.engine.Operations;
import io.idempotency.web.ControllerEdge;
import io.idempotency.web.ExchangeRun;
import io.idempotency.web.HttpRules;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.http.server.PathContainer;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.util.pattern.PathPattern;

/**
 * Guards requests by their path, for handlers that say nothing about it, and requests
 * that a functional endpoint asks to be guarded. They are decided in front of the
 * handler's arguments, so what is wrong with these is forgotten afterwards.
 */
public final class Routes {

	private final HttpRules rules;

	private final Supplier<IdempotencyEngine> engine;

	private final InstantSource clock;

	private final List<Route> routes;

	/**
	 * Create routes.
	 * @param rules the rules
	 * @param engine asked for at the first request
	 * @param clock decides windows
	 * @param routes the first that matches counts
	 */
	public Routes(HttpRules rules, Supplier<IdempotencyEngine> engine, InstantSource clock, List<Route> routes) {
		this.rules = rules;
		this.engine = engine;
		this.clock = clock;
		this.routes = List.copyOf(routes);
	}

	HttpRules rules() {
		return this.rules;
	}

	List<Route> all() {
		return this.routes;
	}

	boolean admit(ServletExchange exchange, Object handler) {
		if (this.routes.isEmpty() || !(handler instanceof HandlerMethod || handler instanceof HandlerFunction)) {
			return true;
		}
		HttpServletRequest request = exchange.request();
		PathContainer path = PathContainer
			.parsePath(request.getRequestURI().substring(request.getContextPath().length()));
		for (Route route : this.routes) {
			if (route.matches(request.getMethod(), path)) {
				return admit(exchange, route.spec().get());
			}
		}
		return true;
	}

	/**
	 * Decide about a request.
	 * @param exchange the request
	 * @param spec its operation
	 * @return whether its handler is to run
	 */
	boolean admit(ServletExchange exchange, OperationSpec spec) {
		if (!exchange.guardIfKeyed() || !exchange.claim(this.engine.get(), () -> describe(exchange, spec))) {
			return false;
		}
		ExchangeRun run = exchange.run();
		if (run != null) {
			run.reachedUnless(Refused::beforeHandler);
		}
		return true;
	}

	private @Nullable GuardedCall describe(ServletExchange exchange, OperationSpec spec) {
		HttpServletRequest request = exchange.request();
		String key = this.rules.key(spec, Collections.list(request.getHeaders(this.rules.header().name())));
		if (key == null) {
			return null;
		}
		return GuardedCall.of(spec, this.rules.identity(spec), this.rules.scopes().of(new ServletCaller(request)), key,
				exchange.fingerprint(spec.name()), this.clock.instant(), GuardedCall.KEEP_ALL);
	}

	/**
	 * Declare the operation of a route.
	 * @param operations resolves settings
	 * @param name the operation's name
	 * @return the operation
	 */
	public static OperationSpec declare(Operations operations, String name) {
		return operations.declare(name, OperationSettings.UNSET, ControllerEdge.settingsOfRequests());
	}

	/**
	 * Requests that are guarded by their path.
	 *
	 * @param methods the methods, in upper case
	 * @param paths patterns of paths behind the context path
	 * @param spec the operation, asked for at the first request
	 */
	public record Route(Set<String> methods, List<PathPattern> paths, Supplier<OperationSpec> spec) {

		boolean matches(PathContainer path) {
			return this.paths.stream().anyMatch((pattern) -> pattern.matches(path));
		}

		boolean matches(String method, PathContainer path) {
			return this.methods.contains(method) && matches(path);
		}

	}

}
