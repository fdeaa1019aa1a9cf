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

package io.idempotency.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A real server that remembers what it was sent, known by two names: {@code localhost}
 * and {@code 127.0.0.1}.
 */
final class RecordingServer implements AutoCloseable {

	private final HttpServer server;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final List<Received> received = new CopyOnWriteArrayList<>();

	private final Map<String, Queue<Answer>> answers = new ConcurrentHashMap<>();

	RecordingServer() {
		try {
			this.server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		this.server.setExecutor(this.threads);
		this.server.createContext("/", this::handle);
		this.server.start();
	}

	URI uri(String path) {
		return URI.create("http://localhost:" + port() + path);
	}

	URI foreign(String path) {
		return URI.create("http://127.0.0.1:" + port() + path);
	}

	int port() {
		return this.server.getAddress().getPort();
	}

	/** Answer the next request to a path with a status; after that again with 200. */
	void answer(String path, int status) {
		answer(path, status, "");
	}

	void answer(String path, int status, Object location) {
		this.answers.computeIfAbsent(path, (unused) -> new ConcurrentLinkedQueue<>())
			.add(new Answer(status, location.toString()));
	}

	List<Received> received() {
		return List.copyOf(this.received);
	}

	/** The keys of the requests to a path, {@code none} for one without. */
	List<String> keys(String path) {
		return this.received.stream().filter((request) -> request.path.equals(path)).map(Received::key).toList();
	}

	private void handle(HttpExchange exchange) throws IOException {
		try (exchange) {
			String path = exchange.getRequestURI().getPath();
			String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
			List<String> keys = exchange.getRequestHeaders().getOrDefault("Idempotency-Key", List.of("none"));
			this.received.add(new Received(exchange.getRequestMethod(), exchange.getRequestHeaders().getFirst("Host"),
					path, String.join("|", keys), body));
			Queue<Answer> queue = this.answers.get(path);
			Answer answer = (queue != null) ? queue.poll() : null;
			if (answer != null && !answer.location.isEmpty()) {
				exchange.getResponseHeaders().set("Location", answer.location);
			}
			exchange.sendResponseHeaders((answer != null) ? answer.status : 200, -1);
		}
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.threads.shutdownNow();
	}

	/**
	 * A request.
	 */
	record Received(String method, String host, String path, String key, String body) {

	}

	private record Answer(int status, String location) {

	}

}
