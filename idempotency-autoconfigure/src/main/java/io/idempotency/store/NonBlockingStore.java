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

package io.idempotency.store;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

/**
 * A store whose driver can do without a waiting thread. Callers that must not block, such
 * as those on an event loop, then claim and complete by {@link NonBlockingVerbs}; every
 * other verb, and every wait for an owner, still is one of {@link IdempotencyStore}.
 */
public interface NonBlockingStore extends IdempotencyStore {

	/**
	 * Return the verbs that block no thread.
	 * @return the verbs, the same ones each time, or {@code null} if this instance can
	 * only block, as its connections decide
	 */
	@Nullable NonBlockingVerbs nonBlocking();

	/**
	 * The verbs of the way of a call that never waits. Each is the verb of the same name
	 * in {@link IdempotencyStore}, down to its atomicity and its time-outs, and returns
	 * before it is carried out. The stage fails with what that verb throws. It completes
	 * on a thread of the driver's, which must never block.
	 */
	interface NonBlockingVerbs {

		/**
		 * Try to become the owner of a record.
		 * @param request what is asked for
		 * @return the lease, or the record that stands in the way
		 */
		CompletionStage<ClaimResult> claim(ClaimRequest request);

		/**
		 * Record the outcome.
		 * @param lease the owner's ticket
		 * @param outcome what happened
		 * @param ttl how long to keep it, from now
		 * @return whether the record was still this owner's
		 */
		CompletionStage<Boolean> complete(Lease lease, StoredOutcome outcome, Duration ttl);

		/**
		 * Give the record back without an outcome.
		 * @param lease the owner's ticket
		 * @param how forget it, or keep it as failed or unknown
		 * @return whether the record was still this owner's
		 */
		CompletionStage<Boolean> release(Lease lease, Release how);

	}

}
