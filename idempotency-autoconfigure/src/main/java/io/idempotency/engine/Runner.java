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

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

import io.idempotency.ContextStack;
import io.idempotency.store.ClaimResult;
import org.jspecify.annotations.Nullable;

/**
 * Runs the work of a won claim and sees to it that the run is settled exactly once: when
 * the work returned or threw, when its stage completed, or when the caller's transaction
 * completed.
 */
final class Runner {

	private final Transactions transactions;

	private final LongSupplier nanoTime;

	private final Outcomes outcomes;

	private final LeaseKeeper keeper;

	private final Settler settler;

	private final TransactionRecorder recorder;

	private final Executor executor;

	Runner(Transactions transactions, LongSupplier nanoTime, Outcomes outcomes, LeaseKeeper keeper, Settler settler,
			TransactionRecorder recorder, Executor executor) {
		this.transactions = transactions;
		this.nanoTime = nanoTime;
		this.outcomes = outcomes;
		this.keeper = keeper;
		this.settler = settler;
		this.recorder = recorder;
		this.executor = executor;
	}

	Answer run(Conversation conversation, Flight flight, Chain chain, ClaimResult.Acquired claim, long claimSentAt)
			throws Throwable {
		RunContext context = new RunContext(conversation, claim, this.transactions, this.nanoTime, claimSentAt);
		Run run = new Run(conversation, flight, context, this.keeper, this.settler, this.outcomes, this.nanoTime);
		try {
			return run(run, context, chain);
		}
		catch (Throwable ex) {
			run.abandon();
			throw ex;
		}
	}

	private Answer run(Run run, RunContext context, Chain chain) throws Throwable {
		Object result;
		try (ContextStack.Running frame = ContextStack.open(context)) {
			result = chain.proceed((work) -> run.around(work, this.recorder));
		}
		catch (Throwable ex) {
			return run.threw(ex);
		}
		if (context.call().spec().asynchronous() && result instanceof CompletionStage<?> stage) {
			run.returnedStage();
			return new Answer(new StageRun(run, this.executor, this.outcomes).follow(stage), null);
		}
		return run.returned(result);
	}

	/**
	 * What a run came to for its caller: its own result, or the answer of whoever took
	 * the key over.
	 *
	 * @param value the run's own result
	 * @param ofAnotherRun the recorded answer that counts instead
	 */
	record Answer(@Nullable Object value, Landing.@Nullable Outcome ofAnotherRun) {

	}

}
