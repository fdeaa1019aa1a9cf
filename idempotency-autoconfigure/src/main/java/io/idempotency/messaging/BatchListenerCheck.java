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

import io.idempotency.TransactionMode;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.method.MethodOperation;
import org.jspecify.annotations.Nullable;

/**
 * Refuses listeners of batches where more than the messages decides what is done once.
 */
public final class BatchListenerCheck {

	private BatchListenerCheck() {
	}

	/**
	 * Check a listener.
	 * @param operation its method
	 * @param transactions what makes its container's transactions, or {@code null} if it
	 * has none
	 * @throws InvalidOperationException if it cannot work
	 */
	public static void check(MethodOperation operation, @Nullable String transactions) {
		String name = operation.spec().name();
		TransactionMode mode = operation.spec().transaction();
		if (!operation.needsKeyOfEdge()) {
			throw new InvalidOperationException(name, "is a listener of batches with one key for all messages",
					"Remove 'key' and @IdempotencyKey: each message has the key that its sender gave it");
		}
		if (operation.method().getReturnType() != void.class) {
			throw new InvalidOperationException(name, "is a listener of batches that returns a result",
					"Return nothing: a message that was done before has no part in the result");
		}
		if (mode == TransactionMode.ATOMIC || mode == TransactionMode.JOINED) {
			throw new InvalidOperationException(name, "is a listener of batches with transaction=" + mode,
					"Remove 'transaction', or take single messages: those of a batch are recorded apart from "
							+ "transactions, so that one that fails does not undo the others");
		}
		if (transactions != null) {
			throw new InvalidOperationException(name,
					"is a listener of batches in a container with transactions of " + transactions
							+ ", which are committed or rolled back for all messages together",
					"Take single messages, or take the transaction manager off the container");
		}
	}

}
