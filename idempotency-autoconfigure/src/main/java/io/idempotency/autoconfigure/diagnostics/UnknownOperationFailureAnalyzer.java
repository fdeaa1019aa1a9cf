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

import io.idempotency.autoconfigure.UnknownOperationException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

final class UnknownOperationFailureAnalyzer extends AbstractFailureAnalyzer<UnknownOperationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnknownOperationException cause) {
		return new FailureAnalysis(
				"idempotency.operations." + cause.getName()
						+ " is configured, and no method has that operation name. Operations that were found: "
						+ new TreeSet<>(cause.getKnown()) + ".",
				"Correct the name. If the operation is only called through the Idempotency facade, set idempotency.operations."
						+ cause.getName() + ".programmatic=true.",
				cause);
	}

}
