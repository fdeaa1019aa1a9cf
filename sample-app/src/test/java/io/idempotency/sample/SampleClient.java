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
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;

/**
 * Speaks to a running sample application over HTTP, as its users do.
 */
class SampleClient {

	private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final String url;

	SampleClient(int port) {
		this.url = "http://localhost:" + port;
	}

	String url() {
		return this.url;
	}

	Answer pay(String key, String order) {
		return pay(key, order, "customer-1", "49.90");
	}

	Answer pay(String key, String order, String customer, String amount) {
		return payAsync(key, order, customer, amount).join();
	}

	CompletableFuture<Answer> payAsync(String key, String order, String customer, String amount, String... headers) {
		String json = """
				{"orderId":"%s","customerId":"%s","amount":%s,"currency":"EUR"}""".formatted(order, customer, amount);
		String[] all = Stream.concat(Stream.of("Idempotency-Key", key), Stream.of(headers)).toArray(String[]::new);
		return post("/payments", json, all);
	}

	CompletableFuture<Answer> orderAsync(String key, String order, String customer, String... headers) {
		String json = """
				{"orderId":"%s","customerId":"%s","item":"lamp","quantity":1,"amount":49.90,"currency":"EUR"}"""
			.formatted(order, customer);
		String[] all = Stream.concat(Stream.of("Idempotency-Key", key), Stream.of(headers)).toArray(String[]::new);
		return post("/orders", json, all);
	}

	CompletableFuture<Answer> notify(String notificationId, String user) {
		return post("/notifications", notification(notificationId, user));
	}

	CompletableFuture<Answer> notifyAll(String... notifications) {
		return post("/notifications/bulk", "{\"notifications\":[" + String.join(",", notifications) + "]}");
	}

	static String notification(String notificationId, String user) {
		return """
				{"notificationId":"%s","userId":"%s","channel":"email","message":"Your order is on its way"}"""
			.formatted(notificationId, user);
	}

	CompletableFuture<Answer> putProfile(String key, String user, String name, String... headers) {
		String json = """
				{"displayName":"%s","email":"ada@example.com"}""".formatted(name);
		String[] all = Stream.concat(Stream.of("Idempotency-Key", key), Stream.of(headers)).toArray(String[]::new);
		return send("PUT", "/profiles/" + user, json, all);
	}

	CompletableFuture<Answer> post(String path, String json, String... headers) {
		return send("POST", path, json, headers);
	}

	private CompletableFuture<Answer> send(String method, String path, String json, String... headers) {
		HttpRequest.Builder request = request(path).header("Content-Type", "application/json")
			.method(method, BodyPublishers.ofString(json));
		if (headers.length > 0) {
			request.headers(headers);
		}
		return this.http.sendAsync(request.build(), BodyHandlers.ofString()).thenApply(Answer::new);
	}

	/** Return the members of that name in the elements of a list of an order. */
	List<String> ofOrder(String order, String list, String member) {
		return JsonPath.read(get("/orders/" + order).body(), "$." + list + "[*]." + member);
	}

	/** Return the elements of a list that the application serves. */
	List<Object> list(String path) {
		return JsonPath.read(get(path).body(), "$");
	}

	Answer get(String path) {
		try {
			return new Answer(this.http.send(request(path).build(), BodyHandlers.ofString()));
		}
		catch (IOException ex) {
			throw new IllegalStateException("No answer from " + path, ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI.create(this.url + path)).timeout(Duration.ofSeconds(60));
	}

	/** Send so many at the same time and wait for all answers. */
	static List<Answer> together(int callers, Supplier<CompletableFuture<Answer>> call) {
		return Stream.generate(call).limit(callers).toList().stream().map(CompletableFuture::join).toList();
	}

	/**
	 * An answer of the application.
	 */
	record Answer(HttpResponse<String> response) {

		int status() {
			return this.response.statusCode();
		}

		String body() {
			return this.response.body();
		}

		String text(String member) {
			return JsonPath.read(body(), "$." + member);
		}

		/**
		 * Whether somebody else is at the key, so that the request is to be sent again.
		 */
		boolean inProgress() {
			return status() == 409 && text("code").equals("in-progress");
		}

		int number(String member) {
			return JsonPath.read(body(), "$." + member);
		}

		Optional<String> header(String name) {
			return this.response.headers().firstValue(name);
		}

	}

}
