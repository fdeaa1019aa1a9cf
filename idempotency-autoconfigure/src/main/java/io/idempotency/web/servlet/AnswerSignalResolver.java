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

import io.idempotency.web.ProblemException;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/**
 * Takes the layer's own signals out of the dispatcher before the application's exception
 * handlers see them; the filter then writes the answer. Of other failures it takes a
 * note.
 */
public final class AnswerSignalResolver implements HandlerExceptionResolver, Ordered {

	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public @Nullable ModelAndView resolveException(HttpServletRequest request, HttpServletResponse response,
			@Nullable Object handler, Exception ex) {
		ServletExchange exchange = ServletExchange.of(request);
		if (exchange == null) {
			return null;
		}
		if (ex instanceof ProblemException problem) {
			exchange.refuse(problem.problem());
			return new ModelAndView();
		}
		if (ex instanceof AnswerSignal) {
			return new ModelAndView();
		}
		if (request.getDispatcherType() != DispatcherType.FORWARD) {
			// Whoever forwarded may know what to do about it
			exchange.failed(ex);
		}
		return null;
	}

}
