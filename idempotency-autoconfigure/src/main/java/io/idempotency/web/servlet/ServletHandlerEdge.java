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

import io.idempotency.engine.Chain;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.Work;
import io.idempotency.method.EdgeCall;
import io.idempotency.web.ControllerEdge;
import io.idempotency.web.ExchangeRun;
import io.idempotency.web.HttpRules;
import io.idempotency.web.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * The edge of Spring MVC's handlers: claims the key right in front of the handler, on the
 * thread that calls it.
 */
public final class ServletHandlerEdge extends ControllerEdge {

	private final Supplier<IdempotencyEngine> engine;

	/**
	 * Create the edge.
	 * @param rules the rules
	 * @param engine asked for at the first call
	 */
	public ServletHandlerEdge(HttpRules rules, Supplier<IdempotencyEngine> engine) {
		super(rules);
		this.engine = engine;
	}

	@Override
	public @Nullable Object answer(EdgeCall call, Chain chain) throws Throwable {
		HttpServletRequest request = currentRequest();
		if (request == null || !rules().concerns(request.getMethod())) {
			return chain.proceed(Work::run);
		}
		ServletExchange exchange = IdempotencyFilter.passed(request, call.spec());
		if (exchange == null || exchange.opened()) {
			return chain.proceed(Work::run);
		}
		if (!exchange.claim(this.engine.get(), () -> describe(call, exchange, request))) {
			throw AnswerSignal.INSTANCE;
		}
		return run(exchange, chain);
	}

	/**
	 * Return the request that this thread is working on, as the dispatcher has it.
	 * @return the request, or {@code null} if there is none
	 */
	private static @Nullable HttpServletRequest currentRequest() {
		RequestAttributes attributes = RequestContextHolder.getRequestAttributes();
		return (attributes instanceof ServletRequestAttributes servlet) ? servlet.getRequest() : null;
	}

	private @Nullable GuardedCall describe(EdgeCall call, ServletExchange exchange, HttpServletRequest request) {
		try {
			String key = call.needsKey() ? exchange.key(call.spec()) : null;
			if (call.needsKey() && key == null) {
				return null;
			}
			return call.describe(rules().identity(call.spec()), rules().scopes().of(new ServletCaller(request)), key,
					() -> ServletFingerprint.of(rules(), call.spec().name(), exchange.request(), request));
		}
		catch (ProblemException ex) {
			throw ex.about(call.spec().name());
		}
	}

	private static @Nullable Object run(ServletExchange exchange, Chain chain) throws Throwable {
		ExchangeRun run = exchange.run();
		if (run == null) {
			return chain.proceed(Work::run);
		}
		Object result = exchange.handle(() -> chain.proceed((work) -> {
			run.reached();
			return work.run();
		}));
		return HandlerResults.returned(exchange, run, result);
	}

}
