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

package io.idempotency.web.conformance;

import java.net.URI;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.awaitility.Awaitility;

/**
 * The conformance API as a client sees it: nothing but a base URL. What the server offers
 * there is described by {@link HttpConformance}. Safe for use by many threads.
 */
final class ConformanceApi {

	private static final ExecutorService BACKGROUND = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "conformance-client");
		thread.setDaemon(true);
		return thread;
	});

	private final URI baseUrl;

	private final RawHttp http;

	ConformanceApi(URI baseUrl) {
		this.baseUrl = baseUrl;
		this.http = new RawHttp(baseUrl);
	}

	RawHttp http() {
		return this.http;
	}

	String host() {
		return this.baseUrl.getAuthority();
	}

	Call post(String target) {
		return Call.of(this, "POST", target);
	}

	<T> CompletableFuture<T> background(Supplier<T> work) {
		return CompletableFuture.supplyAsync(work, BACKGROUND);
	}

	/**
	 * Ask again until the answer is as wanted, for ten seconds at most.
	 */
	<T> T eventually(Callable<T> question, Predicate<T> wanted) {
		return Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(20))
			.until(question, wanted);
	}

	int runs(String probe) {
		return Integer.parseInt(ask("/state/runs/" + probe));
	}

	void awaitArrivals(String gate, int count) {
		ask("/state/gates/" + gate + "/arrivals?atLeast=" + count);
	}

	void openGate(String gate) {
		tell("/state/gates/" + gate + "/open");
	}

	/**
	 * Return how many claims the store was asked for since the server was started.
	 */
	int claims() {
		return Integer.parseInt(ask("/state/store/claims"));
	}

	/**
	 * Do something while a verb of the store fails.
	 * @param verb {@code claim} or {@code complete}
	 * @param work what is done
	 */
	void whileStoreFails(String verb, Runnable work) {
		tell("/state/store/fail?verb=" + verb);
		try {
			work.run();
		}
		finally {
			tell("/state/store/heal");
		}
	}

	/**
	 * Create a user with the role PAYER whose password is {@code secret}.
	 * @return the user's name, a new one each time
	 */
	String newPayer() {
		String name = "user-" + UUID.randomUUID();
		setUser(name, "secret", "PAYER");
		return name;
	}

	/**
	 * Create or replace a user.
	 */
	void setUser(String name, String password, String role) {
		tell("/state/users/" + name + "?password=" + password + "&role=" + role);
	}

	private String ask(String target) {
		return expectOk(Call.of(this, "GET", target).withoutKey().without("Content-Type").body(""));
	}

	private void tell(String target) {
		expectOk(post(target).withoutKey().without("Content-Type").body(""));
	}

	private static String expectOk(Call call) {
		Answer answer = call.send();
		if (answer.status() != 200) {
			throw new IllegalStateException("The server does not offer the conformance API: " + answer);
		}
		return answer.text();
	}

}
