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

package io.idempotency.web.reactive;

import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class ReactiveHandlersIntegrationTests extends ReactiveClient {

	private ReactiveHandlers handlers;

	@BeforeAll
	void start() {
		Map<String, Object> settings = new HashMap<>(storeSettings());
		settings.put("idempotency.web.max-request-body", "1KB");
		settings.put("idempotency.web.max-response-body", "4KB");
		settings.put("idempotency.operations.optional.key-required", "false");
		start(application(), settings);
		this.handlers = this.application.getBean(ReactiveHandlers.class);
	}

	Class<?> application() {
		return ReactiveApplication.class;
	}

	Map<String, Object> storeSettings() {
		return Map.of();
	}

	@AfterAll
	void stop() {
		this.application.close();
	}

	@BeforeEach
	void closeGate() {
		this.handlers.closeGate();
	}

	@AfterEach
	void noEventLoopWasBlocked() {
		assertThat(storeThreads().onEventLoops).isEmpty();
	}

	ReactiveApplication.StoreThreads storeThreads() {
		return this.application.getBean(ReactiveApplication.StoreThreads.class);
	}

	@Test
	void claimsAndEndsHaveThreadsOfTheirOwn() throws Exception {
		post("/orders", key(), "{}");

		assertThat(storeThreads().names).anyMatch((name) -> name.startsWith("idempotency-claim"))
			.anyMatch((name) -> name.startsWith("idempotency-end"));
	}

	@Test
	void replayIsTheSameResponse() throws Exception {
		String key = key();
		int before = this.handlers.runs("order");

		HttpResponse<byte[]> first = post("/orders", key, "{\"n\":1}");
		HttpResponse<byte[]> second = post("/orders", key, "{\"n\":1}");

		assertThat(first.statusCode()).isEqualTo(201);
		assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(first.headers().firstValue("Set-Cookie")).isPresent();
		assertThat(second.statusCode()).isEqualTo(201);
		assertThat(second.body()).isEqualTo(first.body()).isNotEmpty();
		assertThat(second.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(second.headers().firstValue("Location")).isEqualTo(first.headers().firstValue("Location"));
		assertThat(second.headers().allValues("Content-Type")).isEqualTo(first.headers().allValues("Content-Type"));
		assertThat(second.headers().firstValue("Set-Cookie")).isEmpty();
		assertThat(this.handlers.runs("order")).isEqualTo(before + 1);
	}

	@Test
	void fiftyInParallelRunOnce() throws Exception {
		String key = key();
		int before = this.handlers.runs("order");
		List<CompletableFuture<HttpResponse<byte[]>>> all = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			all.add(this.client.sendAsync(request("/orders", key, "{\"n\":50}").build(), BodyHandlers.ofByteArray()));
		}

		for (CompletableFuture<HttpResponse<byte[]>> each : all) {
			assertThat(each.get().statusCode()).isIn(201, 409);
		}
		byte[] replay = post("/orders", key, "{\"n\":50}").body();
		for (CompletableFuture<HttpResponse<byte[]>> each : all) {
			if (each.get().statusCode() == 201) {
				assertThat(each.get().body()).isEqualTo(replay);
			}
			else {
				assertThat(text(each.get())).contains("in-progress");
				assertThat(each.get().headers().firstValue("Retry-After")).isPresent();
			}
		}
		assertThat(this.handlers.runs("order")).isEqualTo(before + 1);
	}

	@Test
	void missingAndInvalidKeysAreRefused() throws Exception {
		HttpResponse<byte[]> missing = post("/orders", null, "{}");
		HttpResponse<byte[]> invalid = post("/orders", "\"a\", \"b\"", "{}");
		HttpResponse<byte[]> ofFlux = post("/lists", null, "{}");

		assertThat(missing.statusCode()).isEqualTo(400);
		assertThat(missing.headers().allValues("Content-Type")).containsExactly("application/problem+json");
		assertThat(text(missing)).contains("\"missing-key\"");
		assertThat(invalid.statusCode()).isEqualTo(400);
		assertThat(text(invalid)).contains("\"invalid-key\"");
		assertThat(ofFlux.statusCode()).isEqualTo(400);
		assertThat(ofFlux.headers().allValues("Content-Type")).containsExactly("application/problem+json");
	}

	@Test
	void anotherBodyUnderTheKeyIsRefused() throws Exception {
		String key = key();
		byte[] first = post("/orders", key, "{\"n\":1}").body();

		HttpResponse<byte[]> other = post("/orders", key, "{\"n\":2}");

		assertThat(other.statusCode()).isEqualTo(422);
		assertThat(text(other)).contains("\"key-reused\"");
		assertThat(post("/orders", key, "{\"n\":1}").body()).isEqualTo(first);
	}

	@Test
	void bodyOverTheLimitIsRefused() throws Exception {
		String large = "{\"n\":\"" + "x".repeat(2000) + "\"}";
		int before = this.handlers.runs("order");

		HttpResponse<byte[]> known = post("/orders", key(), large);
		HttpResponse<byte[]> chunked = send(request("/orders", key(), "").POST(BodyPublishers
			.ofByteArrays(List.of(large.substring(0, 500).getBytes(), large.substring(500).getBytes()))));

		assertThat(known.statusCode()).isEqualTo(413);
		assertThat(text(known)).contains("\"request-too-large\"");
		assertThat(chunked.statusCode()).isEqualTo(413);
		assertThat(this.handlers.runs("order")).isEqualTo(before);
	}

	@Test
	void unguardedHandlersAreLeftAlone() throws Exception {
		HttpResponse<byte[]> free = post("/free", key(), "x".repeat(2000));

		assertThat(text(free)).startsWith("2000, run ");
	}

	@Test
	void safeMethodsAreLeftAlone() throws Exception {
		String key = key();

		String first = text(send(request("/safe", key, "").GET()));

		assertThat(text(send(request("/safe", key, "").GET()))).isNotEqualTo(first);
	}

	@Test
	void optionalKeyMayBeMissing() throws Exception {
		String first = text(post("/optional", null, ""));
		String key = key();
		String keyed = text(post("/optional", key, ""));

		assertThat(text(post("/optional", null, ""))).isNotEqualTo(first);
		assertThat(text(post("/optional", key, ""))).isEqualTo(keyed);
	}

	@Test
	void fluxOfJsonIsHeldAndReplayed() throws Exception {
		String key = key();

		HttpResponse<byte[]> first = post("/lists", key, "");
		HttpResponse<byte[]> second = post("/lists", key, "");

		assertThat(text(first)).startsWith("[").contains("\"item\":3").endsWith("]");
		assertThat(first.headers().firstValue("Content-Length")).isPresent();
		assertThat(second.body()).isEqualTo(first.body());
		assertThat(second.headers().allValues("Content-Type")).isEqualTo(first.headers().allValues("Content-Type"));
		assertThat(second.headers().firstValue("Idempotent-Replayed")).hasValue("true");
	}

	@Test
	void eventsPassThroughAndAreNotRepeated() throws Exception {
		String key = key();
		int before = this.handlers.runs("events");
		HttpResponse<Stream<String>> first = this.client.send(request("/events", key, "").build(),
				BodyHandlers.ofLines());
		var lines = first.body().iterator();

		assertThat(lines.next()).isEqualTo("data:first");
		HttpResponse<byte[]> meanwhile = post("/events", key, "");
		this.handlers.openGate();

		assertThat(lines.next()).isEmpty();
		assertThat(lines.next()).isEqualTo("data:last");
		assertThat(meanwhile.statusCode()).isEqualTo(409);
		assertThat(text(meanwhile)).contains("\"response-not-replayable\"");
		assertThat(this.handlers.runs("events")).isEqualTo(before + 1);
	}

	@Test
	void whatGrowsOverTheLimitPassesThroughAndIsNotRepeated() throws Exception {
		String key = key();
		int before = this.handlers.runs("big");

		HttpResponse<byte[]> first = post("/big", key, "");
		HttpResponse<byte[]> second = post("/big", key, "");

		assertThat(first.statusCode()).isEqualTo(200);
		assertThat(first.body()).hasSizeGreaterThan(5000);
		assertThat(second.statusCode()).isEqualTo(409);
		assertThat(this.handlers.runs("big")).isEqualTo(before + 1);
	}

	@Test
	void handlerWithoutABodyIsReplayed() throws Exception {
		String key = key();
		int before = this.handlers.runs("nothing");

		HttpResponse<byte[]> first = post("/nothing", key, "");
		HttpResponse<byte[]> second = post("/nothing", key, "");

		assertThat(first.statusCode()).isEqualTo(202);
		assertThat(second.statusCode()).isEqualTo(202);
		assertThat(second.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(this.handlers.runs("nothing")).isEqualTo(before + 1);
	}

	@Test
	void failureReleasesTheKey() throws Exception {
		String key = key();

		HttpResponse<byte[]> first = post("/fails", key, "");
		HttpResponse<byte[]> second = post("/fails", key, "");

		assertThat(first.statusCode()).isEqualTo(500);
		assertThat(text(second)).isEqualTo("done");
		assertThat(second.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(post("/fails", key, "").headers().firstValue("Idempotent-Replayed")).hasValue("true");
	}

	@Test
	void refusalOfTheHandlerIsReplayedAsItsClientSawIt() throws Exception {
		String key = key();
		int before = this.handlers.runs("declined");

		HttpResponse<byte[]> first = post("/declined", key, "");
		HttpResponse<byte[]> second = post("/declined", key, "");

		assertThat(first.statusCode()).isEqualTo(402);
		assertThat(second.statusCode()).isEqualTo(402);
		assertThat(second.body()).isEqualTo(first.body()).isNotEmpty();
		assertThat(this.handlers.runs("declined")).isEqualTo(before + 1);
	}

	@Test
	void refusalBeforeTheHandlerLeavesNoTrace() throws Exception {
		String key = key();

		assertThat(post("/numbers/none", key, "").statusCode()).isEqualTo(400);
		HttpResponse<byte[]> corrected = post("/numbers/7", key, "");

		assertThat(corrected.statusCode()).isEqualTo(200);
		assertThat(corrected.headers().firstValue("Idempotent-Replayed")).isEmpty();
	}

	@Test
	void clientThatHangsUpFindsItsAnswerLater() throws Exception {
		String key = key();
		int before = this.handlers.runs("slow");
		try (Socket socket = new Socket("localhost", this.port)) {
			socket.getOutputStream()
				.write(("POST /slow HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: " + key
						+ "\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n")
					.getBytes(StandardCharsets.US_ASCII));
			await().until(() -> this.handlers.runs("slow") == before + 1);
		}
		assertThat(post("/slow", key, "").statusCode()).isEqualTo(409);

		this.handlers.openGate();

		await().atMost(Duration.ofSeconds(10)).until(() -> post("/slow", key, "").statusCode() == 200);
		HttpResponse<byte[]> later = post("/slow", key, "");
		assertThat(later.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(text(later)).isEqualTo("slow " + (before + 1));
		assertThat(this.handlers.runs("slow")).isEqualTo(before + 1);
	}

	@Test
	void principalsDoNotMeet() throws Exception {
		String key = key();

		HttpResponse<byte[]> alice = send(as("alice:a", request("/orders", key, "{}")));
		HttpResponse<byte[]> bob = send(as("bob:b", request("/orders", key, "{\"n\":2}")));
		HttpResponse<byte[]> again = send(as("alice:a", request("/orders", key, "{}")));

		assertThat(bob.statusCode()).isEqualTo(201);
		assertThat(bob.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(again.body()).isEqualTo(alice.body()).isNotEqualTo(bob.body());
	}

	@Test
	void methodSecurityDecidesFirst() throws Exception {
		String key = key();

		assertThat(send(as("bob:b", request("/admin", key, ""))).statusCode()).isEqualTo(403);
		HttpResponse<byte[]> first = send(as("alice:a", request("/admin", key, "")));
		HttpResponse<byte[]> second = send(as("alice:a", request("/admin", key, "")));

		assertThat(text(first)).startsWith("admin ");
		assertThat(second.body()).isEqualTo(first.body());
		assertThat(second.headers().firstValue("Idempotent-Replayed")).hasValue("true");
	}

	@Test
	void bodyThatIsReadLateIsCompared() throws Exception {
		String key = key();

		String first = text(post("/lazy", key, "one"));

		assertThat(first).startsWith("one, run ");
		assertThat(text(post("/lazy", key, "one"))).isEqualTo(first);
		assertThat(post("/lazy", key, "two").statusCode()).isEqualTo(422);
	}

	@Test
	void fieldsOfFormsAreCompared() throws Exception {
		String key = key();

		String first = text(form(key, "amount=1&currency=EUR"));

		assertThat(first).startsWith("1, run ");
		assertThat(text(form(key, "currency=EUR&amount=1"))).isEqualTo(first);
		assertThat(form(key, "amount=2&currency=EUR").statusCode()).isEqualTo(422);
	}

	@Test
	void partsOfFormsAreComparedAndStayReadable() throws Exception {
		String key = key();

		String first = text(upload(key, "b1", "12345"));

		assertThat(first).startsWith("hello 5, run ");
		assertThat(text(upload(key, "b2", "12345"))).isEqualTo(first);
		assertThat(upload(key, "b3", "12346").statusCode()).isEqualTo(422);
	}

	@Test
	void handlerFindsItsRunInReactorsContext() throws Exception {
		assertThat(text(post("/context", key(), ""))).startsWith("context ");
	}

	@Test
	void bodyThatComesLaterIsPartOfTheRun() throws Exception {
		String key = key();

		HttpResponse<byte[]> first = post("/bodies", key, "");
		HttpResponse<byte[]> second = post("/bodies", key, "");

		assertThat(first.statusCode()).isEqualTo(202);
		assertThat(text(first)).startsWith("body ");
		assertThat(second.body()).isEqualTo(first.body());
		assertThat(second.headers().firstValue("Idempotent-Replayed")).hasValue("true");
	}

	@ParameterizedTest
	@CsvSource({ "/failing-bodies,failing-body", "/failing-futures,failing-future" })
	void failureOfABodyThatComesLaterReleasesTheKey(String path, String handler) throws Exception {
		String key = key();
		int before = this.handlers.runs(handler);

		assertThat(post(path, key, "").statusCode()).isEqualTo(500);
		assertThat(post(path, key, "").statusCode()).isEqualTo(500);
		assertThat(this.handlers.runs(handler)).isEqualTo(before + 2);
	}

	@Test
	void futureInsideAnEntityIsReplayed() throws Exception {
		String key = key();

		HttpResponse<byte[]> first = post("/futures", key, "");
		HttpResponse<byte[]> second = post("/futures", key, "");

		assertThat(first.statusCode()).isEqualTo(202);
		assertThat(text(first)).startsWith("future ");
		assertThat(second.body()).isEqualTo(first.body());
		assertThat(second.headers().firstValue("Idempotent-Replayed")).hasValue("true");
	}

	@Test
	void workIsDoneThoughItsResponseCannotBeMade() throws Exception {
		String key = key();
		int before = this.handlers.runs("unwritable");

		HttpResponse<byte[]> first = post("/unwritable", key, "");
		HttpResponse<byte[]> second = post("/unwritable", key, "");

		assertThat(first.statusCode()).isEqualTo(500);
		assertThat(second.statusCode()).isEqualTo(409);
		assertThat(text(second)).contains("\"response-not-replayable\"");
		assertThat(this.handlers.runs("unwritable")).isEqualTo(before + 1);
	}

	@Test
	void exceptionOfAGuardedServiceIsAProblem() throws Exception {
		HttpResponse<byte[]> response = post("/ledger", key(), "");

		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(text(response)).contains("\"missing-key\"").contains("\"book\"");
	}

	private HttpResponse<byte[]> form(String key, String body) throws Exception {
		return send(request("/forms", key, body).setHeader("Content-Type", "application/x-www-form-urlencoded"));
	}

	private HttpResponse<byte[]> upload(String key, String boundary, String content) throws Exception {
		String body = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--"
				+ boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.bin\"\r\n"
				+ "Content-Type: application/octet-stream\r\n\r\n" + content + "\r\n--" + boundary + "--\r\n";
		return send(
				request("/uploads", key, body).setHeader("Content-Type", "multipart/form-data; boundary=" + boundary));
	}

}
