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

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

import io.idempotency.ContextStack;
import io.idempotency.TransactionMode;
import io.idempotency.store.TransactionalStore.JoinedVerbs;
import org.jspecify.annotations.Nullable;

/**
 * Runs the work of a won claim, under a lease that is renewed: goes through the chain,
 * around the work itself and, where the end is recorded in the transaction of the work,
 * into that. Sees to it that the {@link Run} is settled exactly once: when the work
 * returned or threw, when its stage completed, or when the caller's transaction
 * completed.
 */
final class Runner {

	private final Transactions transactions;

	private final LongSupplier nanoTime;

	private final Outcomes outcomes;

	private final LeaseKeeper keeper;

	private final Settler settler;

	private final TransactionRecorder recorder;

	private final BackgroundThreads threads;

	private final Steps steps;

	Runner(Transactions transactions, LongSupplier nanoTime, Outcomes outcomes, LeaseKeeper keeper, Settler settler,
			TransactionRecorder recorder, BackgroundThreads threads, Steps steps) {
		this.transactions = transactions;
		this.nanoTime = nanoTime;
		this.outcomes = outcomes;
		this.keeper = keeper;
		this.settler = settler;
		this.recorder = recorder;
		this.threads = threads;
		this.steps = steps;
	}

	/**
	 * Begin the run of a won claim that an edge will end.
	 * @param conversation the caller
	 * @param won its claim
	 * @return the run, whose lease is kept until it is settled or abandoned
	 */
	Run begin(Conversation conversation, Admission.Admitted.Won won) {
		return begin(conversation, won, null);
	}

	private Run begin(Conversation conversation, Admission.Admitted.Won won, @Nullable Steps steps) {
		RunContext context = new RunContext(conversation, won.claim(), this.transactions, this.nanoTime, won.sentAt(),
				steps);
		return new Run(conversation, won.flight(), context, this.keeper.keep(List.of(context)), this.settler,
				this.outcomes, this.nanoTime);
	}

	/**
	 * Begin the runs of many won claims, whose work is done at once.
	 * @param entries the keys, which were won
	 * @return the runs, whose leases are kept together until one of them is settled or
	 * abandoned
	 */
	List<Run> beginAll(List<BatchEntry> entries) {
		WorkTransaction transaction = new WorkTransaction(this.transactions, entries.get(0).conversation().ambient());
		List<RunContext> contexts = entries.stream().map((entry) -> context(entry, transaction)).toList();
		LeaseKeeper.Kept leases = this.keeper.keep(contexts);
		return IntStream.range(0, entries.size())
			.mapToObj((i) -> new Run(entries.get(i).conversation(), entries.get(i).won().flight(), contexts.get(i),
					leases, this.settler, this.outcomes, this.nanoTime))
			.toList();
	}

	private RunContext context(BatchEntry entry, WorkTransaction transaction) {
		Admission.Admitted.Won won = entry.won();
		return new RunContext(entry.conversation(), won.claim(), transaction, this.nanoTime, won.sentAt());
	}

	Answer run(Conversation conversation, Admission.Admitted.Won won, Chain chain) throws Throwable {
		Run run = begin(conversation, won, this.steps);
		try {
			return run(run, chain);
		}
		catch (Throwable ex) {
			run.abandon();
			throw ex;
		}
	}

	private Answer run(Run run, Chain chain) throws Throwable {
		RunContext context = run.context();
		Object result;
		try (ContextStack.Running frame = ContextStack.open(context)) {
			result = chain.proceed((work) -> around(run, work));
		}
		catch (Throwable ex) {
			return run.threw(ex);
		}
		if (context.call().spec().asynchronous() && result instanceof CompletionStage<?> stage) {
			// It has begun, on whatever thread
			context.reach();
			run.executed();
			Executor executor = this.threads.of(context.call().spec().store()).settling();
			return new Answer(new StageRun(run, executor, this.outcomes).follow(stage), null);
		}
		return run.returned(result);
	}

	/**
	 * Go around the work itself, and write its end into the transaction that was opened
	 * for it.
	 */
	private @Nullable Object around(Run run, Work work) throws Throwable {
		RunContext context = run.context();
		context.begin();
		JoinedVerbs transaction = transaction(run);
		if (transaction == null) {
			return run(run, () -> context.run(work));
		}
		if (transaction.isSnapshot()) {
			run.stopRenewing();
		}
		Object result;
		try {
			result = run(run, work);
		}
		catch (Throwable ex) {
			threw(run, transaction, ex);
			throw ex;
		}
		run.stopRenewing();
		this.recorder.returned(context, transaction, result);
		return result;
	}

	private static @Nullable Object run(Run run, Work work) throws Throwable {
		return run.context().work().run(work, () -> Refusals.repeated(run.conversation()));
	}

	private void threw(Run run, JoinedVerbs transaction, Throwable failure) {
		if (run.conversation().rollsBackOn(failure)) {
			// An advice between the work and its transaction may swallow it
			run.context().transaction().beforeCommit(() -> {
				run.stopRenewing();
				this.recorder.swallowed(run.context(), transaction, failure);
			});
		}
		else {
			run.stopRenewing();
			this.recorder.threw(run.context(), transaction, failure);
		}
	}

	/**
	 * Return the transaction in which the end is recorded.
	 * @return the transaction that was opened for the work, or {@code null} if the end is
	 * recorded apart from it
	 */
	private static @Nullable JoinedVerbs transaction(Run run) {
		Conversation conversation = run.conversation();
		if (conversation.plan() != TransactionPlan.ATOMIC) {
			return null;
		}
		RunContext context = run.context();
		JoinedVerbs transaction = context.transaction().opened() ? conversation.transaction() : null;
		if (transaction == null && context.call().spec().transaction() == TransactionMode.ATOMIC) {
			context.unreached();
			throw Refusals.noTransaction(conversation);
		}
		return transaction;
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
