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
import java.util.ArrayList;
import java.util.List;
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
 * <li>Checkpoints are part of the record. They stay while it has no outcome, whoever
 * takes it over or lets it run again, and are gone when it is completed, forgotten or
 * expired.
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
	 * Try to become the owner of many records, of each as {@link #claim} would. Atomic
	 * for each record and not for all of them: some are acquired, others are not. A store
	 * should take one round trip for those that were never claimed or have an outcome.
	 * Two calls that have records in common, in whatever order, must not block each other
	 * for good.
	 * <p>
	 * Unless overridden, the records are claimed one after the other, which is correct
	 * and takes a round trip for each.
	 * @param requests what is asked for, each for another record
	 * @return the answers, in the order of the requests
	 * @throws IllegalArgumentException if there are two requests for one record
	 */
	default List<ClaimResult> claimAll(List<ClaimRequest> requests) {
		RecordId.requireDistinct(requests.stream().map(ClaimRequest::id).toList());
		List<ClaimResult> results = new ArrayList<>(requests.size());
		for (ClaimRequest request : requests) {
			try {
				results.add(claim(request));
			}
			catch (UnreadableRecordException | LockedRecordException ex) {
				results.add(new ClaimResult.Refused(ex));
			}
		}
		return results;
	}

	/**
	 * Record the outcomes of many records and give others back, each as {@link #complete}
	 * or {@link #release} would. Atomic for each record and not for all of them. A store
	 * should take one round trip for all completions, and one for each kind of release.
	 * Two calls that have records in common, in whatever order, must not block each other
	 * for good.
	 * <p>
	 * Unless overridden, they are written one after the other, which is correct and takes
	 * a round trip for each.
	 * @param writes what to write, each to another record
	 * @return of each, in the same order, whether the record was still its owner's
	 * @throws IllegalArgumentException if there are two writes to one record
	 */
	default List<Boolean> writeAll(List<Write> writes) {
		RecordId.requireDistinct(writes.stream().map((write) -> write.lease().id()).toList());
		return writes.stream().map((write) -> write.by(this)).toList();
	}

	/**
	 * Let many leases run for the given time from now, each as {@link #renew} would.
	 * Atomic for each record and not for all of them.
	 * <p>
	 * Unless overridden, they are renewed one after the other, which is correct and takes
	 * a round trip for each.
	 * @param leases the owners' tickets, each of another record
	 * @param extension the new remaining lease
	 * @return of each, in the same order, whether the record was still its owner's and in
	 * progress
	 * @throws IllegalArgumentException if there are two leases of one record
	 */
	default List<Boolean> renewAll(List<Lease> leases, Duration extension) {
		RecordId.requireDistinct(leases.stream().map(Lease::id).toList());
		return leases.stream().map((lease) -> renew(lease, extension)).toList();
	}

	/**
	 * Record that a step of the work was done, for the owners to come: it comes back with
	 * the {@linkplain ClaimResult.Acquired#checkpoints() claim} that takes the record
	 * over. To record a step a second time, with whatever outcome, changes nothing.
	 * @param lease the owner's ticket
	 * @param step the name of the step, any text of 1 to
	 * {@value Checkpoints#LONGEST_NAME} characters
	 * @param outcome what it came to
	 * @return whether the record was still this owner's and in progress
	 */
	boolean checkpoint(Lease lease, String step, StoredOutcome outcome);

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
