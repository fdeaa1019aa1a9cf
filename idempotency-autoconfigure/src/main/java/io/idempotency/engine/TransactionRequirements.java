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

import io.idempotency.TransactionMode;
import io.idempotency.store.TransactionalStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction mode needs, checked when an operation is declared, so that a mode
 * that cannot hold fails the start-up and not the first payment.
 */
final class TransactionRequirements {

	private static final Log logger = LogFactory.getLog(TransactionRequirements.class);

	private final OperationSpec spec;

	private final TransactionUse use;

	private TransactionRequirements(OperationSpec spec) {
		this.spec = spec;
		this.use = spec.transactionUse();
	}

	/**
	 * Check.
	 * @param spec the operation
	 * @throws InvalidOperationException if its mode cannot hold
	 */
	static void check(OperationSpec spec) {
		TransactionRequirements requirements = new TransactionRequirements(spec);
		switch (spec.transaction()) {
			case UNSET, AUTO -> requirements.checkAuto();
			case ATOMIC -> requirements.checkAtomic();
			case JOINED -> requirements.checkJoined();
			case SEPARATE -> {
			}
		}
	}

	private void checkAuto() {
		if (this.spec.modeOfItsOwn() == TransactionMode.ATOMIC && unrenewable()) {
			logger.warn("Operation '" + this.spec.name() + "' runs in a transaction above READ COMMITTED without a "
					+ "time-out, so its lease of " + this.spec.lease() + " is not renewed: a run that takes longer may "
					+ "be rolled back. Set @Transactional(timeout = …), which then is its lease");
		}
	}

	private void checkAtomic() {
		checkStore();
		if (!this.use.opens()) {
			throw invalid("its method opens no transaction",
					"Make it @Transactional with propagation REQUIRED or REQUIRES_NEW, or use AUTO");
		}
		checkWrites();
		if (unrenewable()) {
			throw invalid("its isolation is above READ COMMITTED and it has no time-out",
					"Set @Transactional(timeout = …): the lease cannot be renewed under this isolation, "
							+ "and has to last as long as the transaction may");
		}
	}

	private void checkJoined() {
		checkStore();
		if (this.use.callers() == TransactionUse.Callers.LEFT && !this.use.opens()) {
			throw invalid("its method runs in no transaction at all",
					"Change the propagation of its @Transactional, or use AUTO");
		}
		checkWrites();
		if (!this.spec.rememberFailures().isEmpty()) {
			throw invalid("it remembers failures, whose rollback would take the record with it",
					"Remove rememberFailures, or use ATOMIC");
		}
	}

	private void checkStore() {
		if (!(this.spec.store() instanceof TransactionalStore store)) {
			throw invalid("its store '" + this.spec.store().name() + "' takes part in no transaction",
					"Use the store jpa or jdbc, or use AUTO");
		}
		if (this.spec.asynchronous()) {
			throw invalid("its work goes on after its transaction", "Return the value itself, or use AUTO");
		}
		Object manager = this.use.manager();
		if (manager == null && this.use.opens()) {
			throw invalid("it is not known which transaction manager its method uses: there are several, or none",
					"Name the manager of the store's DataSource in @Transactional, or make it @Primary; declare one "
							+ "if there is none");
		}
		if (manager != null && this.use.opens() && !store.joinsTransactionsOf(manager)) {
			throw invalid(
					"its transactions, by " + manager.getClass().getName() + ", are not on the database of store '"
							+ store.name() + "'",
					"Let @Transactional name the manager of the store's DataSource, or use AUTO. "
							+ "JTA is not supported");
		}
	}

	private void checkWrites() {
		if (this.use.opens() && this.use.readOnly()) {
			throw invalid("its transaction is read-only", "Remove readOnly, or use AUTO");
		}
	}

	private boolean unrenewable() {
		return this.use.snapshot() && this.use.timeout() == null;
	}

	private InvalidOperationException invalid(String why, String action) {
		return new InvalidOperationException(this.spec.name(),
				"has transaction=" + this.spec.transaction() + ", but " + why, action);
	}

}
