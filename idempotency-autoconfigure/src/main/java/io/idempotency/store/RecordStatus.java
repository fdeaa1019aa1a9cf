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
 * The state of a record as its store keeps it. Whether an IN_PROGRESS record still has a
 * live owner is a question of its {@linkplain IdempotencyRecord#lapsed() lease}.
 */
public enum RecordStatus {

	/** An owner claimed it; its lease may have lapsed. */
	IN_PROGRESS,

	/** An outcome is recorded. */
	COMPLETED,

	/** The last attempt failed; the next claim with the same fingerprint runs again. */
	FAILED,

	/** It is not known whether the work was done; an operator decides. */
	UNKNOWN

}
