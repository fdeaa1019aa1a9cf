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

import io.idempotency.Idempotent;
import io.idempotency.TransactionMode;

import org.springframework.transaction.annotation.Transactional;

/**
 * One insert of the application's own, guarded in each mode.
 */
class CountedPayments {

	private final Ledger ledger;

	CountedPayments(Ledger ledger) {
		this.ledger = ledger;
	}

	@Transactional
	@Idempotent(key = "#key", operation = "joined", transaction = TransactionMode.JOINED)
	public String joined(String key) throws Exception {
		return this.ledger.enter(key);
	}

	@Transactional
	@Idempotent(key = "#key", operation = "atomic", transaction = TransactionMode.ATOMIC)
	public String atomic(String key) throws Exception {
		return this.ledger.enter(key);
	}

	@Transactional
	@Idempotent(key = "#key", operation = "separate", transaction = TransactionMode.SEPARATE)
	public String separate(String key) throws Exception {
		return this.ledger.enter(key);
	}

}
