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

import java.util.Locale;

/**
 * Prints one line for each comparison, as a table in Markdown.
 */
final class Report {

	/**
	 * On two shared cores, what is this close to the target is neither met nor missed.
	 */
	private static final double TIE = 0.15;

	void title(String title) {
		System.out.printf("%n### %s%n%n| what | threads | ours | other | ratio, median (quartiles) | target | |%n"
				+ "|---|---|---|---|---|---|---|%n", title);
	}

	/**
	 * Print a comparison that is better the larger its ratio is.
	 * @param what was compared
	 * @param threads how many called
	 * @param result what came of it
	 * @param target the least ratio, 0 for none
	 */
	void atLeast(String what, int threads, Contest.Result result, double target) {
		double median = result.ratio().median();
		line(what, threads, result, (target > 0) ? "≥ " + target : "–", (target > 0) ? verdict(median / target) : "");
	}

	/**
	 * Print a comparison that is better the smaller its ratio is.
	 * @param what was compared
	 * @param threads how many called
	 * @param result what came of it
	 * @param target the greatest ratio
	 */
	void atMost(String what, int threads, Contest.Result result, double target) {
		line(what, threads, result, "≤ " + target, verdict(target / result.ratio().median()));
	}

	/**
	 * Print a number without a comparison.
	 * @param what it is
	 * @param number the number, with its unit
	 * @param target the target
	 * @param met whether it is met
	 */
	void number(String what, String number, String target, boolean met) {
		System.out.printf("| %s | | %s | | | %s | %s |%n", what, number, target, met ? "met" : "MISSED");
	}

	private void line(String what, int threads, Contest.Result result, String target, String verdict) {
		System.out.printf(Locale.ROOT, "| %s | %d | %,.0f | %,.0f | %s | %s | %s |%n", what, threads,
				result.ours().median(), result.theirs().median(), result.ratio(), target, verdict);
	}

	private static String verdict(double ofTarget) {
		if (ofTarget >= 1) {
			return "met";
		}
		return (ofTarget >= 1 - TIE) ? "missed, a tie" : "MISSED";
	}

}
