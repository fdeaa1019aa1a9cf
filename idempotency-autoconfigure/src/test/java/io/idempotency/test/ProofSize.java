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

package io.idempotency.test;

/**
 * How much of a long proof is run: a slice of it in each build, and all of it with
 * {@code -Didempotency.proof=full}.
 */
public final class ProofSize {

	private ProofSize() {
	}

	/**
	 * Choose a size.
	 * @param slice the size in each build
	 * @param full the size of the whole proof
	 * @return the one that was asked for
	 */
	public static int of(int slice, int full) {
		return "full".equals(System.getProperty("idempotency.proof")) ? full : slice;
	}

}
