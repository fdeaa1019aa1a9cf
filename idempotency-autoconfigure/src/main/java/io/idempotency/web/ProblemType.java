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

import java.util.Locale;

/**
 * The problems that a request with an idempotency key can have. Names, codes and status
 * codes are part of the contract with clients and do not change.
 */
public enum ProblemType {

	/** The operation requires a key and the request has none. */
	MISSING_KEY(400, false, "Idempotency key missing",
			"This operation needs an idempotency key, and the request"
					+ " has none. Send a new key, and the same one with each retry."),

	/** The header does not hold one usable key. */
	INVALID_KEY(400, false, "Idempotency key not usable",
			"The idempotency key is one string of 1 to 255 printable"
					+ " ASCII characters, sent once. Nothing was done."),

	/** The key was used before to ask for something else. */
	KEY_REUSED(422, false, "Idempotency key used before",
			"The key belongs to an earlier request that asked for"
					+ " something else. Send a new request with a new key."),

	/** An earlier request with the key is still being worked on. */
	IN_PROGRESS(409, true, "Request in progress",
			"An earlier request with this key is still being worked on. Send the same request again later."),

	/** The work was done, and its response is not there to be sent again. */
	RESPONSE_NOT_REPLAYABLE(409, false, "Response not available again",
			"An earlier request with this key was"
					+ " answered, and its response cannot be sent again. It is not carried out a second time."),

	/** It is not known whether the work was done, and it is held until somebody knows. */
	OUTCOME_UNKNOWN(409, false, "Outcome unknown",
			"It is not known whether an earlier request with this key was"
					+ " carried out. It is not repeated until that is settled; sending it again does not help before."),

	/** Another request with the key took over while this one ran. */
	LEASE_LOST(409, true, "Request overtaken",
			"Another request with this key took over while this one was being"
					+ " worked on. Send the same request again for its answer."),

	/** The store of records cannot be asked. */
	STORE_UNAVAILABLE(503, true, "Temporarily unavailable",
			"The request was not carried out, because it could not be recorded. Send the same request again later."),

	/** Bodies of other requests take all the memory that there is for them. */
	TOO_BUSY(503, true, "Too busy",
			"Too many large requests are being received. Nothing was done. Send the same request again later."),

	/** Nobody knows whom the key belongs to, and such callers are refused. */
	ANONYMOUS_CALLER(403, false, "Caller unknown",
			"An idempotency key belongs to whoever sent it, and the request does not tell who that is. Nothing was "
					+ "done. Send it with credentials."),

	/** The request body is over the limit for requests that carry a key. */
	REQUEST_TOO_LARGE(413, false, "Request too large",
			"The body of the request is larger than this operation accepts. Nothing was done."),

	/** A member of a JSON object in the request body has two values. */
	AMBIGUOUS_BODY(400, false, "Ambiguous request body",
			"An object in the JSON body has two members of one name. Nothing was done.");

	private final int status;

	private final boolean passing;

	private final String title;

	private final String detail;

	private final String code = name().toLowerCase(Locale.ROOT).replace('_', '-');

	ProblemType(int status, boolean passing, String title, String detail) {
		this.status = status;
		this.passing = passing;
		this.title = title;
		this.detail = detail;
	}

	/**
	 * Return the name for programs, such as {@code missing-key}.
	 * @return lower-case letters and hyphens
	 */
	public String code() {
		return this.code;
	}

	/**
	 * Return the status of the answer.
	 * @return an HTTP status code
	 */
	public int status() {
		return this.status;
	}

	/** Whether the same request may get another answer by itself, a little later. */
	boolean isPassing() {
		return this.passing;
	}

	String title() {
		return this.title;
	}

	String detail() {
		return this.detail;
	}

}
