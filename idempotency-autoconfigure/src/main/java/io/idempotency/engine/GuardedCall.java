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
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import io.idempotency.IdempotencyKeyInvalidException;
import io.idempotency.IdempotencyKeyMissingException;
import io.idempotency.key.Identity;
import io.idempotency.key.Window;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.RecordId;
import org.jspecify.annotations.Nullable;

/**
 * One request to an operation, as an edge describes it.
 *
 * @param spec the operation
 * @param id the record's id
 * @param key the key as the caller gave it; only ever shown to the work itself
 * @param fingerprint what is asked for, or {@code null} to compare nothing
 * @param ttl how long the outcome is kept, covering what is left of the window
 * @param unless tells which results are returned and forgotten
 */
public record GuardedCall(OperationSpec spec, RecordId id, String key, @Nullable Fingerprint fingerprint, Duration ttl,
		Predicate<@Nullable Object> unless) {

	/** The longest key, in characters. */
	public static final int MAX_KEY_LENGTH = 512;

	/** So many keys of a batch are named in a line. */
	private static final int NAMED = 3;

	/** Forgets nothing. */
	public static final Predicate<@Nullable Object> KEEP_ALL = (result) -> false;

	public GuardedCall {
		Objects.requireNonNull(spec);
		Objects.requireNonNull(id);
	}

	/**
	 * Describe a call.
	 * @param spec the operation
	 * @param scope whom the key belongs to, or empty text
	 * @param key the key as text, {@code null} or blank being refused
	 * @param fingerprint what is asked for, or {@code null} to compare nothing
	 * @param now the time that decides the window
	 * @param unless tells which results are returned and forgotten
	 * @return the call
	 * @throws IdempotencyKeyMissingException if there is no key
	 * @throws IdempotencyKeyInvalidException if it is longer than 512 characters
	 */
	public static GuardedCall of(OperationSpec spec, String scope, @Nullable String key,
			@Nullable Fingerprint fingerprint, Instant now, Predicate<@Nullable Object> unless) {
		return of(spec, spec.name(), scope, key, fingerprint, now, unless);
	}

	/**
	 * Describe a call whose key is told apart from others by another name than that of
	 * its operation, so that several operations can share their keys.
	 * @param spec the operation
	 * @param identity the name that is part of the identity
	 * @param scope whom the key belongs to, or empty text
	 * @param key the key as text, {@code null} or blank being refused
	 * @param fingerprint what is asked for, or {@code null} to compare nothing
	 * @param now the time that decides the window
	 * @param unless tells which results are returned and forgotten
	 * @return the call
	 * @throws IdempotencyKeyMissingException if there is no key
	 * @throws IdempotencyKeyInvalidException if it is longer than 512 characters
	 */
	public static GuardedCall of(OperationSpec spec, String identity, String scope, @Nullable String key,
			@Nullable Fingerprint fingerprint, Instant now, Predicate<@Nullable Object> unless) {
		if (key == null || key.isBlank()) {
			throw new IdempotencyKeyMissingException(spec.name(),
					"Operation '" + spec.name() + "' was called with " + ((key == null) ? "no key" : "a blank key")
							+ ". Nothing ran. Send a key that is unique per request",
					null);
		}
		if (key.length() > MAX_KEY_LENGTH) {
			throw new IdempotencyKeyInvalidException(spec.name(),
					"Operation '" + spec.name() + "' was called with a key of " + key.length() + " characters; at most "
							+ MAX_KEY_LENGTH + " are allowed. Nothing ran. Send a shorter key, such as a UUID",
					null);
		}
		Window window = spec.window();
		if (window == null) {
			return new GuardedCall(spec, Identity.of(scope, identity, "", key), key, fingerprint, spec.ttl(), unless);
		}
		Window.Period period = window.at(now, spec.zone());
		Duration left = period.remaining(now);
		Duration ttl = (spec.ttl().compareTo(left) < 0) ? left : spec.ttl();
		return new GuardedCall(spec, Identity.of(scope, identity, period.label(), key), key, fingerprint, ttl, unless);
	}

	/**
	 * Have the call recorded apart from transactions, whatever its operation says.
	 * @return the same call otherwise
	 */
	GuardedCall separate() {
		return new GuardedCall(this.spec.separate(), this.id, this.key, this.fingerprint, this.ttl, this.unless);
	}

	/**
	 * Let more results be returned and forgotten.
	 * @param unless tells which
	 * @return the same call otherwise
	 */
	public GuardedCall forgettingAlso(Predicate<@Nullable Object> unless) {
		return new GuardedCall(this.spec, this.id, this.key, this.fingerprint, this.ttl,
				(result) -> unless.test(result) || this.unless.test(result));
	}

	/**
	 * Describe the call for a message or a log line.
	 * @return the operation's name and the key's hash
	 */
	String label() {
		return "operation '" + this.spec.name() + "', key hash " + this.id.shortForm();
	}

	/**
	 * Describe calls of one operation for a message or a log line.
	 * @param calls at least one
	 * @return the operation's name and the hashes of the first keys
	 */
	static String label(List<GuardedCall> calls) {
		GuardedCall first = calls.get(0);
		if (calls.size() == 1) {
			return first.label();
		}
		String hashes = calls.stream()
			.limit(NAMED)
			.map((call) -> call.id.shortForm())
			.collect(Collectors.joining(", "));
		return "operation '" + first.spec.name() + "', " + calls.size() + " keys, hashes " + hashes
				+ ((calls.size() > NAMED) ? " and others" : "");
	}

}
