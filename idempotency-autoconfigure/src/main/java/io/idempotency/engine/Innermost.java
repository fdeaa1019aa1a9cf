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
 * The engine's part at the innermost place of a {@link Chain}: it learns that the work
 * begins, and in which transaction, and writes there what has to be committed with it.
 * For one call; if the chain repeats the work, the last time counts.
 */
@FunctionalInterface
public interface Innermost {

	/**
	 * Run the work.
	 * @param work what happens once
	 * @return its result, or that of an earlier run
	 * @throws Throwable what the work throws, and if its outcome cannot be part of its
	 * transaction, an exception after which that transaction cannot be committed
	 */
	@Nullable Object around(Work work) throws Throwable;

}
