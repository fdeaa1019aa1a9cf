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

import java.time.Duration;

/**
 * Two operations that do the same, in turns: each round runs one and then the other for a
 * short while, and the next round the other way round. What loads the machine for longer
 * than a slice hits both, so the ratio of a round can be trusted where its rates cannot.
 *
 * @param threads how many call at a time
 * @param rounds how many ratios are measured
 * @param seed of the keys, which are the same in two contests with the same seed
 */
record Contest(int threads, int rounds, long seed) {

	private static final Duration SLICE = Duration.ofMillis(250);

	private static final int WARM_UP_ROUNDS = 16;

	/**
	 * Compare throughput.
	 * @param ours the library
	 * @param theirs what it is compared with
	 * @return the result
	 * @throws Exception if a call fails
	 */
	Result throughput(Operation ours, Operation theirs) throws Exception {
		try (Load load = new Load(this.threads, this.seed)) {
			return turns(() -> load.rate(ours, SLICE), () -> load.rate(theirs, SLICE));
		}
	}

	/**
	 * Compare how long the slowest of a hundred calls takes.
	 * @param operation what is called in both turns
	 * @param before is run before our turn
	 * @param after is run after it
	 * @return the result
	 * @throws Exception if a call fails
	 */
	Result slowest(Operation operation, Runnable before, Runnable after) throws Exception {
		try (Load load = new Load(this.threads, this.seed)) {
			return turns(() -> {
				before.run();
				try {
					return load.latency(operation, SLICE, 0.99);
				}
				finally {
					after.run();
				}
			}, () -> load.latency(operation, SLICE, 0.99));
		}
	}

	private Result turns(Turn ours, Turn theirs) throws Exception {
		for (int round = 0; round < WARM_UP_ROUNDS; round++) {
			ours.take();
			theirs.take();
		}
		double[] first = new double[this.rounds];
		double[] second = new double[this.rounds];
		double[] ratios = new double[this.rounds];
		for (int round = 0; round < this.rounds; round++) {
			if (round % 2 == 0) {
				first[round] = ours.take();
				second[round] = theirs.take();
			}
			else {
				second[round] = theirs.take();
				first[round] = ours.take();
			}
			ratios[round] = first[round] / second[round];
		}
		return new Result(Measured.of(first), Measured.of(second), Measured.of(ratios));
	}

	@FunctionalInterface
	private interface Turn {

		double take() throws Exception;

	}

	/**
	 * What came of it.
	 *
	 * @param ours what was measured of the library
	 * @param theirs what was measured of the other
	 * @param ratio of the two in the same round
	 */
	record Result(Measured ours, Measured theirs, Measured ratio) {

	}

}
