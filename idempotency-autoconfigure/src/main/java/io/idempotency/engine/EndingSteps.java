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

import io.idempotency.DurableSteps;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one run, which have a say in how it ends.
 */
public interface EndingSteps extends DurableSteps {

	/**
	 * End the steps, when the work has returned or thrown. Called once, before anything
	 * of the end is recorded.
	 * @param thrown what the work threw, or {@code null} if it returned
	 * @return what the steps make of it
	 */
	StepsEnd end(@Nullable Throwable thrown);

}
