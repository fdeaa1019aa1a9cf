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

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

import io.idempotency.engine.OperationSpec;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the HTTP contract, the same for both stacks.
 *
 * @param header reads the key
 * @param keyRequired tells by its name whether an operation needs a key
 * @param methods the methods that can be guarded, in upper case
 * @param keyScope whether operations share their keys
 * @param fingerprint how two bodies are compared
 * @param bodies keeps request bodies
 * @param maxResponseBody the most bytes of a response body that is recorded
 * @param recording decides by its status how long a response is kept
 * @param recordedHeaders the headers that are recorded
 * @param scopes tells whom a key belongs to
 * @param problems writes problems
 */
public record HttpRules(IdempotencyKeyHeader header, Predicate<String> keyRequired, Set<String> methods,
		KeyScope keyScope, FingerprintForm fingerprint, RequestBodies bodies, int maxResponseBody,
		RecordingPolicy recording, RecordedHeaders recordedHeaders, Scopes scopes, Problems problems) {

	private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

	/** No operation can have this name. */
	private static final String SHARED_KEYS = "(http)";

	public HttpRules {
		methods = guardable(methods);
	}

	/**
	 * Check which methods are to be guarded.
	 * @param methods the methods, in upper case
	 * @return the same
	 * @throws IllegalArgumentException if one of them asks for no change
	 */
	public static Set<String> guardable(Set<String> methods) {
		if (!Collections.disjoint(methods, SAFE)) {
			throw new IllegalArgumentException(
					"GET, HEAD, OPTIONS and TRACE are safe and cannot be guarded: leave them out");
		}
		return Set.copyOf(methods);
	}

	/**
	 * Return whether a method asks for no change (RFC 9110, section 9.2.1).
	 * @param method the method of a request
	 * @return whether it is safe
	 */
	static boolean isSafe(String method) {
		return SAFE.contains(method);
	}

	/**
	 * Return whether requests with a method can be guarded.
	 * @param method the method of the request
	 * @return whether they can
	 */
	public boolean concerns(String method) {
		return this.methods.contains(method);
	}

	/**
	 * Return the key of a request.
	 * @param operation the operation
	 * @param lines the lines of the header
	 * @return the key, or {@code null} if the request has none and needs none
	 * @throws ProblemException if the key is missing or invalid
	 */
	public @Nullable String key(OperationSpec operation, List<String> lines) {
		String key = this.header.read(lines);
		if (key == null && this.keyRequired.test(operation.name())) {
			throw new ProblemException(new Problem(ProblemType.MISSING_KEY, operation.name(), null));
		}
		return key;
	}

	/**
	 * Return the name under which the keys of an operation are told apart.
	 * @param operation the operation
	 * @return its own name, or one for all
	 */
	public String identity(OperationSpec operation) {
		return (this.keyScope == KeyScope.API) ? SHARED_KEYS : operation.name();
	}

	/**
	 * Begin the fingerprint of a request.
	 * @param operation the operation's name
	 * @param method the method
	 * @param path the path as it was sent
	 * @param query the query as it was sent, or {@code null}
	 * @param contentType the type of the body, or {@code null}
	 * @return the fingerprint, which lacks the body
	 */
	public RequestFingerprint fingerprint(String operation, String method, String path, @Nullable String query,
			@Nullable String contentType) {
		RequestFingerprint begun = new RequestFingerprint(this.fingerprint).line(method, path, query)
			.contentType(contentType);
		return (this.keyScope == KeyScope.API) ? begun.operation(operation) : begun;
	}

}
