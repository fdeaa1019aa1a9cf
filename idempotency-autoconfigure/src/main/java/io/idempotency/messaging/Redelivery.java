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

import java.time.Duration;

import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyTransientException;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a message is to be delivered again because its listener was not to be
 * called now: somebody else is working on it, or the store could not be asked. That is no
 * failure of the message, so it does not count as an attempt and never brings the message
 * nearer to a dead letter.
 */
public final class Redelivery {

	/**
	 * The longest pause before the message is looked at again. Somebody else may be done
	 * long before its lease ends, and a thread that waits takes no other messages.
	 */
	public static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

	private static final Duration SHORTEST_PAUSE = Duration.ofMillis(10);

	private Redelivery() {
	}

	/**
	 * Return after what pause the message is to be delivered again: where somebody else
	 * is working on it, as long again as that has taken up to now, so that the pauses
	 * grow with the work.
	 * @param failure what the listener's call ended with
	 * @return the pause, at most {@link #LONGEST_PAUSE}, or {@code null} if the failure
	 * is the listener's own
	 */
	public static @Nullable Duration after(@Nullable Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof IdempotencyInProgressException inProgress) {
				return pause(inProgress);
			}
			if (cause instanceof IdempotencyTransientException) {
				return LONGEST_PAUSE;
			}
		}
		return null;
	}

	private static Duration pause(IdempotencyInProgressException inProgress) {
		Duration pause = longer(inProgress.getOwnerAge(), SHORTEST_PAUSE);
		return shorter(shorter(pause, inProgress.getRetryAfter().plusMillis(1)), LONGEST_PAUSE);
	}

	private static Duration longer(Duration one, Duration other) {
		return (one.compareTo(other) > 0) ? one : other;
	}

	private static Duration shorter(Duration one, Duration other) {
		return (one.compareTo(other) < 0) ? one : other;
	}

}
