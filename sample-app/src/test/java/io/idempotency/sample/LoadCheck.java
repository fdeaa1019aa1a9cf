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

package io.idempotency.sample;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Sends identical payments at the same time to a running sample application, round after
 * round, and prints how long the callers waited. For comparison each round also sends as
 * many charges straight to the gateway stub, which nothing guards: what they take longer
 * than the stub's delay is what HTTP costs on this machine. It needs nothing but a JDK:
 *
 * <pre class="code">
 * java sample-app/src/test/java/io/idempotency/sample/LoadCheck.java http://localhost:8080 64 20
 * </pre>
 *
 * Start the application with {@code --sample.gateway.delay=200ms} to see how much is
 * added to work of that length. The first rounds warm the application up.
 */
final class LoadCheck {

	private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private LoadCheck() {
	}

	public static void main(String[] args) {
		String url = (args.length > 0) ? args[0] : "http://localhost:8080";
		int callers = (args.length > 1) ? Integer.parseInt(args[1]) : 64;
		int rounds = (args.length > 2) ? Integer.parseInt(args[2]) : 20;
		for (int round = 1; round <= rounds; round++) {
			System.out.println("round " + round + ": " + round(url, callers));
		}
	}

	private static String round(String url, int callers) {
		String order = "load-" + UUID.randomUUID();
		List<Wait> unguarded = send(callers, () -> post(url + "/gateway/charges", "load-" + UUID.randomUUID()));
		HttpRequest request = post(url + "/payments", order);
		List<Wait> waits = send(callers, () -> request);
		long answers = waits.stream().map(Wait::body).distinct().count();
		long created = waits.stream().filter((wait) -> wait.response().statusCode() == 201).count();
		return "%d callers, %d times 201, %d different answer(s), %d charge(s), wait %s; unguarded %s"
			.formatted(callers, created, answers, charges(url, order), summary(waits), summary(unguarded));
	}

	private static List<Wait> send(int callers, Supplier<HttpRequest> requests) {
		List<CompletableFuture<Wait>> calls = new ArrayList<>();
		for (int caller = 0; caller < callers; caller++) {
			HttpRequest request = requests.get();
			long start = System.nanoTime();
			calls.add(HTTP.sendAsync(request, BodyHandlers.ofString())
				.thenApply((response) -> new Wait(System.nanoTime() - start, response)));
		}
		return calls.stream().map(CompletableFuture::join).toList();
	}

	private static String summary(List<Wait> waits) {
		long[] nanos = waits.stream().mapToLong(Wait::nanos).sorted().toArray();
		return "median %.1f ms, max %.1f ms".formatted(nanos[nanos.length / 2] / 1e6, nanos[nanos.length - 1] / 1e6);
	}

	private static HttpRequest post(String url, String order) {
		return HttpRequest.newBuilder(URI.create(url))
			.timeout(Duration.ofSeconds(60))
			.header("Content-Type", "application/json")
			.header("Idempotency-Key", order)
			.POST(BodyPublishers.ofString("""
					{"orderId":"%s","customerId":"load","amount":49.90,"currency":"EUR"}""".formatted(order)))
			.build();
	}

	private static int charges(String url, String order) {
		HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/gateway/charges?orderId=" + order)).build();
		String ledger = HTTP.sendAsync(request, BodyHandlers.ofString()).join().body();
		return ledger.split("\"chargeId\"", -1).length - 1;
	}

	/**
	 * How long a caller waited and what it got.
	 */
	private record Wait(long nanos, HttpResponse<String> response) {

		String body() {
			return this.response.body();
		}

	}

}
