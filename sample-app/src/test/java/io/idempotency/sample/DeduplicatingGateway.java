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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.jayway.jsonpath.JsonPath;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A payment gateway outside the application that does what real ones do: it charges once
 * per {@code Idempotency-Key}, and gives the same charge to every request with that key.
 * So it does with refunds.
 */
class DeduplicatingGateway implements AutoCloseable {

	private final Map<String, List<String>> requests = new ConcurrentHashMap<>();

	private final Map<String, UUID> charges = new ConcurrentHashMap<>();

	private final List<Refund> refundRequests = new CopyOnWriteArrayList<>();

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final HttpServer server;

	DeduplicatingGateway() {
		try {
			this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.server.setExecutor(this.threads);
		this.server.createContext("/gateway/charges", this::charge);
		this.server.createContext("/gateway/refunds", this::refund);
		this.server.start();
	}

	String url() {
		return "http://localhost:" + this.server.getAddress().getPort();
	}

	/** Return the keys of the requests that arrived for an order. */
	List<String> requests(String order) {
		return this.requests.getOrDefault(order, List.of());
	}

	/** Return what the customer was charged for an order. */
	List<UUID> charges(String order) {
		return requests(order).stream().distinct().map(this.charges::get).toList();
	}

	/** Return the keys of the requests that arrived to give a charge back. */
	List<String> refundRequests(UUID charge) {
		return this.refundRequests.stream()
			.filter((refund) -> refund.charge().equals(charge))
			.map(Refund::key)
			.toList();
	}

	private void charge(HttpExchange exchange) throws IOException {
		String order = JsonPath.read(exchange.getRequestBody(), "$.orderId");
		// A charge without a key is one of its own
		String sent = exchange.getRequestHeaders().getFirst("Idempotency-Key");
		String key = (sent != null) ? sent : "none " + UUID.randomUUID();
		this.requests.computeIfAbsent(order, (first) -> new CopyOnWriteArrayList<>()).add(key);
		arrived(order);
		UUID charge = this.charges.computeIfAbsent(key, (first) -> UUID.randomUUID());
		answer(exchange, "{\"chargeId\":\"%s\"}".formatted(charge));
	}

	private void refund(HttpExchange exchange) throws IOException {
		UUID charge = UUID.fromString(JsonPath.read(exchange.getRequestBody(), "$.chargeId"));
		this.refundRequests.add(new Refund(charge, exchange.getRequestHeaders().getFirst("Idempotency-Key")));
		answer(exchange, "{}");
	}

	private static void answer(HttpExchange exchange, String json) throws IOException {
		byte[] body = json.getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().set("Content-Type", "application/json");
		exchange.sendResponseHeaders(201, body.length);
		exchange.getResponseBody().write(body);
		exchange.close();
	}

	/** A request for an order has arrived and is going to be charged. */
	void arrived(String order) {
	}

	private record Refund(UUID charge, String key) {

	}

	@Override
	public void close() {
		this.server.stop(0);
		this.threads.shutdownNow();
	}

}
