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
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.awaitility.Awaitility;

/**
 * A server as its clients see it: nothing but a base URL. Safe for use by many threads.
 */
class Server {

	private static final ExecutorService BACKGROUND = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "conformance-client");
		thread.setDaemon(true);
		return thread;
	});

	private final URI baseUrl;

	private final RawHttp http;

	Server(URI baseUrl) {
		this.baseUrl = baseUrl;
		this.http = new RawHttp(baseUrl);
	}

	RawHttp http() {
		return this.http;
	}

	String host() {
		return this.baseUrl.getAuthority();
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

}
