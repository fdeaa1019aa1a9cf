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

import java.time.Duration;

/**
 * Another caller is working on the same key and the wait for its answer was not allowed
 * or not long enough.
 */
@SuppressWarnings("serial")
public final class IdempotencyInProgressException extends IdempotencyTransientException {

	private final Duration ownerAge;

	private final Duration retryAfter;

	public IdempotencyInProgressException(String operation, String message, Duration ownerAge, Duration retryAfter) {
		super(operation, message, null);
		this.ownerAge = ownerAge;
		this.retryAfter = retryAfter;
	}

	/**
	 * Return how long ago the current owner began, by the store's clock.
	 * @return the owner's age
	 */
	public Duration getOwnerAge() {
		return this.ownerAge;
	}

	/**
	 * Return after what time the key is free again if the owner does not renew its lease:
	 * an upper bound for a sensible pause before the next attempt.
	 * @return the remaining lease, never negative
	 */
	public Duration getRetryAfter() {
		return this.retryAfter;
	}

}
