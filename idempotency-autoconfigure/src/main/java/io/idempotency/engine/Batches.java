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

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

import io.idempotency.BatchAnswer;
import io.idempotency.ContextStack;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Makes the work behind many keys happen once for each, with the keys taken together.
 * Safe for use by many threads.
 */
public final class Batches {

	private final BatchAdmission admission;

	private final BatchWave wave;

	private final Transactions transactions;

	private final IdempotencyListener listener;

	private final LongSupplier nanoTime;

	Batches(BatchAdmission admission, BatchWave wave, Transactions transactions, IdempotencyListener listener,
			LongSupplier nanoTime) {
		this.admission = admission;
		this.wave = wave;
		this.transactions = transactions;
		this.listener = listener;
		this.nanoTime = nanoTime;
	}

	/**
	 * Run the work of many calls of one operation together, or give their recorded
	 * answers. Their keys are claimed at once, and the work is told which of them were
	 * won; what somebody else is at is waited for when those are settled, so that two
	 * batches never wait for each other. The work is called on this thread, for at most
	 * 1,000 keys at a time.
	 * <p>
	 * A batch is {@link io.idempotency.TransactionMode#SEPARATE} from transactions, which
	 * is what {@link io.idempotency.TransactionMode#AUTO} comes to here: it is not called
	 * inside one, and its work may open as many as it likes.
	 * @param calls what is asked for; a key that is named twice is worked on once
	 * @param work what happens once
	 * @return the answers in the order of the calls; what a call is refused with, and
	 * what the work throws, is the answer of the call
	 * @throws IllegalArgumentException if the calls are of several operations, or their
	 * results come later
	 * @throws IllegalStateException if this thread is in a transaction that the work
	 * would take part in, or is working on one of the keys already, or if the operation
	 * is to be {@link io.idempotency.TransactionMode#ATOMIC} or
	 * {@link io.idempotency.TransactionMode#JOINED}
	 */
	public List<BatchAnswer<Object>> execute(List<GuardedCall> calls, BatchWork work) {
		List<Conversation> conversations = new ArrayList<>(calls.size());
		for (GuardedCall call : calls) {
			Assert.isTrue(call.spec().equals(calls.get(0).spec()) && !call.spec().asynchronous(),
					"The calls of a batch are of one operation, whose results do not come later");
			Refusals.refuseCallToItself(call);
			conversations.add(new Conversation(apart(call), this.transactions.current(), this.nanoTime));
		}
		if (!conversations.isEmpty()) {
			refuseInTransaction(conversations.get(0));
		}
		return answer(entries(conversations), work);
	}

	/** What AUTO comes to, and a mode that nobody set. */
	private static GuardedCall apart(GuardedCall call) {
		return switch (call.spec().transaction()) {
			case UNSET, AUTO -> call.separate();
			case SEPARATE, ATOMIC, JOINED -> call;
		};
	}

	private List<BatchAnswer<Object>> answer(List<BatchEntry> entries, BatchWork work) {
		try {
			List<BatchAnswer<Object>> answers = new Batch(this.admission, this.wave, work, this.nanoTime)
				.answer(entries);
			ContextStack.answered(!answers.isEmpty() && answers.stream().allMatch(BatchAnswer::replayed),
					Duration.ZERO);
			return answers;
		}
		catch (RuntimeException | Error ex) {
			// Changes nothing about what is answered
			entries.forEach((entry) -> entry.failed(ex));
			throw ex;
		}
	}

	private List<BatchEntry> entries(List<Conversation> conversations) {
		List<BatchEntry> entries = new ArrayList<>(conversations.size());
		for (Conversation conversation : conversations) {
			IdempotencyListener.Observed observed = this.listener.callStarted(conversation.call());
			observed.leaveThread();
			entries.add(new BatchEntry(entries.size(), conversation, observed));
		}
		return entries;
	}

	private static void refuseInTransaction(Conversation conversation) {
		boolean joins = conversation.ambient() != null
				&& conversation.call().spec().transactionUse().callers() != TransactionUse.Callers.LEFT;
		if (joins || conversation.plan() != TransactionPlan.SEPARATE) {
			throw Refusals.batchInTransaction(conversation);
		}
	}

}
