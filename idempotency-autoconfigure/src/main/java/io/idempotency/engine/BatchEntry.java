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
import java.util.Objects;
import java.util.function.Supplier;

import io.idempotency.BatchAnswer;
import io.idempotency.IdempotencyInProgressException;
import io.idempotency.OnConcurrent;
import org.jspecify.annotations.Nullable;

/**
 * One key of a batch on its way to an answer.
 */
final class BatchEntry {

	private final int position;

	private final Conversation conversation;

	private final IdempotencyListener.Observed observed;

	private @Nullable Flight ahead;

	private boolean elsewhere;

	private Admission.Admitted.@Nullable Won won;

	private Admission.Admitted.@Nullable Unclaimed unprotected;

	private @Nullable BatchAnswer<Object> answer;

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

	/** Another caller in this JVM is at the key, or was a moment ago. */
	void follow(@Nullable Flight ahead) {
		this.ahead = ahead;
		this.elsewhere = false;
	}

	@Nullable Flight ahead() {
		return this.ahead;
	}

	/** Somebody outside of this JVM is at the key. */
	void foundElsewhere() {
		this.elsewhere = true;
	}

	boolean elsewhere() {
		return this.elsewhere;
	}

	@Nullable Landing landedAhead() {
		return (this.ahead != null) ? this.ahead.landed() : null;
	}

	void win(Admission.Admitted.Won won) {
		this.won = won;
	}

	Admission.Admitted.@Nullable Won won() {
		return this.won;
	}

	/** The store could not be asked, and the work runs all the same. */
	void proceedUnprotected(Admission.Admitted.Unclaimed unclaimed) {
		this.unprotected = unclaimed;
	}

	boolean unprotected() {
		return this.unprotected != null;
	}

	boolean answered() {
		return this.answer != null;
	}

	/** Whether somebody else is at the key, who is to be waited for. */
	boolean pending() {
		return !answered() && this.won == null && !unprotected();
	}

	@Nullable BatchAnswer<Object> answer() {
		return this.answer;
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
		BatchAnswer<Object> same = Objects.requireNonNull(first.answer);
		this.conversation.ends((same.failure() != null) ? first.conversation.outcome() : CallOutcome.REPLAYED);
		end((same.failure() != null) ? same : new BatchAnswer<>(same.value(), true, same.age(), null));
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
		if (this.answer == null) {
			this.answer = answer;
			this.observed.ended(this.conversation.outcome(), answer.failure());
		}
	}

}
