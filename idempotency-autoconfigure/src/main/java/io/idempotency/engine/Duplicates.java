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

import io.idempotency.store.ClaimResult;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.StoredOutcome;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Answers callers who did not win the claim.
 */
final class Duplicates {

	private static final Log logger = LogFactory.getLog(IdempotencyEngine.class);

	private final Outcomes outcomes;

	private final IdempotencyListener listener;

	Duplicates(Outcomes outcomes, IdempotencyListener listener) {
		this.outcomes = outcomes;
		this.listener = listener;
	}

	/**
	 * Return the answer that a record holds for a caller.
	 * @param conversation the caller
	 * @param request its claim
	 * @param occupied the record that stands in its way
	 * @return the answer to replay
	 * @throws io.idempotency.IdempotencyException if there is none for this caller
	 */
	Landing.Outcome answer(Conversation conversation, ClaimRequest request, ClaimResult.Occupied occupied) {
		IdempotencyRecord record = occupied.record();
		Decision decision = Decision.of(occupied, request, conversation.onConcurrent());
		StoredOutcome outcome = record.outcome();
		if (decision == Decision.REPLAY && outcome != null) {
			return Landing.Outcome.of(record, outcome);
		}
		throw switch (decision) {
			case REJECT_MISMATCH -> Refusals.mismatch(conversation);
			case OUTCOME_UNKNOWN -> Refusals.outcomeUnknown(conversation, record);
			case WAIT, REJECT_IN_PROGRESS -> Refusals.inProgress(conversation, record);
			case REPLAY, PROCEED -> new IllegalStateException("A completed record has an outcome: " + record.id());
		};
	}

	/**
	 * Give a recorded answer to a caller.
	 * @param conversation the caller
	 * @param landing the answer
	 * @return the restored result
	 * @throws Throwable the remembered failure, or an
	 * {@link io.idempotency.IdempotencyException}
	 */
	@Nullable Object replay(Conversation conversation, Landing.Outcome landing) throws Throwable {
		meet(conversation, landing);
		return this.outcomes.replay(conversation, landing.outcome());
	}

	/**
	 * Note that a caller gets a recorded answer, if it asked for the same.
	 * @param conversation the caller
	 * @param landing the answer
	 * @throws io.idempotency.IdempotencyKeyMismatchException if it asked for something
	 * else
	 */
	void meet(Conversation conversation, Landing.Outcome landing) {
		if (!conversation.matches(landing.fingerprint())) {
			throw Refusals.mismatch(conversation);
		}
		GuardedCall call = conversation.call();
		conversation.replays(landing.age());
		if (logger.isDebugEnabled()) {
			logger.debug("Duplicate of " + call.label() + ": answered by the run that began " + landing.age().toMillis()
					+ " ms ago");
		}
		this.listener.duplicate(call, landing.age());
	}

}
