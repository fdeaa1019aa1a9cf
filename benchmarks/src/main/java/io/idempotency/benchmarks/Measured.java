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

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A series of numbers of one kind, of which the median tells most.
 *
 * @param median half are smaller
 * @param lower a quarter is smaller
 * @param upper a quarter is larger
 */
record Measured(double median, double lower, double upper) {

	static <T> Measured of(List<T> rounds, ToDoubleFunction<T> number) {
		double[] sorted = rounds.stream().mapToDouble(number).sorted().toArray();
		return new Measured(at(sorted, 0.5), at(sorted, 0.25), at(sorted, 0.75));
	}

	private static double at(double[] sorted, double quantile) {
		double position = (sorted.length - 1) * quantile;
		int below = (int) position;
		double above = sorted[Math.min(below + 1, sorted.length - 1)];
		return sorted[below] + (above - sorted[below]) * (position - below);
	}

	@Override
	public String toString() {
		return format("%.2f (%.2f–%.2f)");
	}

	/**
	 * Return the three numbers as text.
	 * @param format how the median, the lower and the upper quartile are written
	 * @return the text
	 */
	String format(String format) {
		return String.format(Locale.ROOT, format, this.median, this.lower, this.upper);
	}

}
