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

import io.idempotency.TransactionMode;

/**
 * How the record of one call relates to transactions.
 */
enum TransactionPlan {

	/** The record is written apart from the work. */
	SEPARATE,

	/** Claimed apart, recorded in the transaction that is opened for the work. */
	ATOMIC,

	/** Claimed and recorded in the caller's transaction. */
	JOIN_CALLER,

	/**
	 * Claimed and recorded in the transaction, or in the savepoint, that is opened for
	 * the work.
	 */
	JOIN_METHOD,

	/**
	 * The record would have to be written apart from the caller's transaction, by a
	 * second connection of its thread.
	 */
	REFUSED;

	/**
	 * Decide.
	 * @param mode what is asked for
	 * @param use what the method does about transactions
	 * @param asynchronous whether the work goes on after the method returned
	 * @param transactional whether the store can take part in transactions at all
	 * @param inTransaction whether the caller is in a transaction that the store can take
	 * part in
	 * @return the plan
	 */
	static TransactionPlan of(TransactionMode mode, TransactionUse use, boolean asynchronous, boolean transactional,
			boolean inTransaction) {
		boolean withCaller = inTransaction && use.callers() != TransactionUse.Callers.LEFT;
		return switch (mode) {
			case SEPARATE -> withCaller ? REFUSED : SEPARATE;
			case ATOMIC -> withCaller ? REFUSED : TransactionPlan.ATOMIC;
			case JOINED -> joined(use, withCaller);
			case UNSET, AUTO -> {
				if (!transactional || asynchronous) {
					yield SEPARATE;
				}
				if (withCaller) {
					yield joined(use, true);
				}
				yield (use.opens() && !use.readOnly()) ? ATOMIC : SEPARATE;
			}
		};
	}

	private static TransactionPlan joined(TransactionUse use, boolean withCaller) {
		return (withCaller && use.callers() == TransactionUse.Callers.JOINED) ? JOIN_CALLER : JOIN_METHOD;
	}

}
