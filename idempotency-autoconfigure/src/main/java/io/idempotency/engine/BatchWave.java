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

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.idempotency.ContextStack;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.store.RecordId;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.Write;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * The keys of a batch that are worked on at the same time: their work is called once,
 * under leases that are renewed together, and settled by one write for all.
 */
final class BatchWave {

	private final Runner runner;

	private final Settler settler;

	private final Outcomes outcomes;

	private final BatchAdmission admission;

	BatchWave(Runner runner, Settler settler, Outcomes outcomes, BatchAdmission admission) {
		this.runner = runner;
		this.settler = settler;
		this.outcomes = outcomes;
		this.admission = admission;
	}

	/**
	 * Do the work of keys that were won, and settle them.
	 * @param entries the keys
	 * @param work their work
	 */
	void run(List<BatchEntry> entries, BatchWork work) {
		List<Run> runs = this.runner.beginAll(entries);
		try {
			Worked worked = work(entries, runs.stream().map(Run::context).toList(), work);
			runs.get(0).stopRenewing();
			settle(entries, runs, worked);
		}
		finally {
			runs.forEach(Run::abandon); // changes nothing about what is settled
		}
	}

	/**
	 * Do the work of keys that the store could not be asked about.
	 * @param entries the keys
	 * @param work their work
	 */
	void runUnprotected(List<BatchEntry> entries, BatchWork work) {
		List<BatchResult> results = work(entries, List.of(), work).results();
		for (int i = 0; i < entries.size(); i++) {
			answer(entries.get(i), results.get(i));
		}
	}

	private static Worked work(List<BatchEntry> entries, List<RunContext> contexts, BatchWork work) {
		List<Integer> positions = entries.stream().map(BatchEntry::position).toList();
		BatchTurn turn = new BatchTurn(positions, contexts, (innermost) -> {
			contexts.forEach(RunContext::reach);
			if (!contexts.isEmpty()) {
				contexts.get(0).begin(); // they share what is known of the transaction
			}
			return innermost.run();
		});
		try (ContextStack.Together frame = ContextStack.openAll(contexts)) {
			List<BatchResult> results = work.run(turn);
			Assert.state(results.size() == positions.size(), () -> "The work of a batch came to " + results.size()
					+ " results for " + positions.size() + " items. Return one for each, in their order");
			return new Worked(results, true);
		}
		catch (Throwable ex) {
			return new Worked(positions.stream().map((position) -> BatchResult.failed(ex)).toList(), false);
		}
	}

	private void settle(List<BatchEntry> entries, List<Run> runs, Worked worked) {
		List<@Nullable StoredOutcome> outcomes = new ArrayList<>();
		List<@Nullable Write> writes = new ArrayList<>();
		List<BatchResult> ended = new ArrayList<>();
		for (int i = 0; i < runs.size(); i++) {
			Run run = runs.get(i);
			BatchResult result = worked.results().get(i);
			Settlement settlement = settlement(run, result, worked.returned());
			StoredOutcome outcome = settlement.recordsOutcome() ? outcome(run.context().call(), result) : null;
			outcomes.add(outcome);
			ended.add(ended(run.context(), result));
			writes.add(this.settler.write(run.context(), settlement, outcome, ended.get(i).failure()));
		}
		Set<RecordId> lost = this.settler.settleAll(runs.stream().map(Run::context).toList(), writes);
		for (int i = 0; i < runs.size(); i++) {
			boolean mine = !lost.contains(runs.get(i).context().id());
			settled(entries.get(i), runs.get(i), ended.get(i), outcomes.get(i), mine);
		}
	}

	/** What was done in a transaction that is rolled back, or may be, is not done. */
	private static BatchResult ended(RunContext context, BatchResult result) {
		Settlement.Ending.TransactionEnd end = context.transaction().end();
		boolean gone = end == Settlement.Ending.TransactionEnd.ROLLED_BACK
				|| end == Settlement.Ending.TransactionEnd.UNKNOWN;
		return (gone && result.failure() == null) ? BatchResult.failed(new IllegalStateException(
				context.call().label() + " was worked on in the transaction of its batch, which "
						+ ((end == Settlement.Ending.TransactionEnd.UNKNOWN) ? "may not have been committed"
								: "was rolled back")
						+ ", so it counts as not done. To keep what succeeded beside what failed, work on each item in "
						+ "a transaction of its own, or let the batch's commit with noRollbackFor"))
				: result;
	}

	/** A transaction that commits what succeeded does not make what failed an answer. */
	private static Settlement settlement(Run run, BatchResult result, boolean ofItsOwn) {
		if (!result.begun()) {
			return Settlement.FORGET;
		}
		Throwable failure = result.failure();
		RunContext context = run.context();
		Settlement.Ending ending = (failure != null) ? context.ending(failure)
				: context.ending(run.howReturned(result.value()));
		return Settlement.of((failure != null && ofItsOwn) ? ending.besideItsTransaction() : ending,
				context.call().spec().onUnknown());
	}

	private StoredOutcome outcome(GuardedCall call, BatchResult result) {
		return (result.failure() != null) ? this.outcomes.ofFailure(call.spec(), result.failure())
				: this.outcomes.ofResult(call, result.value());
	}

	private void settled(BatchEntry entry, Run run, BatchResult result, @Nullable StoredOutcome outcome, boolean mine) {
		try {
			Landing.Outcome other = run.land(outcome, () -> mine);
			if (other != null) {
				this.admission.replay(entry, other);
			}
			else {
				answer(entry, result);
			}
		}
		catch (IdempotencyLeaseLostException ex) {
			if (result.failure() != null) {
				ex.addSuppressed(result.failure());
			}
			entry.failed(ex);
		}
	}

	private static void answer(BatchEntry entry, BatchResult result) {
		Conversation conversation = entry.conversation();
		Throwable failure = result.failure();
		if (conversation.outcome() != CallOutcome.UNPROTECTED) {
			conversation.ends((failure != null) ? CallOutcome.FAILED : CallOutcome.EXECUTED);
		}
		if (failure != null) {
			entry.failed(failure);
		}
		else {
			entry.done(result.value());
		}
	}

	/**
	 * What the work came to.
	 *
	 * @param results of each key
	 * @param returned whether the work told the results, rather than fail as a whole
	 */
	private record Worked(List<BatchResult> results, boolean returned) {

	}

}
