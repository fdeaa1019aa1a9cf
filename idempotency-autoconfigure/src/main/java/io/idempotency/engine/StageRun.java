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

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import org.jspecify.annotations.Nullable;

/**
 * The rest of a run whose work returned a stage. The stage may complete on a thread that
 * must not block, so the record is written on one of the engine's; what the caller does
 * with the answer happens on neither.
 */
final class StageRun {

	private final Run run;

	private final Executor executor;

	private final Outcomes outcomes;

	private final CompletableFuture<@Nullable Object> answer = new CompletableFuture<>();

	private final @Nullable CompletableFuture<Transactions.End> callersEnd;

	StageRun(Run run, Executor executor, Outcomes outcomes) {
		this.run = run;
		this.executor = executor;
		this.outcomes = outcomes;
		this.callersEnd = run.context().transaction().pendingEnd();
	}

	/**
	 * Settle the run when the stage completes.
	 * @param stage what the work returned
	 * @return what the caller gets
	 */
	CompletableFuture<@Nullable Object> follow(CompletionStage<?> stage) {
		stage.whenComplete((value, failure) -> offThread(() -> {
			try {
				complete(value, failure);
			}
			catch (Throwable ex) {
				this.run.abandon();
				fail(ex);
			}
		}));
		return this.answer;
	}

	private void complete(@Nullable Object value, @Nullable Throwable failure) throws Throwable {
		if (failure != null) {
			Landing.Outcome other = this.run.settleThrown(Work.thrownBefore(failure));
			if (other == null) {
				fail(failure);
				return;
			}
			give(replay(other));
		}
		else if (this.callersEnd != null) {
			// The caller may need the value to go on to its commit
			Deferred deferred = this.run.defer(value);
			give(value);
			this.callersEnd.thenAccept(deferred::settle);
		}
		else {
			Landing.Outcome other = this.run.settleReturned(value);
			give((other != null) ? replay(other) : value);
		}
	}

	private @Nullable Object replay(Landing.Outcome other) throws Throwable {
		return this.outcomes.replay(this.run.conversation(), other.outcome());
	}

	private void give(@Nullable Object value) {
		this.answer.defaultExecutor().execute(() -> this.answer.complete(value));
	}

	private void fail(Throwable failure) {
		this.answer.defaultExecutor().execute(() -> this.answer.completeExceptionally(failure));
	}

	private void offThread(Runnable task) {
		try {
			this.executor.execute(task);
		}
		catch (RejectedExecutionException ex) {
			task.run();
		}
	}

}
