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
 * Makes the steps of runs that ask for them.
 */
@FunctionalInterface
public interface StepsFactory {

	/**
	 * Begin with the steps of a run.
	 * @param run what the steps may know and write
	 * @return the steps
	 */
	EndingSteps begin(CheckpointedRun run);

}
