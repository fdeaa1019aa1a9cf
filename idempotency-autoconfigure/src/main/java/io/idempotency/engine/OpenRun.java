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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import io.idempotency.ContextStack;
import io.idempotency.IdempotencyContext;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * A run whose work is done by an edge, which {@linkplain #end ends} it. The first ending
 * counts, whichever thread it comes from; until then the lease is renewed. A run that is
 * never ended is renewed for as long as the process lives, so an edge has to end it
 * whatever happens. Safe for use by many threads.
 */
public final class OpenRun {

	private final Run run;

	private final IdempotencyListener.Observed observed;

	private final Executor ownThreads;

	private final AtomicBoolean ended = new AtomicBoolean();

	OpenRun(Run run, IdempotencyListener.Observed observed, Executor ownThreads) {
		this.run = run;
		this.observed = observed;
		this.ownThreads = ownThreads;
	}

	/**
	 * Return what the work may know about itself.
	 * @return the context
	 */
	public IdempotencyContext context() {
		return this.run.context();
	}

	/**
	 * Do a part of the work on this thread, where {@link IdempotencyContext#current()}
	 * then tells about this run.
	 * @param work a part of the work, or all of it
	 * @return its result
	 * @throws Throwable what it throws
	 */
	public @Nullable Object within(Work work) throws Throwable {
		try (ContextStack.Running frame = ContextStack.open(this.run.context())) {
			return work.run();
		}
	}

	/**
	 * Return whether nothing is to be kept of a result.
	 * @param result what the work returned
	 * @return whether the operation says so; a condition that fails forgets nothing
	 */
	public boolean forgets(@Nullable Object result) {
		return this.run.forgets(result);
	}

	/**
	 * End the run. If the store fails at recording an outcome, it is tried again in the
	 * background, and the caller gets its own answer.
	 * @param ending how the work ended
	 * @return the recorded answer of whoever took over, which is the one to give, or
	 * {@code null} if this run's counts
	 * @throws io.idempotency.IdempotencyLeaseLostException if somebody took over and has
	 * no answer yet
	 */
	public Opening.@Nullable Recorded end(Ending ending) {
		return first(ending)
				? ended(ending, () -> this.run.settle(ending.settlement(this.run), ending.outcome(), ending.failure()))
				: null;
	}

	/**
	 * End the run like {@link #end(Ending)}, but without a waiting thread where the store
	 * can do so.
	 * @param ending how the work ended
	 * @param blocking threads that may wait for the store
	 * @return completes with the recorded answer to give instead, or {@code null}, or
	 * fails as {@link #end(Ending)} does; perhaps on a thread that must not block
	 */
	public CompletionStage<Opening.@Nullable Recorded> end(Ending ending, Executor blocking) {
		if (!first(ending)) {
			return CompletableFuture.completedFuture(null);
		}
		return Answer
			.to(() -> this.run.settle(ending.settlement(this.run), ending.outcome(), ending.failure(), blocking))
			.thenApply((settled) -> ended(ending, settled));
	}

	/**
	 * Return threads of the engine's own that may wait for the store, for an edge that
	 * has none.
	 * @return the threads; a closed engine has none, and the lease then lapses
	 */
	public Executor ownThreads() {
		return this.ownThreads;
	}

	/**
	 * Let go of the run before its end, which may never come: its lease is renewed no
	 * more, and nobody in this JVM waits for it. It can still be ended.
	 */
	public void letGo() {
		this.run.abandon();
	}

	private boolean first(Ending ending) {
		if (!this.ended.compareAndSet(false, true)) {
			return false;
		}
		this.run.conversation().ends(ending.callOutcome());
		return true;
	}

	private Opening.@Nullable Recorded ended(Ending ending, Supplier<Landing.@Nullable Outcome> settled) {
		Conversation conversation = this.run.conversation();
		try {
			Landing.Outcome other = settled.get();
			this.observed.ended(conversation.outcome(), ending.failure());
			return (other != null) ? Opening.Recorded.of(other) : null;
		}
		catch (RuntimeException | Error ex) {
			this.run.abandon();
			this.observed.ended(conversation.outcome(), ex);
			throw ex;
		}
	}

}
