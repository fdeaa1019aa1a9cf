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

import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

import io.idempotency.engine.OperationSpec;
import io.idempotency.web.ExchangeRun;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.context.request.async.WebAsyncUtils;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerAdapter;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.function.HandlerFunction;

/**
 * Claims the keys of requests that a route guards, behind all interceptors, and watches
 * their handlers. Leaves the work to the dispatcher's other adapters.
 */
public final class RoutedHandlerAdapter implements HandlerAdapter, Ordered {

	private final RouteAdmission admission;

	private final Supplier<List<HandlerAdapter>> adapters;

	/**
	 * Create the adapter.
	 * @param admission decides about requests
	 * @param adapters those of the dispatcher, in order
	 */
	public RoutedHandlerAdapter(RouteAdmission admission, Supplier<List<HandlerAdapter>> adapters) {
		this.admission = admission;
		this.adapters = adapters;
	}

	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public boolean supports(Object handler) {
		return this.admission.hasRoutes() && (handler instanceof HandlerMethod || handler instanceof HandlerFunction);
	}

	@Override
	public @Nullable ModelAndView handle(HttpServletRequest request, HttpServletResponse response, Object handler)
			throws Exception {
		HandlerAdapter adapter = other(handler);
		OperationSpec route = this.admission.find(request, handler);
		ServletExchange exchange = (route != null) ? IdempotencyFilter.passed(request, route) : null;
		if (route == null || exchange == null || exchange.opened()) {
			return adapter.handle(request, response, handler);
		}
		if (!this.admission.admit(exchange, request, route)) {
			// The filter writes the answer
			return null;
		}
		return watch(exchange, () -> adapter.handle(request, response, handler));
	}

	private static @Nullable ModelAndView watch(ServletExchange exchange, Callable<@Nullable ModelAndView> handler)
			throws Exception {
		ExchangeRun run = exchange.run();
		try {
			ModelAndView view = exchange.call(handler);
			if (run != null && !WebAsyncUtils.getAsyncManager(exchange.request()).isConcurrentHandlingStarted()) {
				run.returned(null);
			}
			return view;
		}
		catch (HttpMessageNotWritableException | HttpMediaTypeNotAcceptableException ex) {
			// Of the result, which was there
			if (run != null) {
				run.returned(null);
			}
			throw ex;
		}
	}

	private HandlerAdapter other(Object handler) {
		for (HandlerAdapter adapter : this.adapters.get()) {
			if (adapter != this && adapter.supports(handler)) {
				return adapter;
			}
		}
		throw new IllegalStateException("Nothing in this application can handle " + handler);
	}

	/**
	 * Of Spring 6, where it is never asked for handlers like these.
	 * @param request the request
	 * @param handler the handler
	 * @return that nothing is known
	 */
	public long getLastModified(HttpServletRequest request, Object handler) {
		return -1;
	}

}
