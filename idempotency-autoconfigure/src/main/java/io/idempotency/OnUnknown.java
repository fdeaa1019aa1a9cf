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
 * What happens when it is not known whether the work was done: its owner crashed, stalled
 * past its lease, or its transaction ended without an answer. The policy is written into
 * the record when the work begins, and the record's policy decides.
 */
public enum OnUnknown {

	/** As configured: the operation's, then {@code idempotency.on-unknown}. */
	UNSET,

	/** Run it again: at least once. */
	RETRY,

	/**
	 * Never run it again by itself: at most once. Callers get
	 * {@link IdempotencyOutcomeUnknownException} until the owner completes late or an
	 * operator resolves the record. Any exception that is listed neither in
	 * {@link Idempotent#rememberFailures()} nor in {@link Idempotent#safeToRetry()}
	 * counts as not known.
	 */
	HOLD

}
