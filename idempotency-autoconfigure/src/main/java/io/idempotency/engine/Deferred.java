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

import io.idempotency.store.StoredOutcome;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The result of a run whose record waits for the end of the caller's transaction.
 *
 * @param run the run
 * @param answer what the work came to
 * @param outcome the encoded result
 */
record Deferred(Run run, Settlement.Ending.Answer answer, StoredOutcome outcome) {

	private static final Log logger = LogFactory.getLog(Deferred.class);

	void settle(Transactions.End end) {
		RunContext context = this.run.context();
		try {
			this.run.settle(new Settlement.Ending(this.answer, context.reached(),
					Settlement.Ending.TransactionEnd.of(end, false), false), () -> this.outcome, null);
		}
		catch (RuntimeException | Error ex) {
			logger.warn("The caller's transaction is complete, but " + context.call().label()
					+ " was settled by somebody else meanwhile", ex);
		}
	}

}
