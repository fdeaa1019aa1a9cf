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

import io.idempotency.engine.Chain;
import io.idempotency.engine.OperationSettings;
import org.jspecify.annotations.Nullable;

/**
 * An edge that calls some guarded methods by itself, such as a web framework its
 * handlers, and knows the request behind each call. It brings a key, decides what is
 * recorded, and answers duplicates in its own way. Safe for use by many threads.
 */
public interface MethodEdge {

	/**
	 * Return whether calls of a method come through this edge.
	 * @param method the method behind interfaces and bridges
	 * @param targetClass the class of its object
	 * @return whether this edge calls it
	 */
	boolean calls(Method method, Class<?> targetClass);

	/**
	 * Describe where this edge takes the key of a call from, for methods that name none.
	 * @return a few words for people
	 */
	String keyDescription();

	/**
	 * Return whether this edge records answers of its own, such as whole responses, apart
	 * from transactions, rather than the results of the methods.
	 * @return whether it does
	 */
	boolean recordsAnswers();

	/**
	 * Return what counts for these methods where nobody set anything.
	 * @return the lowest layer of settings
	 */
	OperationSettings settings();

	/**
	 * Check that a guarded bean can be called by this edge.
	 * @param operation one of its methods
	 * @param bean the bean, which is a proxy
	 * @throws io.idempotency.engine.InvalidOperationException if it cannot
	 */
	void check(MethodOperation operation, Object bean);

	/**
	 * Answer a call.
	 * @param call what is asked for
	 * @param chain the rest of the way to the method
	 * @return what the method returned, or what this edge takes for an answer
	 * @throws Throwable what the chain throws, or this edge's way to tell that there is
	 * an answer already
	 */
	@Nullable Object answer(EdgeCall call, Chain chain) throws Throwable;

}
