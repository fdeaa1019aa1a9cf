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
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * Keeps the records of idempotent operations. A store knows nothing of methods, requests
 * or waiting; it decides atomically who owns a record.
 *
 * <p>
 * Rules for every implementation; the contract suite of this library checks them:
 * <ol>
 * <li>Each verb is atomic and safe for use by many threads and processes. None joins the
 * caller's transaction or leaves anything in it.
 * <li>Time is the store's own, never the application's.
 * <li>A record is claimable when there is none, when it {@linkplain RecordStatus#FAILED
 * failed}, when its lease lapsed and its policy is RETRY, or when it expired. A claimable
 * record that has not expired is only taken over by a request with a
 * {@linkplain ClaimRequest#matches matching fingerprint}; each takeover raises the fence
 * by one and the attempt by one. What follows an expired record starts at attempt 1 with
 * a fence that is still higher: the first fence of a new record is the store's time in
 * microseconds.
 * <li>Every write after the claim is conditional on owner and fence. {@code boolean}
 * means "was it still mine": {@code false} says that somebody else owns the record, or
 * that it is gone.
 * <li>Every verb may be sent twice, because drivers resend after a cut connection: a
 * claim by the token that already owns the live record returns the same lease, and a
 * write that this owner and fence already applied answers {@code true}. The exception is
 * {@link #resolve}.
 * <li>An owner whose lease lapsed may still write as long as nobody took over.
 * <li>A record expires lease plus {@code abandonedTtl} after its claim or renewal, the
 * same after it failed or became unknown, and {@code ttl} after its completion. Nothing
 * that has not expired is ever removed.
 * </ol>
 *
 * A verb that cannot reach the store throws an unchecked exception; then it is not known
 * whether it was applied.
 */
public interface IdempotencyStore {

	/**
	 * Return what kind of store this is, as it stands in meters, logs and the start-up
	 * table.
	 * @return a short lower-case word such as {@code redis}
	 */
	String name();

	/**
	 * Try to become the owner of a record. Atomic, however many statements it takes: of
	 * several claims at the same time one wins at the most. It is what every call waits
	 * for, so a store should answer a claim that finds a recorded outcome in one round
	 * trip and without writing, and a first claim in as few round trips as its technology
	 * allows; a takeover is rare and may take more.
	 * @param request what is asked for
	 * @return the lease, or the record that stands in the way
	 * @throws UnreadableRecordException if the record was written by a newer version of
	 * the library
	 */
	ClaimResult claim(ClaimRequest request);

	/**
	 * Record the outcome.
	 * @param lease the owner's ticket
	 * @param outcome what happened
	 * @param ttl how long to keep it, from now
	 * @return whether the record was still this owner's
	 */
	boolean complete(Lease lease, StoredOutcome outcome, Duration ttl);

	/**
	 * Give the record back without an outcome.
	 * @param lease the owner's ticket
	 * @param how forget it, or keep it as failed or unknown
	 * @return whether the record was still this owner's; for {@link Release.Forget} also
	 * {@code true} if there is no record any more
	 */
	boolean release(Lease lease, Release how);

	/**
	 * Let the lease run for the given time from now.
	 * @param lease the owner's ticket
	 * @param extension the new remaining lease
	 * @return whether the record was still this owner's and in progress
	 */
	boolean renew(Lease lease, Duration extension);

	/**
	 * Read a record without changing it.
	 * @param id the record
	 * @return the record, or empty if there is none or it expired
	 * @throws UnreadableRecordException if the record was written by a newer version of
	 * the library
	 */
	Optional<IdempotencyRecord> find(RecordId id);

	/**
	 * Carry out an operator's decision. It raises the fence, so that a late owner cannot
	 * complete afterwards. Refused while the record is
	 * {@linkplain IdempotencyRecord#live() live}. Of several decisions on the same fence
	 * exactly one is carried out. A decision that is sent twice therefore answers
	 * {@code false} the second time, unlike the owners' verbs: the first one moved the
	 * fence, and an operator's decision has no token by which to tell whose it was.
	 * @param id the record
	 * @param observedFence the fence of the record that the operator looked at
	 * @param how the decision
	 * @return whether the record was there with that fence, not live, and was changed
	 */
	boolean resolve(RecordId id, long observedFence, Resolution how);

	/**
	 * Remove expired records, at most so many. Safe while other instances do the same.
	 * @param limit the size of the batch
	 * @return how many were removed; fewer than the limit means that no more were found.
	 * A store that expires records by itself answers 0
	 */
	int purgeExpired(int limit);

	/**
	 * Return the signals by which this store tells that an owner is done.
	 * @return the signals, or {@code null} if waiters can only poll
	 */
	@Nullable CompletionSignals signals();

}
