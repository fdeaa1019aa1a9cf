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

import java.sql.SQLException;

import io.idempotency.store.sql.UnreachableDatabaseException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Analyzes an {@link UnreachableDatabaseException}.
 */
final class UnreachableDatabaseFailureAnalyzer extends AbstractFailureAnalyzer<UnreachableDatabaseException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnreachableDatabaseException cause) {
		return new FailureAnalysis(
				"The database that is to keep the idempotency records does not answer: " + reason(cause),
				"Start the server, and check the address and the credentials in spring.datasource.* or of the "
						+ "DataSource that is marked with @IdempotencyDataSource.",
				cause);
	}

	// The driver's words, which name the address: a pool has less to say, and a socket
	// too
	private static @Nullable String reason(Throwable failure) {
		Throwable reason = failure;
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			reason = (cause instanceof SQLException) ? cause : reason;
		}
		return reason.getMessage();
	}

}
