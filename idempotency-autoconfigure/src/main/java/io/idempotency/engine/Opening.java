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

import io.idempotency.store.StoredOutcome;

/**
 * What an edge gets that does the work by itself and hands in an outcome of its own, such
 * as a whole HTTP response, rather than have the engine call the work and encode what it
 * returns.
 */
public sealed interface Opening {

	/**
	 * The key: the edge does the work, and ends the run.
	 *
	 * @param run the run
	 */
	record Begun(OpenRun run) implements Opening {

	}

	/**
	 * The recorded answer of another run, which this caller gets.
	 *
	 * @param outcome the answer
	 * @param age the time since that run began, by the store's clock
	 */
	record Recorded(StoredOutcome outcome, Duration age) implements Opening {

		static Recorded of(Landing.Outcome landing) {
			return new Recorded(landing.outcome(), landing.age());
		}

	}

	/**
	 * No protection: the store could not be asked, and {@link OnStoreFailure#PROCEED}
	 * lets the work happen all the same.
	 */
	record Unprotected() implements Opening {

	}

}
