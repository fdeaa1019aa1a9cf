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

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;

/**
 * Runs the comparisons and prints their tables. Arguments, in any order: a number of
 * rounds, {@code no-fsync} for a PostgreSQL that does not wait for its disk, and
 * {@code sql}, {@code http} or {@code batch} for one of them only.
 */
public final class Benchmarks {

	private static final int ROUNDS = 24;

	private Benchmarks() {
	}

	/**
	 * Run.
	 * @param arguments what to run and how often
	 * @throws Exception if a call fails
	 */
	public static void main(String[] arguments) throws Exception {
		List<String> named = List.of(arguments);
		int rounds = named.stream()
			.filter((argument) -> argument.chars().allMatch(Character::isDigit))
			.findFirst()
			.map(Integer::parseInt)
			.orElse(ROUNDS);
		long seed = System.nanoTime();
		System.out.printf("%s, seed %d, %d rounds, %d processors, Java %s%n", LocalDate.now(ZoneOffset.UTC), seed,
				rounds, Runtime.getRuntime().availableProcessors(), Runtime.version());
		Report report = new Report();
		boolean durable = !named.contains("no-fsync");
		boolean all = Collections.disjoint(named, List.of("sql", "http", "batch"));
		if (all || named.contains("sql")) {
			new SqlBenchmarks(report, seed, rounds, durable).run();
		}
		if (all || named.contains("http")) {
			new HttpBenchmarks(new HttpReport(report), seed, rounds, durable).run();
		}
		if (all || named.contains("batch")) {
			new BatchBenchmarks(report, rounds, durable).run();
		}
	}

}
