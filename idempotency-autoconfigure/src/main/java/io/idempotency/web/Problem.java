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

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import io.idempotency.IdempotencyException;
import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyKeyInvalidException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyKeyMissingException;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.IdempotencyStoreUnavailableException;

/**
 * Why a request is refused. Holds neither key nor payload.
 *
 * @param type the kind of problem
 * @param operation the name of the operation; empty if it is not known yet
 * @param retryAfter how long to wait before the same request is sent again; for a problem
 * that passes by itself at least one second, whatever was given
 * @param reason the rule that was broken, in the alphabet of {@link ProblemType#code()},
 * where the type alone does not say it
 */
public record Problem(ProblemType type, String operation, @Nullable Duration retryAfter, @Nullable String reason) {

	private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);

	public Problem {
		if (type.isPassing() && (retryAfter == null || retryAfter.compareTo(SHORTEST_WAIT) < 0)) {
			retryAfter = SHORTEST_WAIT;
		}
	}

	public Problem(ProblemType type, String operation, @Nullable Duration retryAfter) {
		this(type, operation, retryAfter, null);
	}

	/**
	 * Return the problem that an exception of a guarded call stands for. A remembered
	 * failure that cannot be rebuilt as its own type is a response that cannot be sent
	 * again. Work in progress is worth waiting for as long as it has been going on
	 * already, and at most for the rest of its owner's lease: a lease is long, and most
	 * work short.
	 * @param exception what the call threw
	 * @return the problem, with the exception's operation
	 */
	public static Problem of(IdempotencyException exception) {
		Duration retryAfter = (exception instanceof IdempotencyInProgressException inProgress)
				? shorter(inProgress.getOwnerAge(), inProgress.getRetryAfter()) : null;
		return new Problem(typeOf(exception), exception.getOperation(), retryAfter);
	}

	/**
	 * Return this problem as one of an operation.
	 * @param name the name of the operation
	 * @return the problem, which keeps an operation that it names already
	 */
	Problem about(String name) {
		return this.operation.isEmpty() ? new Problem(this.type, name, this.retryAfter, this.reason) : this;
	}

	private static Duration shorter(Duration one, Duration other) {
		return (one.compareTo(other) < 0) ? one : other;
	}

	private static ProblemType typeOf(IdempotencyException exception) {
		if (exception instanceof IdempotencyInProgressException) {
			return ProblemType.IN_PROGRESS;
		}
		if (exception instanceof IdempotencyStoreUnavailableException) {
			return ProblemType.STORE_UNAVAILABLE;
		}
		if (exception instanceof IdempotencyLeaseLostException) {
			return ProblemType.LEASE_LOST;
		}
		if (exception instanceof IdempotencyKeyMismatchException) {
			return ProblemType.KEY_REUSED;
		}
		if (exception instanceof IdempotencyKeyMissingException) {
			return ProblemType.MISSING_KEY;
		}
		if (exception instanceof IdempotencyKeyInvalidException) {
			return ProblemType.INVALID_KEY;
		}
		if (exception instanceof IdempotencyOutcomeUnknownException) {
			return ProblemType.OUTCOME_UNKNOWN;
		}
		return ProblemType.RESPONSE_NOT_REPLAYABLE;
	}

}
