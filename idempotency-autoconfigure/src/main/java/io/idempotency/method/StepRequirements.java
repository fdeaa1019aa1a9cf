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

package io.idempotency.method;

import io.idempotency.TransactionMode;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.engine.OnStoreFailure;
import io.idempotency.engine.OperationSpec;

/**
 * What a method needs that takes the steps of its run, checked when it is declared.
 */
final class StepRequirements {

	private StepRequirements() {
	}

	/**
	 * Check.
	 * @param spec the operation
	 * @param answers whether an edge records answers of its own rather than results
	 * @param conditional whether some calls of it are not guarded
	 * @throws InvalidOperationException if its runs cannot have steps
	 */
	static void check(OperationSpec spec, boolean answers, boolean conditional) {
		if (answers) {
			throw invalid(spec, "is a handler whose whole answer is recorded",
					"Take the steps in a guarded service method that the handler calls");
		}
		if (spec.asynchronous()) {
			throw invalid(spec, "returns before its work is done",
					"Return the value itself, from a method that waits for its steps");
		}
		if (spec.modeOfItsOwn() != TransactionMode.SEPARATE || spec.transactionUse().opens()) {
			throw invalid(spec, "runs in a transaction, whose rollback the records of its steps would outlive",
					"Remove @Transactional and transaction=" + TransactionMode.JOINED + " or " + TransactionMode.ATOMIC
							+ " from the method, and make single steps transactional()");
		}
		if (spec.onStoreFailure() == OnStoreFailure.PROCEED) {
			throw invalid(spec, "has on-store-failure=proceed, and there are no steps without a store",
					"Set on-store-failure to fail for it");
		}
		if (conditional) {
			throw invalid(spec, "has a condition, and a call that is not guarded has no steps",
					"Remove 'condition', and decide in the method or before it is called");
		}
	}

	private static InvalidOperationException invalid(OperationSpec spec, String why, String action) {
		return new InvalidOperationException(spec.name(), "takes DurableSteps, but " + why, action);
	}

}
