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

package io.idempotency.method;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;

import io.idempotency.engine.Chain;
import io.idempotency.engine.IdempotencyEngine;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;

/**
 * The outer advice: describes the call and hands the rest of the chain to the engine as
 * the work. The engine comes with the first call, so that the proxies can be built before
 * the stores.
 */
final class IdempotencyInterceptor implements MethodInterceptor {

	private final Supplier<Guard> guard;

	IdempotencyInterceptor(Supplier<Guard> guard) {
		this.guard = guard;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Guard guard = this.guard.get();
		MethodOperation operation = guard.operations().of(invocation.getMethod(), targetClass(invocation));
		if (operation == null || !operation.applies(invocation.getArguments())) {
			return invocation.proceed();
		}
		Instant now = guard.clock().instant();
		EachItem each = operation.each();
		if (each != null) {
			return new EachItemCall(invocation, operation, each).answer(guard.engine(), now);
		}
		Chain chain = InnermostInterceptor.chain(invocation, operation);
		MethodEdge edge = operation.edge();
		return (edge != null) ? edge.answer(new EdgeCall(operation, invocation, now), chain)
				: guard.engine().execute(operation.describe(invocation.getArguments(), now), chain);
	}

	static Class<?> targetClass(MethodInvocation invocation) {
		Object target = invocation.getThis();
		return (target != null) ? AopUtils.getTargetClass(target) : invocation.getMethod().getDeclaringClass();
	}

	/**
	 * What the advice needs once calls come in.
	 *
	 * @param engine runs the calls
	 * @param operations parses the methods
	 * @param clock decides windows
	 */
	record Guard(IdempotencyEngine engine, MethodOperations operations, InstantSource clock) {

	}

}
