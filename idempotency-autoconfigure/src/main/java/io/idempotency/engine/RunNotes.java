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

/**
 * What an edge keeps about one run of the work, for as long as that lasts. The
 * {@link io.idempotency.IdempotencyContext} of a run is one.
 */
public interface RunNotes {

	/**
	 * Reserve something that may be done once in a run. Safe for use by several threads.
	 * @param what what is done
	 * @param by who does it; compared by identity, and may reserve it again
	 * @return whether nobody else has reserved it in this run
	 */
	boolean reserve(String what, Object by);

	/**
	 * Count something that may be done several times in a run. Safe for use by several
	 * threads.
	 * @param what what is done
	 * @return how often it was counted in this run, this time included
	 */
	int count(String what);

}
