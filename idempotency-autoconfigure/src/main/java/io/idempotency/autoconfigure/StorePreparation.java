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

package io.idempotency.autoconfigure;

import io.idempotency.store.IdempotencyStore;

/**
 * Makes a store ready before its first use: creates or checks its table, looks at its
 * server. Not called for stores that are there and not used.
 */
interface StorePreparation {

	/**
	 * Return which stores this is about.
	 * @param store a store
	 * @return whether to prepare it
	 */
	boolean supports(IdempotencyStore store);

	/**
	 * Prepare the store, on the thread that needs it first.
	 * @param store the store
	 */
	void prepare(IdempotencyStore store);

}
