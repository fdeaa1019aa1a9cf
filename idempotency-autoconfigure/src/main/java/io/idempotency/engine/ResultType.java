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

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The type by which a result is restored.
 *
 * @param type the declared type, of an asynchronous result the type inside
 * @param asynchronous whether the work returns a {@code CompletionStage}
 */
public record ResultType(Type type, boolean asynchronous) {

	/**
	 * Take a declared type apart.
	 * @param declared the return type as declared
	 * @return the type of the result
	 */
	public static ResultType of(Type declared) {
		if (declared instanceof ParameterizedType parameterized && asynchronous(parameterized.getRawType())) {
			return new ResultType(parameterized.getActualTypeArguments()[0], true);
		}
		return asynchronous(declared) ? new ResultType(Object.class, true) : new ResultType(declared, false);
	}

	private static boolean asynchronous(Type raw) {
		return raw == CompletionStage.class || raw == CompletableFuture.class;
	}

}
