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

import java.util.Set;
import java.util.stream.Collectors;

import io.idempotency.engine.InvalidOperationException;

import org.springframework.aop.Advisor;
import org.springframework.aop.PointcutAdvisor;
import org.springframework.aop.framework.Advised;
import org.springframework.http.server.PathContainer;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/**
 * Checks that no route guards a handler that has security of its own: a route answers in
 * front of the handler, and would replay to a caller who is refused meanwhile.
 */
public final class RouteSecurity {

	private static final String ADVICE = "org.springframework.security.authorization.method.";

	private final Routes routes;

	/**
	 * Create the check.
	 * @param routes what to check
	 */
	public RouteSecurity(Routes routes) {
		this.routes = routes;
	}

	/**
	 * Check all handlers of a mapping.
	 * @param mapping the mapping
	 * @throws InvalidOperationException if a route matches a secured one
	 */
	public void check(RequestMappingInfoHandlerMapping mapping) {
		mapping.getHandlerMethods().forEach((info, handler) -> {
			for (Routes.Route route : this.routes.all()) {
				if (secured(handler) && overlaps(route, info)) {
					throw new InvalidOperationException(route.spec().get().name(),
							"is a route to " + handler.getShortLogMessage()
									+ ", which has method security, and a route " + "answers in front of it",
							"Annotate the handler with @Idempotent instead");
				}
			}
		});
	}

	private static boolean overlaps(Routes.Route route, RequestMappingInfo info) {
		Set<String> methods = info.getMethodsCondition()
			.getMethods()
			.stream()
			.map(RequestMethod::name)
			.collect(Collectors.toSet());
		boolean sameMethod = methods.isEmpty() || methods.stream().anyMatch(route.methods()::contains);
		return sameMethod && info.getPatternValues().stream().map(RouteSecurity::example).anyMatch(route::matches);
	}

	/** A path that a pattern stands for. */
	private static PathContainer example(String pattern) {
		return PathContainer.parsePath(pattern.replaceAll("\\{[^/]*}|\\*+", "x"));
	}

	private static boolean secured(HandlerMethod handler) {
		Object bean = handler.createWithResolvedBean().getBean();
		if (bean instanceof Advised proxy) {
			for (Advisor advisor : proxy.getAdvisors()) {
				if (advisor.getClass().getName().startsWith(ADVICE) && advisor instanceof PointcutAdvisor pointcut
						&& pointcut.getPointcut()
							.getMethodMatcher()
							.matches(handler.getMethod(), handler.getBeanType())) {
					return true;
				}
			}
		}
		return false;
	}

}
