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

/**
 * An edge could not do what it takes to keep work that has returned, such as sending what
 * the work left to it. The work counts as failed, whatever became of its transaction: a
 * failure whose transaction is committed would be its answer otherwise. Thrown within a
 * {@link Chain}, by an edge that gives its callers the cause instead.
 */
public final class WorkUndoneException extends RuntimeException {

	private final RuntimeException failure;

	/**
	 * Create the exception.
	 * @param failure what was thrown
	 */
	public WorkUndoneException(RuntimeException failure) {
		super("The work returned, but what it left to be done failed: " + failure.getMessage(), failure);
		this.failure = failure;
	}

	/**
	 * Return what callers are to know.
	 * @return the cause
	 */
	public RuntimeException failure() {
		return this.failure;
	}

}
