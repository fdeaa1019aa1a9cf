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

package io.idempotency;

import org.jspecify.annotations.Nullable;

/**
 * Stands for a remembered failure that cannot be rebuilt as its own type: the listed
 * class has no public constructor that takes one {@code String}, or is not listed any
 * more, or an operator recorded the failure.
 */
@SuppressWarnings("serial")
public final class IdempotencyRememberedFailureException extends IdempotencyException {

	private final String failureType;

	public IdempotencyRememberedFailureException(String operation, String failureType,
			@Nullable String failureMessage) {
		super(operation, (failureMessage != null) ? failureMessage : failureType, null);
		this.failureType = failureType;
	}

	/**
	 * Return the name of the exception type that was recorded. It is text from a store,
	 * for people; no class is ever loaded by it.
	 * @return a class name or an operator's word
	 */
	public String getFailureType() {
		return this.failureType;
	}

}
