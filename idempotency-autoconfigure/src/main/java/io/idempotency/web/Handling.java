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

package io.idempotency.web;

import java.util.function.Predicate;
import java.util.function.Supplier;

import io.idempotency.IdempotencyException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.engine.Ending;
import io.idempotency.engine.OperationSpec;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of the handler behind one request, and what that makes of the end of its
 * run. Safe for use by many threads.
 */
final class Handling {

	private final OperationSpec spec;

	private final RecordingPolicy policy;

	private boolean reached;

	private boolean returned;

	private boolean forgotten;

	private @Nullable Throwable failure;

	private Predicate<Throwable> refusal = (failure) -> false;

	Handling(OperationSpec spec, RecordingPolicy policy) {
		this.spec = spec;
		this.policy = policy;
	}

	/** Note that the handler itself begins. */
	synchronized void reached() {
		this.reached = true;
	}

	/**
	 * Note that the handler begins next, and that nobody will tell when it did.
	 * @param refusal tells of a failure that it came from in front of the handler
	 */
	synchronized void reachedUnless(Predicate<Throwable> refusal) {
		this.reached = true;
		this.refusal = refusal;
	}

	/**
	 * Note that the handler returned.
	 * @param forgotten whether its result is not to be kept
	 */
	synchronized void returned(boolean forgotten) {
		this.reached = true;
		this.returned = true;
		this.forgotten = forgotten;
	}

	/**
	 * Note what came out of the handler, or of what is around it. The first counts.
	 * @param failure the failure
	 */
	synchronized void threw(Throwable failure) {
		if (this.failure == null) {
			this.failure = failure;
			this.reached &= !this.refusal.test(failure);
		}
	}

	synchronized boolean hasReturned() {
		return this.returned;
	}

	/**
	 * Return the end of a run that has a response.
	 * @param status the status of the response
	 * @param outcome encodes the response
	 * @return the end
	 */
	Ending ending(int status, Supplier<StoredOutcome> outcome) {
		return switch (retention(status)) {
			case RESULT -> Ending.recorded(outcome.get());
			case FAILURE -> Ending.remembered(outcome.get());
			case NONE -> failed(status) ? endingInFailure() : Ending.forgotten();
		};
	}

	/**
	 * Return the end of a run whose request was carried out, without its response.
	 * @return the end
	 */
	synchronized Ending endingUnwritten() {
		return this.forgotten ? Ending.forgotten() : Ending.recorded(StoredOutcome.unavailable());
	}

	/**
	 * Return the end of a run of whose request nothing is known but that it failed.
	 * @return the end
	 */
	synchronized Ending endingInFailure() {
		return this.reached ? Ending.failed(this.failure) : Ending.forgotten();
	}

	/**
	 * Return the end of a run whose response was given without waiting for the work.
	 * @return the end
	 */
	synchronized Ending endingLeft() {
		return (this.failure != null) ? endingInFailure() : endingUnwritten();
	}

	private synchronized Retention retention(int status) {
		if (!this.reached || this.forgotten || RecordingPolicy.isNeverKept(status)) {
			return Retention.NONE;
		}
		Throwable failure = this.failure;
		if (failure instanceof IdempotencyException && !(failure instanceof IdempotencyKeyMismatchException)) {
			return Retention.NONE;
		}
		if (failure != null && this.spec.remembers(failure)) {
			return Retention.FAILURE;
		}
		return this.policy.of(status);
	}

	/**
	 * Whether a response that is not kept is the sign of a failure. A refusal had no
	 * effect; an error may have had one.
	 */
	private synchronized boolean failed(int status) {
		return !this.forgotten && (status >= 500 || this.failure instanceof IdempotencyException);
	}

}
