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
import java.util.List;

import io.idempotency.BatchAnswer;
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
 * <li>A listener that names the message that failed has done those before it, and has not
 * begun those after it.
 * <li>One that throws anything else has failed with all that it got.
 * <li>The container is told the first message that is not done, and delivers from there
 * on again.
 * </ol>
 */
final class BatchListenerCall {

	/** Why a message has no answer that comes behind one that is not done. */
	private static final Throwable NOT_BEGUN = new NotBegun();

	private final EdgeCall call;

	private final BatchDelivery delivery;

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
	 * @param calls one for each message
	 * @throws Throwable what the container is to know
	 */
	void answer(IdempotencyEngine engine, List<GuardedCall> calls) throws Throwable {
		List<BatchAnswer<Object>> answers = engine.batches().execute(calls, this::run);
		if (this.thrown != null) {
			throw this.thrown;
		}
		if (!this.called && answers.stream().noneMatch((answer) -> answer.failure() != null)) {
			this.delivery.skipped(this.call.arguments());
			return;
		}
		int notDone = 0;
		Throwable failure = null;
		while (failure == null && notDone < answers.size()) {
			failure = answers.get(notDone).failure();
			notDone += (failure == null) ? 1 : 0;
		}
		boolean told = this.delivery.settle(notDone);
		if (failure != null && !told) {
			throw this.delivery.failed(notDone, failure);
		}
	}

	private List<BatchResult> run(BatchTurn turn) throws Throwable {
		List<Integer> positions = turn.positions();
		if (this.stopped) {
			return results(positions.size(), 0, null);
		}
		this.called = true;
		@Nullable Object[] arguments = this.call.arguments().clone();
		for (int i = 0; i < arguments.length; i++) {
			arguments[i] = this.delivery.narrowed(arguments[i], positions);
		}
		try {
			this.call.chain(arguments).proceed(turn.innermost());
			return results(positions.size(), this.delivery.givenBackFrom(), null);
		}
		catch (Throwable ex) {
			this.stopped = true;
			int failed = this.delivery.failedAt(ex, positions);
			if (failed < 0) {
				this.thrown = ex;
				throw ex;
			}
			return results(positions.size(), failed, this.delivery.causeOf(ex));
		}
	}

	/** Those before one are done, those behind it are not begun. */
	private List<BatchResult> results(int count, int notDone, @Nullable Throwable failure) {
		this.stopped |= notDone < count;
		List<BatchResult> results = new ArrayList<>(count);
		for (int i = 0; i < count; i++) {
			if (i < notDone) {
				results.add(BatchResult.done(null));
			}
			else {
				results.add((i == notDone && failure != null) ? BatchResult.failed(failure)
						: BatchResult.notBegun(NOT_BEGUN));
			}
		}
		return results;
	}

	/**
	 * Says that a message comes behind one that is not done.
	 */
	@SuppressWarnings("serial")
	private static final class NotBegun extends RuntimeException {

		private NotBegun() {
			super("Behind a message that is not done", null, false, false);
		}

	}

}
