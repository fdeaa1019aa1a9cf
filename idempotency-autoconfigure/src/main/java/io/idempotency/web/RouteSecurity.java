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

package io.idempotency.web;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;

import io.idempotency.engine.InvalidOperationException;

import org.springframework.aop.Advisor;
import org.springframework.aop.PointcutAdvisor;
import org.springframework.aop.framework.Advised;
import org.springframework.http.server.PathContainer;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Checks that no route guards a handler that has security of its own: a route answers in
 * front of the handler, and would replay to a caller who is refused meanwhile.
 */
public final class RouteSecurity {

	private static final String SECURITY = "org.springframework.security.";

	private final Routes routes;

	/**
	 * Create the check.
	 * @param routes what to check
	 */
	public RouteSecurity(Routes routes) {
		this.routes = routes;
	}

	/**
	 * Check a handler.
	 * @param handler the handler
	 * @param methods the methods that it is mapped to; all if empty
	 * @param patterns the patterns of paths that it is mapped to
	 * @throws InvalidOperationException if a route can match one of its requests and it
	 * is secured
	 */
	public void check(HandlerMethod handler, Collection<RequestMethod> methods, Collection<String> patterns) {
		for (Routes.Route route : this.routes.all()) {
			if (meet(route.methods(), methods) && meet(route, patterns) && secured(handler)) {
				throw new InvalidOperationException(route.spec().get().name(),
						"is a route to " + handler.getShortLogMessage()
								+ ", which has method security, and a route answers in front of it",
						"Annotate the handler with @Idempotent instead");
			}
		}
	}

	private static boolean meet(Set<String> ofRoute, Collection<RequestMethod> ofHandler) {
		return ofHandler.isEmpty() || ofHandler.stream().map(RequestMethod::name).anyMatch(ofRoute::contains);
	}

	private static boolean meet(Routes.Route route, Collection<String> patterns) {
		return route.paths()
			.stream()
			.map((path) -> segments(path.getPatternString()))
			.anyMatch((path) -> patterns.stream().anyMatch((pattern) -> meet(path, segments(pattern))));
	}

	private static List<String> segments(String pattern) {
		return Arrays.stream(pattern.split("/")).filter((segment) -> !segment.isEmpty()).toList();
	}

	/** Whether there may be a path that matches both patterns; in doubt there is. */
	private static boolean meet(List<String> one, List<String> other) {
		if (one.isEmpty() || other.isEmpty()) {
			return one.stream().allMatch(RouteSecurity::isAnyNumber)
					&& other.stream().allMatch(RouteSecurity::isAnyNumber);
		}
		if (isAnyNumber(one.get(0))) {
			return meet(behindFirst(one), other) || meet(one, behindFirst(other));
		}
		if (isAnyNumber(other.get(0))) {
			return meet(other, one);
		}
		return meet(one.get(0), other.get(0)) && meet(behindFirst(one), behindFirst(other));
	}

	private static List<String> behindFirst(List<String> segments) {
		return segments.subList(1, segments.size());
	}

	private static boolean isAnyNumber(String segment) {
		return segment.equals("**") || segment.startsWith("{*");
	}

	private static boolean meet(String one, String other) {
		if (isPattern(one)) {
			return isPattern(other) || matches(one, other);
		}
		return isPattern(other) ? matches(other, one) : one.equalsIgnoreCase(other);
	}

	private static boolean isPattern(String segment) {
		return segment.contains("{") || segment.contains("*") || segment.contains("?");
	}

	private static boolean matches(String pattern, String segment) {
		return PathPatternParser.defaultInstance.parse("/" + pattern).matches(PathContainer.parsePath("/" + segment));
	}

	private static boolean secured(HandlerMethod handler) {
		Object bean = handler.createWithResolvedBean().getBean();
		if (bean instanceof Advised proxy) {
			for (Advisor advisor : proxy.getAdvisors()) {
				if (isOfSecurity(advisor) && advisor instanceof PointcutAdvisor pointcut
						&& pointcut.getPointcut()
							.getMethodMatcher()
							.matches(handler.getMethod(), handler.getBeanType())) {
					return true;
				}
			}
		}
		return false;
	}

	/** Its packages differ between versions. */
	private static boolean isOfSecurity(Advisor advisor) {
		return advisor.getClass().getName().startsWith(SECURITY)
				|| advisor.getAdvice().getClass().getName().startsWith(SECURITY);
	}

}
