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

package io.idempotency.benchmarks;

import java.util.SplittableRandom;
import java.util.UUID;

/**
 * What is called again and again, by several threads at a time.
 */
@FunctionalInterface
interface Operation {

	/**
	 * Do it once.
	 * @param random the calling thread's own
	 * @throws Exception if it cannot be done, which ends the benchmark
	 */
	void run(SplittableRandom random) throws Exception;

	/**
	 * Return a key that was never used.
	 * @param random the calling thread's own
	 * @return a key
	 */
	static String freshKey(SplittableRandom random) {
		return new UUID(random.nextLong(), random.nextLong()).toString();
	}

}
