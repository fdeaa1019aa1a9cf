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
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Prints what requests cost, as tables in Markdown.
 *
 * @param report prints what is compared by a ratio
 */
record HttpReport(Report report) {

	/** In per cent of the request. */
	private static final double TARGET = 5;

	/**
	 * Print the times and what the server used for them.
	 * @param other what it is compared with
	 * @param measured what was measured, with one connection
	 */
	void times(String other, Map<String, RequestCost.Compared> measured) {
		System.out.printf(
				"%n### A request on one connection, in µs, beside %s%n%n"
						+ "| what | other | with the layer | in the store (calls) | the layer's own (quartiles) "
						+ "| share of the request (quartiles) | target | |%n|---|---|---|---|---|---|---|---|%n",
				other);
		measured.forEach(HttpReport::time);
		System.out.printf("%n### What the server's threads use for it, beside %s%n%n"
				+ "| what | CPU µs, other | with the layer | bytes, other | with the layer | of that in the store |%n"
				+ "|---|---|---|---|---|---|%n", other);
		measured.forEach(HttpReport::used);
	}

	private static void time(String what, RequestCost.Compared compared) {
		Contest.Result time = of(compared, (cost) -> cost.time());
		double calls = of(compared, (cost) -> cost.storeCalls()).ours().median();
		System.out.printf(Locale.ROOT, "| %s | %.1f | %.1f | %.1f (%.1f) | %s | %s | %s |%n", what,
				time.theirs().median(), time.ours().median(), of(compared, (cost) -> cost.storeTime()).ours().median(),
				calls, compared.own().format("%.1f (%.1f–%.1f)"), compared.share().format("%.1f %% (%.1f–%.1f)"),
				(calls > 0) ? verdict(compared.share().median()) : "– |");
	}

	private static String verdict(double share) {
		return String.format(Locale.ROOT, "≤ %.0f %% | %s", TARGET, (share <= TARGET) ? "met" : "MISSED");
	}

	private static void used(String what, RequestCost.Compared compared) {
		Contest.Result cpu = of(compared, (cost) -> cost.cpu());
		Contest.Result bytes = of(compared, (cost) -> cost.bytes());
		System.out.printf(Locale.ROOT, "| %s | %.1f | %.1f | %,.0f | %,.0f | %,.0f |%n", what, cpu.theirs().median(),
				cpu.ours().median(), bytes.theirs().median(), bytes.ours().median(),
				of(compared, (cost) -> cost.storeBytes()).ours().median());
	}

	/**
	 * Print how many requests a second are answered.
	 * @param measured what was measured
	 * @param connections with how many connections
	 */
	void rates(Map<String, RequestCost.Compared> measured, int connections) {
		this.report.title("Requests per second");
		measured.forEach((what, compared) -> this.report.atLeast(what, connections,
				of(compared, (cost) -> 1e6 * connections / cost.time()), 0));
	}

	private static Contest.Result of(RequestCost.Compared compared, ToDoubleFunction<RequestCost> number) {
		return Contest.Result.of(compared.rounds(), number);
	}

}
