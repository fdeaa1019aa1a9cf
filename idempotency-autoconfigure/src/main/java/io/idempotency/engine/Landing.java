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

import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What the callers of one key in one JVM learn when the one that went ahead is done.
 */
sealed interface Landing {

	/** There is no answer: whoever still wants one has to ask the store. */
	Landing VACANT = new Vacant();

	/**
	 * There is an answer.
	 *
	 * @param outcome the answer
	 * @param fingerprint what was asked for, or {@code null} if nothing is compared
	 * @param age the time since its first run began
	 */
	record Outcome(StoredOutcome outcome, @Nullable Fingerprint fingerprint, Duration age) implements Landing {

		static Outcome of(IdempotencyRecord record, StoredOutcome outcome) {
			return new Outcome(outcome, record.fingerprint(), record.age());
		}

	}

	/**
	 * The store could not be asked, and asking it again at once would not help.
	 *
	 * @param cause what the store threw
	 */
	record StoreFailed(RuntimeException cause) implements Landing {

	}

	/** No answer. */
	record Vacant() implements Landing {

	}

}
