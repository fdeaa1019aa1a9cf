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
	 * @param innermost goes around the method
	 * @return whether this advice is in the proxy
	 */
	static boolean leave(MethodInvocation invocation, Innermost innermost) {
		if (invocation instanceof ProxyMethodInvocation proxied && proxied.getProxy() instanceof Advised proxy
				&& isIn(proxy)) {
			proxied.setUserAttribute(INNERMOST, innermost);
			return true;
		}
		return false;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		return (invocation instanceof ProxyMethodInvocation proxied
				&& proxied.getUserAttribute(INNERMOST) instanceof Innermost innermost)
						? innermost.around(invocation::proceed) : invocation.proceed();
	}

}
