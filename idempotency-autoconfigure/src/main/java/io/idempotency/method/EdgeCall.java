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

import java.lang.reflect.Method;
import java.time.Instant;
import java.util.function.Supplier;

import io.idempotency.engine.Chain;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.OperationSpec;
import io.idempotency.store.Fingerprint;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;

/**
 * One call of a guarded method that came through a {@link MethodEdge}.
 */
public final class EdgeCall {

	private final MethodOperation operation;

	private final MethodInvocation invocation;

	private final Instant now;

	EdgeCall(MethodOperation operation, MethodInvocation invocation, Instant now) {
		this.operation = operation;
		this.invocation = invocation;
		this.now = now;
	}

	/**
	 * Return the operation.
	 * @return what does not change from call to call
	 */
	public OperationSpec spec() {
		return this.operation.spec();
	}

	/**
	 * Return the method that is called.
	 * @return the most specific one
	 */
	public Method method() {
		return this.operation.method();
	}

	/**
	 * Return what the method is called with.
	 * @return the arguments themselves: what is put there, the method gets instead
	 */
	public @Nullable Object[] arguments() {
		return this.invocation.getArguments();
	}

	/**
	 * Return the way to the method with other arguments. Each goes it by itself, however
	 * often.
	 * @param arguments what the method gets
	 * @return the rest of the way
	 */
	public Chain chain(@Nullable Object[] arguments) {
		return InnermostInterceptor.chain(((ProxyMethodInvocation) this.invocation).invocableClone(arguments),
				this.operation);
	}

	/**
	 * Return whether the key is the edge's to bring, because the method names none.
	 * @return whether {@link #describe} needs a key
	 */
	public boolean needsKey() {
		return this.operation.needsKeyOfEdge();
	}

	/**
	 * Describe the call for the engine.
	 * @param identity the name under which keys are told apart: that of the operation, or
	 * one for several
	 * @param scope whom the key belongs to, or empty text
	 * @param key the edge's key, for methods that name none
	 * @param request makes the fingerprint of the whole request, for methods that do not
	 * choose what is compared; {@code null} compares nothing
	 * @return the call
	 * @throws io.idempotency.IdempotencyException if it has no key that can be used
	 */
	public GuardedCall describe(String identity, String scope, @Nullable String key,
			Supplier<@Nullable Fingerprint> request) {
		return this.operation.describe(identity, scope, key, request, arguments(), this.now);
	}

}
