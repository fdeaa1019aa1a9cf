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

import java.util.ArrayList;
import java.util.List;

import io.idempotency.OnConcurrent;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.LockedRecordException;
import org.jspecify.annotations.Nullable;

/**
 * Lets a batch through to those of its keys that are free, by one claim for all of them
 * and without waiting for anybody.
 */
final class BatchAdmission {

	private final Flights flights;

	private final Claims claims;

	private final Duplicates duplicates;

	private final Admission single;

	BatchAdmission(Flights flights, Claims claims, Duplicates duplicates, Admission single) {
		this.flights = flights;
		this.claims = claims;
		this.duplicates = duplicates;
		this.single = single;
	}

	/**
	 * Win what is free and answer what has an answer. The rest stays
	 * {@linkplain BatchEntry#pending() pending}.
	 * @param entries the keys, none of them answered
	 */
	void admit(List<BatchEntry> entries) {
		List<BatchEntry> leaders = new ArrayList<>();
		List<Flight> led = new ArrayList<>();
		for (BatchEntry entry : entries) {
			if (entry.state() instanceof BatchState.Behind behind
					&& behind.ahead().landed() instanceof Landing.Outcome outcome) {
				replay(entry, outcome);
			}
			else if (entry.pending()) {
				Flight flight = this.flights.lead(entry.conversation());
				if (flight != null) {
					leaders.add(entry);
					led.add(flight);
				}
				else {
					Flight ahead = this.flights.ahead(entry.conversation());
					entry.becomes((ahead != null) ? new BatchState.Behind(ahead) : BatchState.Free.INSTANCE);
				}
			}
		}
		if (!leaders.isEmpty()) {
			lead(leaders, led);
		}
	}

	/**
	 * Wait for whoever is at a key. The batch holds no other key meanwhile. A key that
	 * turns out to be free stays pending, to be claimed together with others, unless it
	 * was somewhere else: whoever waits for that asks the store.
	 * @param entry the key, which is pending
	 */
	void await(BatchEntry entry) {
		Admission.Admitted admitted = entry.orFail(() -> awaited(entry));
		if (admitted instanceof Admission.Admitted.Won won) {
			entry.becomes(new BatchState.Won(won));
		}
		else if (admitted instanceof Admission.Admitted.Answered answered) {
			replay(entry, answered.outcome());
		}
		else if (admitted == Admission.Admitted.Skipped.INSTANCE) {
			entry.skipped();
		}
		else if (admitted instanceof Admission.Admitted.Unclaimed unclaimed) {
			proceed(List.of(entry), unclaimed);
		}
	}

	private Admission.@Nullable Admitted awaited(BatchEntry entry) {
		if (entry.state() == BatchState.Elsewhere.INSTANCE) {
			return this.single.admit(entry.conversation());
		}
		return (entry.state() instanceof BatchState.Behind behind)
				? this.single.follow(entry.conversation(), behind.ahead()) : null;
	}

	private void lead(List<BatchEntry> entries, List<Flight> flights) {
		List<Claims.Claimed> claimed;
		try {
			claimed = this.claims.claimAll(entries.stream().map(BatchEntry::conversation).toList());
		}
		catch (StoreFailure ex) {
			flights.forEach((flight) -> flight.land(new Landing.StoreFailed(ex.failure())));
			proceed(entries, new Admission.Admitted.Unclaimed(ex.failure()));
			return;
		}
		catch (RuntimeException | Error ex) {
			flights.forEach((flight) -> flight.land(Landing.VACANT));
			throw ex;
		}
		for (int i = 0; i < entries.size(); i++) {
			Claims.Claimed each = claimed.get(i);
			if (each.result() instanceof ClaimResult.Acquired acquired) {
				entries.get(i)
					.becomes(new BatchState.Won(new Admission.Admitted.Won(flights.get(i), acquired, each.sentAt())));
			}
			else {
				Landing.Outcome answer = answer(entries.get(i), each.request(), each.result());
				flights.get(i).land((answer != null) ? answer : Landing.VACANT);
			}
		}
	}

	/** Return what the record holds, if it does, for others in this JVM too. */
	private Landing.@Nullable Outcome answer(BatchEntry entry, ClaimRequest request, ClaimResult result) {
		Conversation conversation = entry.conversation();
		boolean waits = conversation.onConcurrent() == OnConcurrent.WAIT && conversation.remainingNanos() > 0;
		if (result instanceof ClaimResult.Refused refused) {
			if (waits && refused.reason() instanceof LockedRecordException) {
				entry.becomes(BatchState.Elsewhere.INSTANCE);
			}
			else {
				entry.refused(Admission.refusal(conversation, refused.reason()));
			}
			return null;
		}
		ClaimResult.Occupied occupied = (ClaimResult.Occupied) result;
		if (waits && Decision.of(occupied, request, conversation.onConcurrent()) == Decision.WAIT) {
			conversation.waits();
			entry.becomes(BatchState.Elsewhere.INSTANCE);
			return null;
		}
		Landing.Outcome outcome = entry.orFail(() -> this.duplicates.answer(conversation, request, occupied));
		if (outcome != null) {
			replay(entry, outcome);
		}
		return outcome;
	}

	void replay(BatchEntry entry, Landing.Outcome outcome) {
		try {
			entry.replayed(this.duplicates.replay(entry.conversation(), outcome), outcome.age());
		}
		catch (Throwable ex) {
			entry.failed(ex);
		}
	}

	private static void proceed(List<BatchEntry> entries, Admission.Admitted.Unclaimed unclaimed) {
		List<GuardedCall> unprotected = new ArrayList<>();
		for (BatchEntry entry : entries) {
			try {
				unclaimed.requirePermission(entry.conversation());
				entry.becomes(BatchState.Unprotected.INSTANCE);
				unprotected.add(entry.conversation().call());
			}
			catch (RuntimeException ex) {
				entry.failed(ex);
			}
		}
		if (!unprotected.isEmpty()) {
			unclaimed.warn(unprotected);
		}
	}

}
