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
import java.util.UUID;

import io.idempotency.OnUnknown;
import org.jspecify.annotations.Nullable;

/**
 * What a claimant asks for.
 *
 * @param id the record
 * @param operation the operation's name, for people who read the store
 * @param owner a token that no other claim ever used; the same one when the request is
 * sent again because its answer did not arrive
 * @param fingerprint what is asked for, or {@code null} to compare nothing
 * @param policy {@link OnUnknown#RETRY} or {@link OnUnknown#HOLD}, written into the
 * record
 * @param lease for how long the claimant owns the record unless it renews
 * @param abandonedTtl how long a record outlives a lapsed lease or a failed attempt
 * @param ttl how long the outcome will probably be kept: a hint for stores that plan
 * their clean-up ahead
 * @param waiting whether the claimant will wait if the record is taken, so that the store
 * should send a signal when the owner is done (see {@link CompletionSignals})
 */
public record ClaimRequest(RecordId id, String operation, UUID owner, @Nullable Fingerprint fingerprint,
		OnUnknown policy, Duration lease, Duration abandonedTtl, Duration ttl, boolean waiting) {

	public ClaimRequest {
		if (policy == OnUnknown.UNSET) {
			throw new IllegalArgumentException("A claim needs the policy RETRY or HOLD");
		}
	}

	/**
	 * Return whether this request may take over or see a record with the given
	 * fingerprint. A side that names none matches everything.
	 * @param recorded the record's fingerprint
	 * @return whether they match
	 */
	public boolean matches(@Nullable Fingerprint recorded) {
		return this.fingerprint == null || recorded == null || this.fingerprint.equals(recorded);
	}

}
