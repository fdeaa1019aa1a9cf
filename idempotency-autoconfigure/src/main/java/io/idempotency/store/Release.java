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

/**
 * How an owner gives a record back without an outcome.
 */
public sealed interface Release {

	/**
	 * The work provably did not start, or its result is not to be kept: the record is
	 * claimable at once as if there had been none, by any fingerprint, and
	 * {@linkplain IdempotencyStore#find not found}. A store may keep what it needs to let
	 * the fence of the next claim grow; whether anything is removed is its own business.
	 */
	record Forget() implements Release {

	}

	/**
	 * The attempt failed: keep the record for audit, claimable at once.
	 *
	 * @param note why it failed
	 */
	record Failed(FailureNote note) implements Release {

	}

	/**
	 * It is not known whether the work was done: nobody runs it again until an operator
	 * {@linkplain IdempotencyStore#resolve resolves} the record.
	 *
	 * @param note why it is not known
	 */
	record Unknown(FailureNote note) implements Release {

	}

}
