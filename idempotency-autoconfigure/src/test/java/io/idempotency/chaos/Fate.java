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
package io.idempotency.chaos;

/**
 * What becomes of the work, if this call is the one that runs it.
 */
enum Fate {

	SUCCEED,

	/** Dawdle in the database, then succeed. */
	SUCCEED_SLOWLY,

	/** Write something else in a transaction of its own meanwhile, then succeed. */
	SUCCEED_AROUND_ANOTHER_TRANSACTION,

	/** Take back a first entry by a savepoint, then succeed. */
	SUCCEED_AFTER_A_SAVEPOINT,

	/** Throw before there is an effect. */
	FAIL_EARLY,

	/** Throw after the effect, which is rolled back. */
	FAIL_LATE,

	/** Throw a checked exception, under which the effect is committed. */
	FAIL_COMMITTED,

	/** Throw what is remembered although the effect is rolled back. */
	DECLINE,

	/** Return after having asked for a rollback. */
	GIVE_BACK,

	/** Return although a statement failed, so that the transaction cannot commit. */
	SPOIL

}
