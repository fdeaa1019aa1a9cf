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
import java.util.function.Supplier;

import io.idempotency.BatchAnswer;
import io.idempotency.IdempotencyInProgressException;
import io.idempotency.OnConcurrent;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * One key of a batch on its way to an answer.
 */
final class BatchEntry {

	private final int position;

	private final Conversation conversation;

	private final IdempotencyListener.Observed observed;

	private BatchState state = BatchState.Free.INSTANCE;

	BatchEntry(int position, Conversation conversation, IdempotencyListener.Observed observed) {
		this.position = position;
		this.conversation = conversation;
		this.observed = observed;
	}

	int position() {
		return this.position;
	}

	Conversation conversation() {
		return this.conversation;
	}

	BatchState state() {
		return this.state;
	}

	/** Learn more about the key, which is not answered. */
	void becomes(BatchState state) {
		Assert.state(!answered(), "A key that is answered stays so");
		this.state = state;
	}

	/** Whether somebody else is or was at the key, who is to be waited for. */
	boolean pending() {
		return this.state instanceof BatchState.Pending;
	}

	boolean answered() {
		return this.state instanceof BatchState.Answered;
	}

	/**
	 * Return the key that was won.
	 * @return the key
	 * @throws IllegalStateException if it was not
	 */
	Admission.Admitted.Won won() {
		if (this.state instanceof BatchState.Won won) {
			return won.admission();
		}
		throw new IllegalStateException("The key was not won");
	}

	/**
	 * Return the answer.
	 * @return what the caller gets
	 * @throws IllegalStateException if there is none yet
	 */
	BatchAnswer<Object> answer() {
		if (this.state instanceof BatchState.Answered answered) {
			return answered.answer();
		}
		throw new IllegalStateException("The key is not answered yet");
	}

	void done(@Nullable Object value) {
		end(new BatchAnswer<>(value, false, Duration.ZERO, null));
	}

	void replayed(@Nullable Object value, Duration age) {
		end(new BatchAnswer<>(value, true, age, null));
	}

	void failed(Throwable failure) {
		end(new BatchAnswer<>(null, false, Duration.ZERO, failure));
	}

	/**
	 * Take the answer of the same key, named before.
	 * @param first whoever named it
	 */
	void sameAs(BatchEntry first) {
		BatchAnswer<Object> same = first.answer();
		CallOutcome outcome = first.conversation.outcome();
		boolean replay = outcome == CallOutcome.EXECUTED || outcome == CallOutcome.REPLAYED;
		this.conversation.ends(replay ? CallOutcome.REPLAYED : outcome);
		end(replay ? new BatchAnswer<>(same.value(), true, same.age(), same.failure()) : same);
	}

	/** Who skips what others are at has no failure, and no value. */
	void refused(RuntimeException refusal) {
		if (refusal instanceof IdempotencyInProgressException
				&& this.conversation.onConcurrent() == OnConcurrent.SKIP) {
			skipped();
		}
		else {
			failed(refusal);
		}
	}

	void skipped() {
		this.conversation.ends(CallOutcome.SKIPPED);
		done(null);
	}

	/** Ask for something, and fail if that throws. */
	<T> @Nullable T orFail(Supplier<T> asked) {
		try {
			return asked.get();
		}
		catch (RuntimeException ex) {
			refused(ex);
			return null;
		}
	}

	private void end(BatchAnswer<Object> answer) {
		if (!answered()) {
			this.state = new BatchState.Answered(answer);
			this.observed.ended(this.conversation.outcome(), answer.failure());
		}
	}

}
