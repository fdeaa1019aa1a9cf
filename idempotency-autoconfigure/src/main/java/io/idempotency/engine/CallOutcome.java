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

import java.util.Locale;

/**
 * How a call ended for its caller, as it stands in meters and observations.
 */
public enum CallOutcome {

	/** The work ran and its outcome was or will be recorded. */
	EXECUTED,

	/** The work ran and threw. */
	FAILED,

	/**
	 * Nothing is kept of what an edge did: its work did not begin, or came to an answer
	 * that is not recorded.
	 */
	FORGOTTEN,

	/** The recorded answer of an earlier run was given. */
	REPLAYED,

	/** The answer of a concurrent run was given after waiting for it. */
	WAITED,

	/** Another caller is working on the key. */
	REJECTED,

	/** Another caller is working on the key, and this one leaves the work to it. */
	SKIPPED,

	/** The key was used for something else. */
	MISMATCH,

	/** It is not known whether the work was done. */
	OUTCOME_UNKNOWN,

	/** The work was done and its result cannot be given. */
	RESULT_UNAVAILABLE,

	/** The store could not be asked; nothing ran. */
	STORE_ERROR,

	/** The store could not be asked; the work ran without protection. */
	UNPROTECTED,

	/** Somebody took over and has no answer yet. */
	LEASE_LOST;

	private final String tag = name().toLowerCase(Locale.ROOT).replace('_', '-');

	/**
	 * Return the value of the tag.
	 * @return the name in lower-case kebab form
	 */
	public String tag() {
		return this.tag;
	}

}
