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

import java.util.function.Supplier;

import io.idempotency.IdempotencyContext;
import io.idempotency.engine.IdempotencyEngine;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.framework.Advised;

/**
 * The inner advice, next to the method: tells the engine that nothing can refuse the call
 * any more, inside whatever transaction was opened for it.
 */
final class WorkBeginsInterceptor implements MethodInterceptor {

	/** Where the outer advice leaves the context of the run. */
	static final String RUN = WorkBeginsInterceptor.class.getName() + ".run";

	private final Supplier<IdempotencyInterceptor.Guard> guard;

	WorkBeginsInterceptor(Supplier<IdempotencyInterceptor.Guard> guard) {
		this.guard = guard;
	}

	static boolean isIn(Advised proxy) {
		for (Advisor advisor : proxy.getAdvisors()) {
			if (advisor.getAdvice() instanceof WorkBeginsInterceptor) {
				return true;
			}
		}
		return false;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		MethodOperation operation = this.guard.get()
			.operations()
			.of(invocation.getMethod(), IdempotencyInterceptor.targetClass(invocation));
		if (operation != null) {
			IdempotencyEngine.workBegins(run(invocation), operation.spec());
		}
		return invocation.proceed();
	}

	private static @Nullable IdempotencyContext run(MethodInvocation invocation) {
		return (invocation instanceof ProxyMethodInvocation proxied
				&& proxied.getUserAttribute(RUN) instanceof IdempotencyContext run) ? run : null;
	}

}
