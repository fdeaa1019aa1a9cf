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
package io.idempotency;

/**
 * How the record of a call relates to the transaction of the work. {@link #ATOMIC} and
 * {@link #JOINED} need a relational store, {@code jpa} or {@code jdbc}, in the database
 * that the work writes to, and a JDBC or JPA transaction manager on it; where that cannot
 * be, start-up fails.
 */
public enum TransactionMode {

	/** As configured: the operation's, then {@code idempotency.transaction}. */
	UNSET,

	/**
	 * The strongest mode that the store and the method allow: {@link #JOINED} where the
	 * method takes part in a transaction of its caller's on the store's database,
	 * {@link #ATOMIC} where it opens one of its own, and {@link #SEPARATE} otherwise, as
	 * for a read-only transaction, an asynchronous result, or a store outside of the
	 * database. What counts where nothing is set.
	 */
	AUTO,

	/**
	 * Claim and outcome are written on their own, apart from the transaction of the work,
	 * and the outcome after that has ended. A crash in between leads to a second run, or
	 * to "outcome unknown". A method of this mode must not be called inside a transaction
	 * on the store's own database, unless it leaves it: that would take a second
	 * connection per thread.
	 */
	SEPARATE,

	/**
	 * The claim is written on its own, so that duplicates see it at once and hold no
	 * connection; the outcome is written in the method's own transaction, as the last
	 * thing before its commit. An owner that lost its lease cannot commit. What the
	 * method itself returned or threw is the answer for all callers, whatever an advice
	 * inside of its transaction makes of it. Like {@link #SEPARATE} it must not be called
	 * inside a transaction on the store's database.
	 */
	ATOMIC,

	/**
	 * Claim and outcome are written in the transaction of the caller or of the method:
	 * one commit for all. A concurrent duplicate waits in the database until that
	 * transaction ends, with its connection. Failures cannot be remembered, because their
	 * rollback takes the record with it. The transaction need not be the method's own, so
	 * its absence is only seen at a call: one that begins in no transaction on the
	 * store's database throws an {@link IllegalStateException}, and nothing runs.
	 */
	JOINED

}
