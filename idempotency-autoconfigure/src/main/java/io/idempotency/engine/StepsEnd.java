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

import io.idempotency.store.StoredOutcome;

/**
 * What the steps of a run make of the end of its work.
 */
public sealed interface StepsEnd {

	/**
	 * Nothing: what the work returned or threw counts.
	 */
	enum Unchanged implements StepsEnd {

		INSTANCE

	}

	/**
	 * The work is not at its end, whatever it returned or threw: the next attempt goes
	 * on.
	 *
	 * @param thrown what counts as thrown
	 */
	record Unfinished(Throwable thrown) implements StepsEnd {

	}

	/**
	 * The work failed for good, whatever it returned or threw.
	 *
	 * @param thrown what counts as thrown
	 * @param failure what is recorded
	 * @param undone whether steps were undone, so that their keys must not be sent again
	 */
	record FailedForGood(Throwable thrown, StoredOutcome failure, boolean undone) implements StepsEnd {

	}

}
