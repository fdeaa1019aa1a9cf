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

import java.util.TreeSet;

import io.idempotency.autoconfigure.UnknownStoreException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

final class UnknownStoreFailureAnalyzer extends AbstractFailureAnalyzer<UnknownStoreException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnknownStoreException cause) {
		return new FailureAnalysis(
				"The idempotency store '" + cause.getName() + "' is named, and there is no such store. There are: "
						+ new TreeSet<>(cause.getKnown()) + ".",
				"Use one of these names or a bean name, or configure what the store needs: a Redis connection factory "
						+ "for 'redis', a JPA entity manager factory for 'jpa', a data source for 'jdbc'.",
				cause);
	}

}
