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

package io.idempotency.messaging;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import io.idempotency.BatchAnswer;
import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyException;
import io.idempotency.engine.BatchResult;
import io.idempotency.engine.BatchTurn;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.method.EdgeCall;
import org.jspecify.annotations.Nullable;

/**
 * A call of a listener of batches: it gets the messages that were not worked on before,
 * in their order. What it did about one message is recorded by itself:
 * <ol>
 * <li>A listener that names what failed has done the others, or those before it.
 * <li>One that throws anything else has failed with all that it got.
 * <li>The delivery tells the container what is not done, to have it delivered again.
 * </ol>
 */
final class BatchListenerCall {

	private final EdgeCall call;

	private final BatchDelivery delivery;

	private List<ReceivedMessage> messages = List.of();

	/** The positions of the messages that have a key. */
	private final List<Integer> keyed = new ArrayList<>();

	private boolean called;

	private boolean stopped;

	private @Nullable Throwable thrown;

	BatchListenerCall(EdgeCall call, BatchDelivery delivery) {
		this.call = call;
		this.delivery = delivery;
	}

	/**
	 * Answer the call.
	 * @param engine runs it
	 * @param describe describes the call of one message, unless that has no key
	 * @throws Throwable what the container is to know
	 */
	void answer(IdempotencyEngine engine, Function<ReceivedMessage, GuardedCall> describe) throws Throwable {
		List<GuardedCall> calls = new ArrayList<>();
		List<@Nullable Throwable> failures = new ArrayList<>();
		this.messages = List.copyOf(this.delivery.messages());
		for (ReceivedMessage message : this.messages) {
			failures.add(null);
			try {
				calls.add(describe.apply(message));
				this.keyed.add(failures.size() - 1);
			}
			catch (IdempotencyException ex) {
				failures.set(failures.size() - 1, ex);
			}
		}
		List<BatchAnswer<Object>> answers = engine.batches().execute(calls, this::run);
		for (int i = 0; i < answers.size(); i++) {
			failures.set(this.keyed.get(i), answers.get(i).failure());
		}
		Throwable failure = (this.thrown != null) ? this.thrown
				: this.delivery.settle(failures, this.called, this.call.arguments());
		if (failure != null) {
			throw failure;
		}
	}

	private List<BatchResult> run(BatchTurn turn) throws Throwable {
		List<Integer> positions = turn.positions().stream().map(this.keyed::get).toList();
		if (this.stopped) {
			return BatchDelivery.doneUpTo(positions.size(), 0, null);
		}
		this.called = true;
		Throwable failure = null;
		this.delivery.working(work(turn, positions));
		try {
			this.call.chain(narrowed(positions)).proceed(turn.innermost());
		}
		catch (Throwable ex) {
			failure = ex;
		}
		List<BatchResult> results = this.delivery.results(positions, failure);
		this.stopped = failure != null || results.stream().anyMatch((result) -> result.failure() != null);
		if (failure != null && results.isEmpty()) {
			this.thrown = failure;
			throw failure;
		}
		return results;
	}

	/** Nothing where the store could not be asked, and the work runs without records. */
	private Map<ReceivedMessage, IdempotencyContext> work(BatchTurn turn, List<Integer> positions) throws Throwable {
		Map<ReceivedMessage, IdempotencyContext> work = new IdentityHashMap<>();
		for (int i = 0; i < positions.size(); i++) {
			ReceivedMessage message = this.messages.get(positions.get(i));
			turn.within(i,
					() -> IdempotencyContext.current().map((context) -> work.put(message, context)).orElse(null));
		}
		return work;
	}

	private @Nullable Object[] narrowed(List<Integer> positions) {
		@Nullable Object[] arguments = this.call.arguments().clone();
		for (int i = 0; i < arguments.length; i++) {
			arguments[i] = this.delivery.narrowed(arguments[i], positions);
		}
		return arguments;
	}

}
