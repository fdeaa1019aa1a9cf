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

package io.idempotency.web;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.engine.Ending;
import io.idempotency.engine.OpenRun;
import io.idempotency.engine.Opening;
import org.jspecify.annotations.Nullable;

/**
 * The end of one run, which comes once. Where somebody else took over meanwhile, it says
 * what the request gets instead of its own response.
 */
final class RunEnd {

	private final String operation;

	private final OpenRun run;

	private volatile boolean settled;

	RunEnd(String operation, OpenRun run) {
		this.operation = operation;
		this.run = run;
	}

	boolean isSettled() {
		return this.settled;
	}

	@Nullable HttpAnswer settle(Ending ending) {
		if (!first()) {
			return null;
		}
		try {
			return instead(this.run.end(ending));
		}
		catch (IdempotencyLeaseLostException ex) {
			return HttpAnswer.of(Problem.of(ex));
		}
	}

	CompletionStage<Optional<HttpAnswer>> settle(Ending ending, Executor blocking) {
		if (!first()) {
			return CompletableFuture.completedFuture(Optional.empty());
		}
		return this.run.end(ending, blocking)
			.thenApply((other) -> Optional.ofNullable(instead(other)))
			.exceptionally((failure) -> Optional.of(HttpAnswer.of(HttpAnswer.refusal(failure))));
	}

	private @Nullable HttpAnswer instead(Opening.@Nullable Recorded other) {
		return (other != null) ? HttpAnswer.of(this.operation, other.outcome()) : null;
	}

	private synchronized boolean first() {
		boolean first = !this.settled;
		this.settled = true;
		return first;
	}

}
