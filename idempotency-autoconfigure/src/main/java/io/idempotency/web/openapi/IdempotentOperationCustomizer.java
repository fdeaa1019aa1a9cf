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

package io.idempotency.web.openapi;

import java.util.List;
import java.util.function.Supplier;

import io.idempotency.method.MethodOperation;
import io.idempotency.method.MethodOperations;
import io.idempotency.web.HttpRules;
import io.idempotency.web.MappedMethods;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.parameters.Parameter;
import org.springdoc.core.customizers.GlobalOperationCustomizer;

import org.springframework.web.method.HandlerMethod;

/**
 * Adds to the description of each guarded handler the header that carries the key, the
 * answers 400, 409 and 422, and what marks a replay. What the application describes
 * itself stays as it is. Safe for use by many threads.
 */
public final class IdempotentOperationCustomizer implements GlobalOperationCustomizer {

	private final HttpRules rules;

	private final Supplier<MethodOperations> operations;

	/**
	 * Create the customizer.
	 * @param rules the rules
	 * @param operations knows the guarded methods; asked for with the first description
	 */
	public IdempotentOperationCustomizer(HttpRules rules, Supplier<MethodOperations> operations) {
		this.rules = rules;
		this.operations = operations;
	}

	@Override
	public Operation customize(Operation operation, HandlerMethod handler) {
		MethodOperation guarded = this.operations.get().of(handler.getMethod(), handler.getBeanType());
		List<String> methods = (guarded != null) ? MappedMethods.of(handler.getMethod()) : List.of();
		if (guarded == null || methods.stream().noneMatch(this.rules::concerns)) {
			return operation;
		}
		if (guarded.needsKeyOfEdge()) {
			// Where one handler has several methods, the description does not tell which
			boolean required = this.rules.keyRequired().test(guarded.spec().name())
					&& methods.stream().allMatch(this.rules::concerns);
			addHeader(operation, required);
		}
		GuardedAnswers.addTo(operation);
		return operation;
	}

	private void addHeader(Operation operation, boolean required) {
		String name = this.rules.header().name();
		boolean described = operation.getParameters() != null
				&& operation.getParameters().stream().anyMatch((parameter) -> isHeader(parameter, name));
		if (!described) {
			operation.addParametersItem(KeyParameter.of(name, required));
		}
	}

	private static boolean isHeader(Parameter parameter, String name) {
		return "header".equals(parameter.getIn()) && name.equalsIgnoreCase(parameter.getName());
	}

}
