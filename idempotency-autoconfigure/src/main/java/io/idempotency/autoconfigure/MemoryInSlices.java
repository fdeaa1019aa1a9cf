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

import io.idempotency.TransactionMode;
import io.idempotency.engine.OperationSettings;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.TransactionalStore;

/**
 * Says that this application context is a test slice: it reads the configuration of the
 * whole application and has only some of its beans. Records are kept in memory where
 * their store is not there.
 */
record MemoryInSlices() {

	/**
	 * A slice may lack the database, which is no reason to refuse an operation that asks
	 * to be part of its transactions.
	 * @param settings the settings of an operation
	 * @param store where its records are kept here
	 * @return settings that can hold with that store
	 */
	OperationSettings forStore(OperationSettings settings, IdempotencyStore store) {
		return (store instanceof TransactionalStore) ? settings
				: OperationSettings.builder().transaction(TransactionMode.SEPARATE).build().over(settings);
	}

}
