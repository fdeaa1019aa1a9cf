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
 * Root of what a guarded call throws on its own behalf. The subtype is the caller's
 * remedy: try again later for {@link IdempotencyTransientException}, do not for
 * {@link IdempotencyRejectedException}. Messages name the operation and a short hash of
 * the key, never the key or the payload.
 */
@SuppressWarnings("serial")
public abstract sealed class IdempotencyException extends RuntimeException
		permits IdempotencyTransientException, IdempotencyRejectedException, IdempotencyRememberedFailureException {

	private final String operation;

	IdempotencyException(String operation, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.operation = operation;
	}

	/**
	 * Return the name of the operation that was called.
	 * @return the operation's name
	 */
	public String getOperation() {
		return this.operation;
	}

}
