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

package io.idempotency.autoconfigure.diagnostics;

import io.idempotency.store.sql.OutdatedDatabaseException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Analyzes an {@link OutdatedDatabaseException}.
 */
final class OutdatedDatabaseFailureAnalyzer extends AbstractFailureAnalyzer<OutdatedDatabaseException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, OutdatedDatabaseException cause) {
		return new FailureAnalysis(
				"The database is " + cause.getProduct() + " " + cause.getFound()
						+ ", which is too old to keep idempotency records in.",
				"Use " + cause.getProduct() + " " + cause.getNeeded()
						+ " or newer, set idempotency.store=redis, or declare a bean of type IdempotencyStore.",
				cause);
	}

}
