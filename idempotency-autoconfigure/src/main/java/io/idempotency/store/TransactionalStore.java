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

import org.jspecify.annotations.Nullable;

/**
 * A store in the database of the application's own data, whose records can be written in
 * the transaction of the calling thread. Then record and effect are committed together or
 * not at all. The verbs that it has as an {@link IdempotencyStore} stay apart from that
 * transaction.
 */
public interface TransactionalStore extends IdempotencyStore {

	/**
	 * Return the verbs that take part in the current thread's transaction.
	 * @return the verbs, to be used on this thread and in this transaction only;
	 * {@code null} if the thread is in no transaction on this store's database, or in one
	 * that only reads
	 */
	@Nullable JoinedVerbs joined();

	/**
	 * Return whether a transaction manager's transactions are transactions on this
	 * store's database.
	 * @param transactionManager a transaction manager of the application
	 * @return whether its transactions can be joined
	 */
	boolean joinsTransactionsOf(Object transactionManager);

	/**
	 * Verbs within one transaction. What they write is seen by others when it is
	 * committed, and is gone when it is rolled back. They may wait for a row that another
	 * transaction has locked. An error of the database comes as an exception of Spring's
	 * data access hierarchy, and the end of the transaction's time as one of its
	 * transaction hierarchy; either may have spoilt the transaction.
	 */
	interface JoinedVerbs {

		/**
		 * Try to become the owner of a record.
		 * @param request what is asked for
		 * @return the lease, or the record that stands in the way
		 * @throws UnreadableRecordException if the record was written by a newer version
		 * of the library
		 */
		ClaimResult claim(ClaimRequest request);

		/**
		 * Write what a persistence context of this transaction still holds back, so that
		 * generated values and versions are what they will be after the commit.
		 */
		void flush();

		/**
		 * Record the outcome.
		 * @param lease the owner's ticket
		 * @param outcome what happened
		 * @param ttl how long to keep it, from now
		 * @return whether the record was still this owner's
		 */
		boolean complete(Lease lease, StoredOutcome outcome, Duration ttl);

		/**
		 * Record that a step of the work was done.
		 * @param lease the owner's ticket
		 * @param step the name of the step
		 * @param outcome what it came to
		 * @return whether the record was still this owner's and in progress
		 */
		boolean checkpoint(Lease lease, String step, StoredOutcome outcome);

		/**
		 * Make the record claimable as if there had been none.
		 * @param lease the owner's ticket
		 * @return whether the record was still this owner's
		 */
		boolean forget(Lease lease);

		/**
		 * Return whether the transaction sees one snapshot of the database, so that it
		 * could not write to a record that was renewed since it began.
		 * @return whether the lease must not be renewed while it runs
		 */
		boolean isSnapshot();

		/**
		 * Return whether somebody already decided that the transaction is rolled back.
		 * @return whether it is known that it will not be committed
		 */
		boolean isRollbackOnly();

		/**
		 * Decide that the transaction is rolled back, whatever becomes of an exception.
		 */
		void setRollbackOnly();

	}

}
