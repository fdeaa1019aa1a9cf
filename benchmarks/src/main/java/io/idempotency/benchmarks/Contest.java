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
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Two operations that do the same, in turns: each round runs one and then the other for a
 * short while, and the next round the other way round. What loads the machine for longer
 * than a slice hits both, so the ratio of a round can be trusted where its rates cannot.
 *
 * @param threads how many call at a time
 * @param rounds how many ratios are measured
 * @param seed of the keys, which are the same in two contests with the same seed
 * @param warmUpRounds how many rounds come before and do not count
 */
record Contest(int threads, int rounds, long seed, int warmUpRounds) {

	static final Duration SLICE = Duration.ofMillis(250);

	private static final int WARM_UP_ROUNDS = 16;

	Contest(int threads, int rounds, long seed) {
		this(threads, rounds, seed, WARM_UP_ROUNDS);
	}

	/**
	 * Compare throughput.
	 * @param ours the library
	 * @param theirs what it is compared with
	 * @return the result
	 * @throws Exception if a call fails
	 */
	Result throughput(Operation ours, Operation theirs) throws Exception {
		try (Load load = new Load(this.threads, this.seed)) {
			return Result.of(turns(() -> load.rate(ours, SLICE), () -> load.rate(theirs, SLICE)));
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
			return Result.of(turns(() -> {
				before.run();
				try {
					return load.latency(operation, SLICE, 0.99);
				}
				finally {
					after.run();
				}
			}, () -> load.latency(operation, SLICE, 0.99)));
		}
	}

	/**
	 * Take turns.
	 * @param <T> what is measured
	 * @param ours measures the library
	 * @param theirs measures what it is compared with
	 * @return what was measured in each round
	 * @throws Exception if a call fails
	 */
	<T> List<Round<T>> turns(Turn<T> ours, Turn<T> theirs) throws Exception {
		for (int round = 0; round < this.warmUpRounds; round++) {
			ours.take();
			theirs.take();
		}
		List<Round<T>> taken = new ArrayList<>(this.rounds);
		for (int round = 0; round < this.rounds; round++) {
			if (round % 2 == 0) {
				T first = ours.take();
				taken.add(new Round<>(first, theirs.take()));
			}
			else {
				T first = theirs.take();
				taken.add(new Round<>(ours.take(), first));
			}
		}
		return taken;
	}

	/**
	 * Measures for the length of a slice.
	 *
	 * @param <T> what it measures
	 */
	@FunctionalInterface
	interface Turn<T> {

		T take() throws Exception;

	}

	/**
	 * The turns that can be compared.
	 *
	 * @param <T> what was measured
	 * @param ours of the library
	 * @param theirs of the other
	 */
	record Round<T>(T ours, T theirs) {

	}

	/**
	 * What came of it.
	 *
	 * @param ours what was measured of the library
	 * @param theirs what was measured of the other
	 * @param ratio of the two in the same round
	 */
	record Result(Measured ours, Measured theirs, Measured ratio) {

		private static Result of(List<Round<Double>> rounds) {
			return of(rounds, Double::doubleValue);
		}

		static <T> Result of(List<Round<T>> rounds, ToDoubleFunction<T> number) {
			return new Result(Measured.of(rounds, (round) -> number.applyAsDouble(round.ours())),
					Measured.of(rounds, (round) -> number.applyAsDouble(round.theirs())), Measured.of(rounds,
							(round) -> number.applyAsDouble(round.ours()) / number.applyAsDouble(round.theirs())));
		}

	}

}
