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

import io.idempotency.OnUnknown;

/**
 * What is written into the record once it is known how the work ended: a pure function of
 * what was seen.
 */
enum Settlement {

	/** Record the result. */
	RECORD_VALUE,

	/** Record the failure as an answer, for the short retention of failures. */
	REMEMBER_FAILURE,

	/**
	 * Record the failure as an answer for as long as a result: its effect is committed.
	 */
	RECORD_COMMITTED_FAILURE,

	/** Keep the record as failed; the next claim runs again. */
	FAIL,

	/** Remove the record: the work did not start, or its result is not to be kept. */
	FORGET,

	/** Keep anybody from running it until an operator decides. */
	HOLD_UNKNOWN,

	/** Write nothing: the lease lapses and the record's policy decides. */
	LEAVE;

	/**
	 * Decide.
	 * @param ending how the work ended
	 * @param policy the operation's policy for what is not known
	 * @return what to write
	 */
	static Settlement of(Ending ending, OnUnknown policy) {
		return switch (ending.answer()) {
			case RETURNED -> ofReturned(ending, policy);
			case RETURNED_TO_FORGET -> FORGET;
			case THREW, THREW_REMEMBERED, THREW_WITHOUT_EFFECT -> ofThrown(ending, policy);
		};
	}

	/**
	 * Return whether an outcome is written, by which later callers are answered.
	 * @return whether an outcome is recorded
	 */
	boolean recordsOutcome() {
		return this == RECORD_VALUE || this == REMEMBER_FAILURE || this == RECORD_COMMITTED_FAILURE;
	}

	private static Settlement ofReturned(Ending ending, OnUnknown policy) {
		return switch (ending.transaction()) {
			case NONE, COMMITTED, COMMITTED_READ_ONLY -> RECORD_VALUE;
			case ROLLED_BACK -> failed(policy);
			case UNKNOWN -> LEAVE;
		};
	}

	private static Settlement ofThrown(Ending ending, OnUnknown policy) {
		if (!ending.reached()) {
			return FORGET;
		}
		if (ending.transaction() == Ending.TransactionEnd.UNKNOWN) {
			return LEAVE;
		}
		if (ending.transaction() == Ending.TransactionEnd.COMMITTED && ending.ownTransaction()) {
			return RECORD_COMMITTED_FAILURE;
		}
		if (ending.answer() == Ending.Answer.THREW_REMEMBERED) {
			return REMEMBER_FAILURE;
		}
		if (ending.answer() == Ending.Answer.THREW_WITHOUT_EFFECT) {
			return FAIL;
		}
		return failed(policy);
	}

	private static Settlement failed(OnUnknown policy) {
		return (policy == OnUnknown.HOLD) ? HOLD_UNKNOWN : FAIL;
	}

	/**
	 * How the work ended.
	 *
	 * @param answer what came back
	 * @param reached whether the work itself was reached, rather than refused before it
	 * @param transaction how its transaction ended
	 * @param ownTransaction whether that transaction was opened for the method, not by
	 * the caller
	 */
	record Ending(Answer answer, boolean reached, TransactionEnd transaction, boolean ownTransaction) {

		/**
		 * Return how it ended if the commit of its transaction says nothing about the
		 * failure, as where the transaction is that of other work, too.
		 * @return the same end, without a transaction of its own
		 */
		Ending besideItsTransaction() {
			return new Ending(this.answer, this.reached, this.transaction, false);
		}

		enum Answer {

			RETURNED, RETURNED_TO_FORGET, THREW, THREW_REMEMBERED, THREW_WITHOUT_EFFECT

		}

		enum TransactionEnd {

			NONE, COMMITTED, COMMITTED_READ_ONLY, ROLLED_BACK, UNKNOWN;

			static TransactionEnd of(Transactions.End end, boolean readOnly) {
				return switch (end) {
					case COMMITTED -> readOnly ? COMMITTED_READ_ONLY : COMMITTED;
					case ROLLED_BACK -> ROLLED_BACK;
					case UNKNOWN -> UNKNOWN;
				};
			}

		}

	}

}
