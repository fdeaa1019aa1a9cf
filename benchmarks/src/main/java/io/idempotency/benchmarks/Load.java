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
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Threads that call an operation for a short while, as fast as they can.
 */
final class Load implements AutoCloseable {

	private static final int NOT_TIMED = 0;

	private final int threads;

	private final SplittableRandom random;

	private final ExecutorService executor;

	Load(int threads, long seed) {
		this.threads = threads;
		this.random = new SplittableRandom(seed);
		this.executor = Executors.newFixedThreadPool(threads);
	}

	/**
	 * Call for a while.
	 * @param operation what is called
	 * @param length for how long
	 * @return calls per second
	 * @throws Exception if a call fails
	 */
	double rate(Operation operation, Duration length) throws Exception {
		return count(operation, length).rate();
	}

	/**
	 * Call for a while.
	 * @param operation what is called
	 * @param length for how long
	 * @return how many calls that were
	 * @throws Exception if a call fails
	 */
	Slice count(Operation operation, Duration length) throws Exception {
		return slice(operation, length, NOT_TIMED);
	}

	/**
	 * Call for a while and time each call.
	 * @param operation what is called
	 * @param length for how long
	 * @param quantile which part of the calls is not slower than the answer
	 * @return nanoseconds
	 * @throws Exception if a call fails
	 */
	double latency(Operation operation, Duration length, double quantile) throws Exception {
		long[] sorted = slice(operation, length, 1 << 20).nanos();
		return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * quantile))];
	}

	private Slice slice(Operation operation, Duration length, int capacity) throws Exception {
		long begin = System.nanoTime();
		long end = begin + length.toNanos();
		List<Callable<long[]>> tasks = new ArrayList<>();
		for (int i = 0; i < this.threads; i++) {
			SplittableRandom own = this.random.split();
			tasks.add((capacity == NOT_TIMED) ? () -> new long[] { count(operation, own, end) }
					: () -> timed(operation, own, end, capacity));
		}
		List<long[]> results = new ArrayList<>();
		for (Future<long[]> done : this.executor.invokeAll(tasks)) {
			results.add(result(done));
		}
		long[] all = results.stream().flatMapToLong(Arrays::stream).sorted().toArray();
		double seconds = (System.nanoTime() - begin) / 1e9;
		long calls = (capacity == NOT_TIMED) ? Arrays.stream(all).sum() : all.length;
		return new Slice(calls, calls / seconds, all);
	}

	private static long count(Operation operation, SplittableRandom random, long end) throws Exception {
		long calls = 0;
		do {
			operation.run(random);
			calls++;
		}
		while (System.nanoTime() < end);
		return calls;
	}

	private static long[] timed(Operation operation, SplittableRandom random, long end, int capacity) throws Exception {
		long[] nanos = new long[capacity];
		int calls = 0;
		long last = System.nanoTime();
		do {
			operation.run(random);
			long now = System.nanoTime();
			nanos[calls++] = now - last;
			last = now;
		}
		while (last < end && calls < capacity);
		return Arrays.copyOf(nanos, calls);
	}

	private static long[] result(Future<long[]> done) throws Exception {
		try {
			return done.get();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("A call failed", ex.getCause());
		}
	}

	@Override
	public void close() {
		this.executor.shutdownNow();
	}

	/**
	 * What came of a slice.
	 *
	 * @param calls how many
	 * @param rate calls per second
	 * @param nanos sorted times of the calls, if they were timed
	 */
	@SuppressWarnings("ArrayRecordComponent")
	record Slice(long calls, double rate, long[] nanos) {

	}

}
