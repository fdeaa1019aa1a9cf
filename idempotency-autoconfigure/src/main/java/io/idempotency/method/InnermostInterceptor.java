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

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyContext;
import io.idempotency.engine.Chain;
import io.idempotency.engine.Innermost;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.framework.Advised;

/**
 * The inner advice, right before the method: inside of its transaction, its cache and the
 * validation of its arguments. It lets the engine's innermost part go around the method.
 */
final class InnermostInterceptor implements MethodInterceptor {

	private static final String INNERMOST = InnermostInterceptor.class.getName() + ".innermost";

	static boolean isIn(Advised proxy) {
		for (Advisor advisor : proxy.getAdvisors()) {
			if (advisor.getAdvice() instanceof InnermostInterceptor) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Leave the innermost part to this advice, which may be reached on another thread.
	 * @param invocation the invocation, seen from the outer advice
	 * @param place goes around the method
	 * @return whether this advice is in the proxy
	 */
	private static boolean leave(MethodInvocation invocation, Place place) {
		if (invocation instanceof ProxyMethodInvocation proxied && proxied.getProxy() instanceof Advised proxy
				&& isIn(proxy)) {
			proxied.setUserAttribute(INNERMOST, place);
			return true;
		}
		return false;
	}

	/**
	 * Return the rest of the way to the method, seen from the outer advice.
	 * @param invocation the invocation, which goes it once
	 * @param operation the guarded method
	 * @return the way, with a place for the innermost part right before the method, or
	 * around all of it where this advice is not in the proxy
	 */
	static Chain chain(MethodInvocation invocation, MethodOperation operation) {
		return (innermost) -> {
			Place place = new Place(innermost, operation.stepsParameters());
			return leave(invocation, place) ? invocation.proceed() : place.around(invocation);
		};
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		return (invocation instanceof ProxyMethodInvocation proxied
				&& proxied.getUserAttribute(INNERMOST) instanceof Place place) ? place.around(invocation)
						: invocation.proceed();
	}

	/**
	 * What is left to do right before the method.
	 *
	 * @param innermost the engine's part
	 * @param stepsParameters which parameters are the steps of the run
	 */
	@SuppressWarnings("ArrayRecordComponent")
	record Place(Innermost innermost, int[] stepsParameters) {

		@Nullable Object around(MethodInvocation invocation) throws Throwable {
			return this.innermost.around((this.stepsParameters.length == 0) ? invocation::proceed : () -> {
				DurableSteps steps = steps(invocation);
				for (int position : this.stepsParameters) {
					invocation.getArguments()[position] = steps;
				}
				return invocation.proceed();
			});
		}

		private static DurableSteps steps(MethodInvocation invocation) {
			return IdempotencyContext.current()
				.orElseThrow(() -> new IllegalStateException(invocation.getMethod()
						+ " takes DurableSteps, but an advice runs it on another thread than its caller's. Give that "
						+ "advice an order before idempotency.order"))
				.steps();
		}

	}

}
