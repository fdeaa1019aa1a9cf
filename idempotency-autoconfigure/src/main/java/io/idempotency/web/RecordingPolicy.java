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
 * Decides by its status how long a response that a handler gave is kept. Answers that
 * depend on who asks or when (401, 403, 408, 425, 429) are never kept. Immutable.
 */
public final class RecordingPolicy {

	private final ServerErrors serverErrors;

	/**
	 * Create a policy.
	 * @param serverErrors what to do with a status of 500 or more
	 */
	public RecordingPolicy(ServerErrors serverErrors) {
		this.serverErrors = serverErrors;
	}

	/**
	 * Return how long a response is kept.
	 * @param status the status code of a response that a handler decided; any number
	 * @return the retention, {@link Retention#NONE} for a number that is not the status
	 * of a final response
	 */
	public Retention of(int status) {
		return switch (status / 100) {
			case 2, 3 -> Retention.RESULT;
			case 4 -> isNeverKept(status) ? Retention.NONE : Retention.FAILURE;
			case 5 -> keepsServerErrors() ? Retention.FAILURE : Retention.NONE;
			default -> Retention.NONE;
		};
	}

	/**
	 * Return whether an error of the server is an answer to be kept.
	 * @return whether it is
	 */
	public boolean keepsServerErrors() {
		return this.serverErrors == ServerErrors.REPLAY;
	}

	/**
	 * Return whether a response asks to come again, as somebody else or later, so that a
	 * replay would be wrong whatever else is said.
	 * @param status the status code of the response
	 * @return whether it is kept under no setting
	 */
	static boolean isNeverKept(int status) {
		return switch (status) {
			case 401, 403, 408, 425, 429 -> true;
			default -> false;
		};
	}

}
