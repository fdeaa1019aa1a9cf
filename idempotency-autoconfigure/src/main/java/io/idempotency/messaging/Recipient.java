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

package io.idempotency.messaging;

import java.util.Set;

/**
 * Whom a container calls, and whose messages these are. Where one operation is called
 * from several subscriptions, each of them does its work once: a message that two of them
 * get is worked on twice.
 */
public final class Recipient {

	/** The scope of identities, so that no sender's key can claim to be one. */
	private static final String IDENTITIES = "message";

	private final Set<String> operations;

	private final String scope;

	private Recipient(Set<String> operations, String scope) {
		this.operations = Set.copyOf(operations);
		this.scope = scope;
	}

	/**
	 * Describe the one subscription of some operations.
	 * @param operations the names of the guarded operations that the container calls
	 * @return the recipient
	 */
	public static Recipient of(Set<String> operations) {
		return new Recipient(operations, "");
	}

	/**
	 * Describe one of several subscriptions.
	 * @param subscription what tells it from the others, and stays the same when the
	 * application is started again
	 * @return the same recipient with a scope of its own
	 */
	Recipient in(String subscription) {
		return new Recipient(this.operations, subscription);
	}

	boolean isCalled(String operation) {
		return this.operations.contains(operation);
	}

	/** Of keys that somebody gave. */
	String scopeOfKeys() {
		return this.scope.isEmpty() ? "" : "subscription:" + this.scope;
	}

	/** Of what the broker knows messages by. */
	String scopeOfIdentities() {
		return this.scope.isEmpty() ? IDENTITIES : IDENTITIES + ":" + this.scope;
	}

}
