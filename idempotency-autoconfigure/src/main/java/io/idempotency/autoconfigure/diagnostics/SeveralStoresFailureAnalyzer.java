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

import io.idempotency.autoconfigure.SeveralStoresException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

final class SeveralStoresFailureAnalyzer extends AbstractFailureAnalyzer<SeveralStoresException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, SeveralStoresException cause) {
		TreeSet<String> names = new TreeSet<>(cause.getNames());
		StringBuilder action = new StringBuilder("Choose one in application.yml:\n\n");
		names.forEach((name) -> action.append("idempotency:\n  store: ").append(name).append("\n\n"));
		action.append("A single operation can use another one: @Idempotent(store = \"…\").");
		return new FailureAnalysis(
				"Idempotency records can be kept in several stores, " + names
						+ ", and none is chosen. The choice decides the guarantees, so it is not made silently.",
				action.toString(), cause);
	}

}
