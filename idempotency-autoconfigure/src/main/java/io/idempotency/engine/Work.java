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

import java.util.concurrent.CompletionException;

import org.jspecify.annotations.Nullable;

/**
 * The seam between an edge and the engine: what happens once per key.
 */
@FunctionalInterface
public interface Work {

	/**
	 * Do the work.
	 * @return its result
	 * @throws Throwable what the work throws
	 */
	@Nullable Object run() throws Throwable;

	/**
	 * Return what work threw whose result is a stage. A stage that depends on another one
	 * wraps the failure of that one.
	 * @param failure what the stage completed with
	 * @return the failure without that wrapping
	 */
	static Throwable thrownBefore(Throwable failure) {
		return (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause() : failure;
	}

}
