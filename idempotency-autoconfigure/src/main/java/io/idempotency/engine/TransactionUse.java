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

import java.time.Duration;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * What a method does about transactions by itself, whatever this library does.
 *
 * @param callers what becomes of the caller's transaction
 * @param opens whether it opens a transaction where it takes part in none of the caller's
 * @param readOnly whether the transaction that it opens only reads
 * @param snapshot whether that transaction sees one snapshot, so that a lease must not be
 * renewed while it runs: the completion would collide with the renewal
 * @param timeout the time-out of that transaction, or {@code null} if it has none
 * @param manager the manager of that transaction, or {@code null} if it is not known
 * @param rollsBackOn whether that transaction is rolled back after an exception
 */
public record TransactionUse(Callers callers, boolean opens, boolean readOnly, boolean snapshot,
		@Nullable Duration timeout, @Nullable Object manager, Predicate<Throwable> rollsBackOn) {

	/** A method that has nothing to do with transactions. */
	public static final TransactionUse NONE = new TransactionUse(Callers.JOINED, false, false, false, null, null,
			(failure) -> false);

	/**
	 * What becomes of a caller's transaction.
	 */
	public enum Callers {

		/** The method takes part in it. */
		JOINED,

		/** The method takes part in it, within a savepoint. */
		NESTED,

		/** The method does not take part in it. */
		LEFT

	}

}
