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

package io.idempotency.autoconfigure.transactions;

import java.util.Locale;
import java.util.Set;

import io.idempotency.OnUnknown;
import io.idempotency.TransactionMode;

import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Propagation;

/**
 * One cell of the matrix: a guarded method, where it is called and how its work ends; and
 * what the transactions alone make of that, with no library around.
 *
 * @param mode the mode that is asked for
 * @param propagation of the method, or {@code null} for one that is not transactional
 * @param isolation of the method and of its caller's transaction
 * @param rule of the method
 * @param place where it is called
 * @param end how it ends
 */
record Cell(TransactionMode mode, Propagation propagation, Isolation isolation, Rule rule, Place place, End end) {

	private static final Set<Propagation> OPENING = Set.of(Propagation.REQUIRED, Propagation.REQUIRES_NEW,
			Propagation.NESTED);

	private static final Set<Propagation> LEAVING = Set.of(Propagation.REQUIRES_NEW, Propagation.NOT_SUPPORTED,
			Propagation.NEVER);

	/**
	 * Return the transaction that the work would be in if no library were there.
	 * @param savepoints whether the transaction manager has savepoints
	 * @return the transaction
	 */
	Transaction transaction(boolean savepoints) {
		if (this.place == Place.OUTSIDE) {
			if (this.propagation == Propagation.MANDATORY) {
				return Transaction.REFUSED;
			}
			return opens() ? Transaction.OWN : Transaction.NONE;
		}
		if (this.propagation == null) {
			return Transaction.CALLERS;
		}
		return switch (this.propagation) {
			case REQUIRED, SUPPORTS, MANDATORY -> Transaction.CALLERS;
			case REQUIRES_NEW -> Transaction.OWN;
			case NESTED -> savepoints ? Transaction.SAVEPOINT : Transaction.REFUSED;
			case NOT_SUPPORTED -> Transaction.NONE;
			case NEVER -> Transaction.REFUSED;
		};
	}

	boolean opens() {
		return this.propagation != null && OPENING.contains(this.propagation);
	}

	boolean leaves() {
		return this.propagation != null && LEAVING.contains(this.propagation);
	}

	boolean throwing() {
		return this.end == End.THROW || this.end == End.THROW_CHECKED;
	}

	/**
	 * Return whether this cell exists: what is never reached has one end only, and where
	 * there is no transaction, none is committed or rolled back.
	 * @param transaction the transaction that the work is in
	 * @return whether it makes sense
	 */
	boolean exists(Transaction transaction) {
		return switch (this.end) {
			case RETURN -> true;
			case THROW, THROW_CHECKED -> transaction != Transaction.REFUSED;
			case CALLER_ROLLS_BACK -> this.place == Place.IN_TRANSACTION && transaction != Transaction.REFUSED;
			case SET_ROLLBACK_ONLY, COMMIT_REFUSED, COMMIT_FAILS, COMMIT_ANSWER_LOST ->
				transaction != Transaction.REFUSED && transaction != Transaction.NONE;
		};
	}

	/**
	 * Return how many effects the transactions leave.
	 * @param transaction the transaction that the work is in
	 * @return 0 or 1
	 */
	int effects(Transaction transaction) {
		if (transaction == Transaction.REFUSED) {
			return 0;
		}
		boolean committed = switch (this.end) {
			case RETURN, COMMIT_ANSWER_LOST -> true;
			case THROW -> transaction == Transaction.NONE || this.propagation == null || this.rule == Rule.REVERSED;
			case THROW_CHECKED ->
				transaction == Transaction.NONE || this.propagation == null || this.rule == Rule.ORDINARY;
			case CALLER_ROLLS_BACK -> transaction == Transaction.NONE || transaction == Transaction.OWN;
			case SET_ROLLBACK_ONLY, COMMIT_REFUSED, COMMIT_FAILS -> false;
		};
		return committed ? 1 : 0;
	}

	/**
	 * Return the name of the operation of this cell's method.
	 * @param onUnknown its policy
	 * @return a name
	 */
	String operation(OnUnknown onUnknown) {
		return String
			.join("-", this.mode.name(), (this.propagation != null) ? this.propagation.name() : "none",
					this.isolation.name(), this.rule.name(), onUnknown.name())
			.replace('_', '-')
			.toLowerCase(Locale.ROOT);
	}

	@Override
	public String toString() {
		return this.mode + ", " + ((this.propagation != null) ? this.propagation : "not transactional") + ", "
				+ this.isolation + ", " + this.rule + " rollback rules, called " + this.place + ": " + this.end;
	}

	/**
	 * Which exceptions roll back.
	 */
	enum Rule {

		/** Unchecked ones. */
		ORDINARY,

		/** Checked ones. */
		REVERSED

	}

	/**
	 * Where the method is called.
	 */
	enum Place {

		OUTSIDE, IN_TRANSACTION

	}

	/**
	 * How the work or its transaction ends. A caller in a transaction catches what the
	 * method throws and goes on.
	 */
	enum End {

		RETURN, THROW, THROW_CHECKED, SET_ROLLBACK_ONLY, CALLER_ROLLS_BACK, COMMIT_REFUSED, COMMIT_FAILS,
		COMMIT_ANSWER_LOST

	}

	/**
	 * The transaction that the work is in.
	 */
	enum Transaction {

		/** The work is not reached. */
		REFUSED,

		/** None. */
		NONE,

		/** One that was opened for it. */
		OWN,

		/** The caller's. */
		CALLERS,

		/** The caller's, in a savepoint. */
		SAVEPOINT

	}

}
