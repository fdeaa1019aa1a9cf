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

import java.lang.reflect.Method;
import java.util.List;

import io.idempotency.Idempotent;
import io.idempotency.OnConcurrent;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.engine.OperationSettings;
import io.idempotency.method.MethodEdge;
import io.idempotency.method.MethodOperation;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.service.annotation.HttpExchange;

/**
 * Answers the calls of controllers' guarded handlers by the HTTP contract. What is the
 * same on both stacks is here; each answers in its own way. It stands behind the security
 * of the method, the resolution of its arguments and their validation, so what these
 * refuse leaves no trace.
 */
public abstract class ControllerEdge implements MethodEdge {

	private final HttpRules rules;

	/**
	 * Create the edge.
	 * @param rules the rules
	 */
	protected ControllerEdge(HttpRules rules) {
		this.rules = rules;
	}

	/** What counts for requests where nobody set anything. */
	static OperationSettings settingsOfRequests() {
		return OperationSettings.builder().onConcurrent(OnConcurrent.REJECT).build();
	}

	/**
	 * Return the rules.
	 * @return the rules of the contract
	 */
	protected final HttpRules rules() {
		return this.rules;
	}

	@Override
	public final boolean calls(Method method, Class<?> targetClass) {
		return AnnotatedElementUtils.hasAnnotation(targetClass, Controller.class)
				&& (AnnotatedElementUtils.hasAnnotation(method, RequestMapping.class)
						|| AnnotatedElementUtils.hasAnnotation(method, HttpExchange.class));
	}

	@Override
	public final String keyDescription() {
		return this.rules.header().name() + " header";
	}

	@Override
	public final boolean recordsAnswers() {
		return true;
	}

	@Override
	public final OperationSettings settings() {
		return settingsOfRequests();
	}

	@Override
	public void check(MethodOperation operation, Object bean) {
		if (AopUtils.isJdkDynamicProxy(bean)) {
			throw new InvalidOperationException(operation.spec().name(),
					"is a handler of a controller that is proxied by its interfaces, where no mapping is found",
					"Set spring.aop.proxy-target-class=true");
		}
		refuseWithoutEffect(operation.spec().name(), operation.method());
	}

	/**
	 * An annotation on a class may have handlers for other methods; one on a handler says
	 * that this handler is to be guarded.
	 */
	private void refuseWithoutEffect(String operation, Method method) {
		List<String> unsafe = MappedMethods.named(method).stream().filter((each) -> !HttpRules.isSafe(each)).toList();
		if (!unsafe.isEmpty() && unsafe.stream().noneMatch(this.rules::concerns)
				&& AnnotatedElementUtils.hasAnnotation(method, Idempotent.class)) {
			String methods = String.join(" and ", unsafe);
			throw new InvalidOperationException(operation,
					"is a handler for " + methods + ", which idempotency.web.methods leaves out, so that it would run "
							+ "for each request",
					"Add " + methods + " to idempotency.web.methods, or annotate the service method that does the "
							+ "work");
		}
	}

}
