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

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import io.idempotency.Idempotent;
import io.idempotency.OnUnknown;
import io.idempotency.TransactionMode;
import jakarta.validation.constraints.Positive;

import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.validation.annotation.Validated;

/**
 * Guarded methods that are called inside of transactions on the store's database.
 */
@Validated
class JoinedPayments {

	private final Ledger ledger;

	JoinedPayments(Ledger ledger) {
		this.ledger = ledger;
	}

	@Idempotent(key = "#key", operation = "charge")
	public String charge(String key) throws Exception {
		return this.ledger.enter(key);
	}

	@Idempotent(key = "#key", operation = "charge-or-hold", onUnknown = OnUnknown.HOLD)
	public String chargeOrHold(String key) throws Exception {
		return this.ledger.enter(key);
	}

	@Idempotent(key = "#key", operation = "charge-amount")
	public String chargeAmount(String key, @Positive int amount) throws Exception {
		return this.ledger.enter(key);
	}

	@Idempotent(key = "#key", operation = "charge-unless", unless = "true")
	public String chargeUnless(String key) throws Exception {
		return this.ledger.enter(key);
	}

	@Idempotent(key = "#key", operation = "run", fingerprint = "none")
	public String run(String key, Supplier<String> work) {
		return work.get();
	}

	@Idempotent(key = "#key", operation = "charge-later")
	public CompletableFuture<String> chargeLater(String key) throws Exception {
		return CompletableFuture.completedFuture(this.ledger.enter(key));
	}

	@Idempotent(key = "#key", operation = "deposit")
	public Account deposit(String key) {
		return this.ledger.deposit(key);
	}

	@Transactional
	@Idempotent(key = "#key", operation = "deposit-atomically", transaction = TransactionMode.ATOMIC)
	public Account depositAtomically(String key) {
		return this.ledger.deposit(key);
	}

	@Transactional
	@Idempotent(key = "#key", operation = "join")
	public String join(String key) throws Exception {
		return this.ledger.enter(key);
	}

	@Transactional(propagation = Propagation.NESTED)
	@Idempotent(key = "#key", operation = "nest")
	public String nest(String key) throws Exception {
		return this.ledger.enter(key);
	}

	@Transactional(propagation = Propagation.REQUIRES_NEW)
	@Idempotent(key = "#key", operation = "charge-in-new", transaction = TransactionMode.ATOMIC)
	public String chargeInNew(String key) throws Exception {
		return this.ledger.enter(key);
	}

	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	@Idempotent(key = "#key", operation = "charge-without", transaction = TransactionMode.SEPARATE)
	public String chargeWithout(String key) throws Exception {
		return this.ledger.enter(key);
	}

	@Idempotent(key = "#key", operation = "separate", transaction = TransactionMode.SEPARATE)
	public String separate(String key) throws Exception {
		return this.ledger.enter(key);
	}

	@Transactional
	@Idempotent(key = "#key", operation = "atomic", transaction = TransactionMode.ATOMIC)
	public String atomic(String key) throws Exception {
		return this.ledger.enter(key);
	}

	@Idempotent(key = "#key", operation = "joined", transaction = TransactionMode.JOINED)
	public String joined(String key) throws Exception {
		return this.ledger.enter(key);
	}

	@Transactional
	@Idempotent(key = "#key", operation = "join-or-open", transaction = TransactionMode.JOINED)
	public String joinOrOpen(String key) throws Exception {
		return this.ledger.enter(key);
	}

	@Transactional
	@Idempotent(key = "#key", operation = "join-or-open-amount", transaction = TransactionMode.JOINED,
			fingerprint = "none")
	public String joinOrOpenAmount(String key, @Positive int amount) throws Exception {
		return this.ledger.enter(key);
	}

}
