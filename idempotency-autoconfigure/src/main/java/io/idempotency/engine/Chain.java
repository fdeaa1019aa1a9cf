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

import org.jspecify.annotations.Nullable;

/**
 * What an edge has around the work, such as a chain of interceptors. At its innermost
 * place is the work.
 */
@FunctionalInterface
public interface Chain {

	/**
	 * Proceed to the work.
	 * @param innermost goes around the work itself, inside whatever transaction the chain
	 * opens for it. A chain that ends before the work, because of a refusal or a cache,
	 * leaves it out
	 * @return the result
	 * @throws Throwable what the chain throws
	 */
	@Nullable Object proceed(Innermost innermost) throws Throwable;

}
