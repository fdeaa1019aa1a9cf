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

import org.jspecify.annotations.Nullable;

/**
 * What an edge keeps about work, for as long as it runs: work that is repeated, by an
 * advice inside of the guard or as a step that is tried again, begins with none. The
 * {@link io.idempotency.IdempotencyContext} that the work sees is one. Safe for use by
 * several threads.
 */
public interface RunNotes {

	/**
	 * Return the step that the work is, by which what it does is told from what others do
	 * that may come before or after it on the next attempt.
	 * @return the step's name, its first one if it was renamed, or {@code null} for work
	 * outside of steps
	 */
	@Nullable String step();

	/**
	 * Reserve something that the work may do once.
	 * @param what what is done
	 * @param by who does it; compared by identity, and may reserve it again
	 * @return whether nobody else has reserved it
	 */
	boolean reserve(String what, Object by);

	/**
	 * Count something that the work may do several times.
	 * @param what what is done
	 * @return how often it was counted, this time included
	 */
	int count(String what);

}
