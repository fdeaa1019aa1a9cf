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

import io.idempotency.IdempotencyException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.engine.OperationSpec;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of the handler behind one request, and what that says about its response.
 * Safe for use by many threads.
 */
final class Handling {

	private boolean reached;

	private boolean returned;

	private boolean forgotten;

	private @Nullable Throwable failure;

	private Predicate<Throwable> refusal = (failure) -> false;

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

	synchronized boolean isReached() {
		return this.reached;
	}

	synchronized boolean hasReturned() {
		return this.returned;
	}

	synchronized boolean isForgotten() {
		return this.forgotten;
	}

	synchronized @Nullable Throwable failure() {
		return this.failure;
	}

	/**
	 * Return how long the response is kept.
	 * @param spec the operation
	 * @param policy what the status says
	 * @param status the status of the response
	 * @return the retention
	 */
	synchronized Retention retention(OperationSpec spec, RecordingPolicy policy, int status) {
		if (!this.reached || this.forgotten || RecordingPolicy.isNeverKept(status)) {
			return Retention.NONE;
		}
		Throwable failure = this.failure;
		if (failure instanceof IdempotencyException && !(failure instanceof IdempotencyKeyMismatchException)) {
			return Retention.NONE;
		}
		if (failure != null && spec.remembers(failure)) {
			return Retention.FAILURE;
		}
		return policy.of(status);
	}

	/**
	 * Return whether a response that is not kept is the sign of a failure. A refusal had
	 * no effect; an error may have had one.
	 * @param status the status of the response
	 * @return whether the work may be half done
	 */
	synchronized boolean failed(int status) {
		return !this.forgotten && (status >= 500 || this.failure instanceof IdempotencyException);
	}

}
