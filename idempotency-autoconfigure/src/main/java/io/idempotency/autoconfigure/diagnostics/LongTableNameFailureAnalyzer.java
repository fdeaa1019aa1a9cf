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

import io.idempotency.store.sql.LongTableNameException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Analyzes a {@link LongTableNameException}.
 */
final class LongTableNameFailureAnalyzer extends AbstractFailureAnalyzer<LongTableNameException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LongTableNameException cause) {
		return new FailureAnalysis("The table '" + cause.getTable()
				+ "' has a name that is too long for Flyway, whose history of it is " + "named after it.", """
						Do one of these:
						- set idempotency.sql.table to a name of at most %d characters
						- set idempotency.sql.flyway=false and create the table by other means
						""".formatted(cause.getLongest()), cause);
	}

}
