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
package io.idempotency;

import org.jspecify.annotations.Nullable;

import org.springframework.core.ParameterizedTypeReference;

/**
 * Holds the place of the steps that a guard hands to its method.
 */
enum StepsOfTheGuard implements DurableSteps {

	INSTANCE;

	@Override
	public <X extends Throwable> Completed<@Nullable Void> run(String name, Idempotency.Action<X> work) {
		throw noGuard(name);
	}

	@Override
	public <T extends @Nullable Object, X extends Throwable> Completed<T> run(String name, Class<T> type,
			Idempotency.Work<T, X> work) {
		throw noGuard(name);
	}

	@Override
	public <T extends @Nullable Object, X extends Throwable> Completed<T> run(String name,
			ParameterizedTypeReference<T> type, Idempotency.Work<T, X> work) {
		throw noGuard(name);
	}

	@Override
	public Step step(String name) {
		throw noGuard(name);
	}

	private static IllegalStateException noGuard(String step) {
		return new IllegalStateException("Step '" + step
				+ "' has no run to be a step of: no guard has put its steps in "
				+ "the place of DurableSteps.ofTheGuard(). Call the @Idempotent method through its bean, not from its "
				+ "own class, and with idempotency.enabled; elsewhere use IdempotencyContext.steps()");
	}

	@Override
	public String toString() {
		return "DurableSteps.ofTheGuard()";
	}

}
