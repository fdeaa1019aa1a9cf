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

/**
 * Ends a request with a {@link Problem} as its answer. Has no stack trace: it is thrown
 * for what clients do, and often.
 */
@SuppressWarnings("serial")
public final class ProblemException extends RuntimeException {

	private final Problem problem;

	public ProblemException(Problem problem) {
		super(message(problem), null, false, false);
		this.problem = problem;
	}

	/**
	 * Refuse a request for the size of its body.
	 * @return a new exception
	 */
	public static ProblemException tooLarge() {
		return new ProblemException(new Problem(ProblemType.REQUEST_TOO_LARGE, "", null));
	}

	/** Refuse a request because too many bodies are being received. */
	static ProblemException tooBusy() {
		return new ProblemException(new Problem(ProblemType.TOO_BUSY, "", null));
	}

	/**
	 * Return this exception as one of an operation, for where that is known and what
	 * threw it did not know.
	 * @param operation the name of the operation
	 * @return a new exception
	 */
	public ProblemException about(String operation) {
		return new ProblemException(this.problem.about(operation));
	}

	private static String message(Problem problem) {
		String reason = (problem.reason() != null) ? " (" + problem.reason() + ")" : "";
		String operation = problem.operation().isEmpty() ? "" : " [" + problem.operation() + "]";
		return problem.type().code() + reason + operation + ": " + problem.type().detail();
	}

	/**
	 * Return the answer.
	 * @return the problem
	 */
	public Problem problem() {
		return this.problem;
	}

}
