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

import io.idempotency.store.sql.MissingFlywayModuleException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

final class MissingFlywayModuleFailureAnalyzer extends AbstractFailureAnalyzer<MissingFlywayModuleException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, MissingFlywayModuleException cause) {
		return new FailureAnalysis(
				"The table for idempotency records is to be migrated by Flyway, and Flyway lacks its "
						+ "module for this database.",
				"""
						Do one of these:
						- add %s
						- set idempotency.sql.flyway=false, and initialize-schema=always there as well, or create \
						the table by other means
						""".formatted(MissingTableFailureAnalyzer.FLYWAY_MODULES), cause);
	}

}
