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

/**
 * What a caller does when another one is working on the same key.
 */
public enum OnConcurrent {

	/** As configured: the operation's, then {@code idempotency.on-concurrent}. */
	UNSET,

	/**
	 * Wait up to {@code idempotency.wait-timeout} for the answer, then throw
	 * {@link IdempotencyInProgressException}. A caller inside a transaction never waits:
	 * it would hold its connection.
	 */
	WAIT,

	/** Throw {@link IdempotencyInProgressException} at once. */
	REJECT,

	/**
	 * Return at once, without a result and without an exception: somebody else does it.
	 * For work without a result that is asked for again anyway, such as tasks; the
	 * default of {@code @Scheduled} methods that return nothing.
	 */
	SKIP

}
