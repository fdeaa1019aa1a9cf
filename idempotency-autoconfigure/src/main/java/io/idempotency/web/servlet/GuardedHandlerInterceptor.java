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

import io.idempotency.method.MethodOperation;
import io.idempotency.method.MethodOperations;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Sees the handler before anybody reads the body, and prepares the requests of guarded
 * methods and those that a route guards.
 */
public final class GuardedHandlerInterceptor implements HandlerInterceptor {

	private final Supplier<MethodOperations> operations;

	private final RouteAdmission admission;

	/**
	 * Create the interceptor.
	 * @param operations knows the guarded methods
	 * @param admission knows the requests of other handlers that are guarded
	 */
	public GuardedHandlerInterceptor(Supplier<MethodOperations> operations, RouteAdmission admission) {
		this.operations = operations;
		this.admission = admission;
	}

	@Override
	public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
		ServletExchange exchange = ServletExchange.of(request);
		if (exchange == null || exchange.opened()) {
			return true;
		}
		MethodOperation operation = (handler instanceof HandlerMethod method)
				? this.operations.get().of(method.getMethod(), method.getBeanType()) : null;
		if (operation == null) {
			return this.admission.find(request, handler) == null || exchange.guardIfKeyed();
		}
		return operation.needsKeyOfEdge() ? exchange.guardIfKeyed() : exchange.guard();
	}

}
