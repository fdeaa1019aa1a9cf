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

import io.idempotency.autoconfigure.NoStoreException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

final class NoStoreFailureAnalyzer extends AbstractFailureAnalyzer<NoStoreException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, NoStoreException cause) {
		return new FailureAnalysis(
				"A method is annotated with @Idempotent, and there is no store for its records: neither a Redis "
						+ "connection factory nor a data source is configured.",
				"""
						Do one of these:
						- add spring-boot-starter-data-redis and configure spring.data.redis.*
						- add spring-boot-starter-jdbc or spring-boot-starter-data-jpa and configure spring.datasource.*
						- declare a bean of type io.idempotency.store.IdempotencyStore
						- for a test or a single instance that may forget on restart, set idempotency.store=memory""",
				cause);
	}

}
