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

package io.idempotency.engine;

import java.lang.reflect.Method;

/**
 * What declares an operation. Several methods may share one, as those that a class
 * inherits do; a method shares its own with nothing else.
 *
 * @param description names it in a message, such as {@code the route x}
 * @param method whether it is a method
 */
public record OperationOrigin(String description, boolean method) {

	/**
	 * Return the origin of an operation that is declared on a method.
	 * @param method the method
	 * @return the origin
	 */
	public static OperationOrigin of(Method method) {
		return new OperationOrigin("the method " + method, true);
	}

	/**
	 * Return the origin of an operation that has no method.
	 * @param description names it in a message
	 * @return the origin
	 */
	public static OperationOrigin of(String description) {
		return new OperationOrigin(description, false);
	}

}
