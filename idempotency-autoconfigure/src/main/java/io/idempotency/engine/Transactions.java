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

import java.util.function.Consumer;

import io.idempotency.store.RecordId;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * What the engine asks about the transaction of the current thread. Without Spring's
 * transaction support on the class path there is {@link #NONE}.
 */
interface Transactions {

	/** Nobody is ever in a transaction. */
	Transactions NONE = () -> null;

	/**
	 * Return what fits the class path.
	 * @return Spring's transactions, or {@link #NONE} without them
	 */
	static Transactions detect() {
		return ClassUtils.isPresent("org.springframework.transaction.support.TransactionSynchronizationManager",
				Transactions.class.getClassLoader()) ? new SpringTransactions() : NONE;
	}

	/**
	 * Return the transaction that the current thread is in. The same transaction is
	 * always represented by the same object; a suspended one is not current.
	 * @return the transaction, or {@code null} outside of one
	 */
	@Nullable Current current();

	/**
	 * A transaction that is under way on this thread.
	 */
	interface Current {

		/**
		 * Return whether the transaction only reads.
		 * @return whether it was declared read-only
		 */
		boolean readOnly();

		/**
		 * Ask to be told how the transaction ended. A rollback to an earlier savepoint is
		 * an end for what was called since.
		 * @param callback called once, on this thread, after the transaction completed or
		 * when it is rolled back to a savepoint that is older than this callback
		 */
		void afterCompletion(Consumer<End> callback);

		/**
		 * Ask to be called right before the transaction is committed, and not if it is
		 * rolled back. What the callback throws keeps it from being committed.
		 * @param callback called once, on this thread
		 */
		void beforeCommit(Runnable callback);

		/**
		 * Keep the answer of a call whose outcome is recorded once this transaction
		 * committed, for a second call in the same transaction.
		 * @param id the record
		 * @param landing the answer
		 */
		void keep(RecordId id, Landing.Outcome landing);

		/**
		 * Return a kept answer.
		 * @param id the record
		 * @return the answer, or {@code null}
		 */
		Landing.@Nullable Outcome kept(RecordId id);

	}

	/**
	 * How a transaction ended.
	 */
	enum End {

		COMMITTED, ROLLED_BACK, UNKNOWN

	}

}
