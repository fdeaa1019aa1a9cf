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

package io.idempotency.store;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of an operation in the form in which it is kept.
 *
 * @param kind what the payload is
 * @param payload the encoded value or failure, {@code null} where the kind has none;
 * never modified by anyone once it is here
 */
@SuppressWarnings("ArrayRecordComponent")
public record StoredOutcome(Kind kind, byte @Nullable [] payload) {

	private static final StoredOutcome NO_VALUE = new StoredOutcome(Kind.NO_VALUE, null);

	private static final StoredOutcome UNAVAILABLE = new StoredOutcome(Kind.UNAVAILABLE, null);

	public StoredOutcome {
		if ((payload != null) != kind.hasPayload) {
			throw new IllegalArgumentException(
					"An outcome of kind " + kind + (kind.hasPayload ? " needs a payload" : " has no payload"));
		}
	}

	/**
	 * Create the outcome of work that returned a value.
	 * @param payload the encoded value
	 * @return the outcome
	 */
	public static StoredOutcome value(byte[] payload) {
		return new StoredOutcome(Kind.VALUE, payload);
	}

	/**
	 * Create the outcome of work that returned nothing or {@code null}.
	 * @return the outcome
	 */
	public static StoredOutcome noValue() {
		return NO_VALUE;
	}

	/**
	 * Create the outcome of work that threw a remembered failure.
	 * @param payload the encoded failure
	 * @return the outcome
	 */
	public static StoredOutcome failure(byte[] payload) {
		return new StoredOutcome(Kind.FAILURE, payload);
	}

	/**
	 * Create the outcome of work that was done and whose result could not be encoded.
	 * @return the outcome
	 */
	public static StoredOutcome unavailable() {
		return UNAVAILABLE;
	}

	/**
	 * What an outcome is. The order is part of the stored format: only append.
	 */
	public enum Kind {

		/** A value. */
		VALUE(true),

		/** No value: {@code void} or {@code null}. */
		NO_VALUE(false),

		/** A remembered failure. */
		FAILURE(true),

		/** Done, without a readable result. */
		UNAVAILABLE(false);

		private final boolean hasPayload;

		Kind(boolean hasPayload) {
			this.hasPayload = hasPayload;
		}

	}

}
