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

import java.util.Locale;

/**
 * What became of a step of a run.
 */
public enum StepOutcome {

	/** Its work was done in this attempt, and is recorded. */
	EXECUTED,

	/** It was recorded before, so its work was not done again. */
	REPLAYED,

	/** Its work failed and is tried again within this attempt. */
	RETRIED,

	/**
	 * It ended with an exception: that of its work, one that was recorded before, or that
	 * of a store that did not record it.
	 */
	FAILED;

	/**
	 * Return the value for meters.
	 * @return the name in lower case
	 */
	public String tag() {
		return name().toLowerCase(Locale.ROOT);
	}

}
