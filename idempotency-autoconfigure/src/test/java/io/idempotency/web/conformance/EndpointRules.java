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

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What each guarded endpoint does whose key is required, whatever its work is.
 */
interface EndpointRules extends Expectations {

	/**
	 * Prepare a request that succeeds, with a key of its own, and which is unlike all
	 * others in its body.
	 */
	Call newCall();

	/**
	 * Return how many bytes a request may have.
	 */
	default int maxRequestBody() {
		return 1024 * 1024;
	}

	// The key

	@Test
	default void quotedAndRawFormAreTheSameKey() {
		String uuid = UUID.randomUUID().toString();
		Call call = newCall().key("\"" + uuid + "\"");

		Answer first = call.send();

		assertReplay(call.key(uuid).send(), first);
		assertThat(call.runs()).isEqualTo(1);
	}

	@Test
	default void parametersAreIgnored() {
		Call call = newCall();

		Answer first = call.key(call.key() + ";v=1").send();

		assertReplay(call.key(call.key() + ";v=2;w").send(), first);
		assertReplay(call.send(), first);
	}

	@Test
	default void whiteSpaceAroundTheQuotesIsNotPartOfTheKey() {
		Call call = newCall();

		Answer first = call.send();

		assertReplay(call.key("   " + call.key() + "\t ").send(), first);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "\t", "\"\"", "\"   \"", "\"a\\x\"", "\"open", "\"a\" b", "\"a\";",
			"\"a\", \"b\"", "a, b", "\"caf\u00e9\"", "caf\u00e9", "\"\u00ff\u00fe\"", "\"a\tb\"", "a\tb" })
	default void whatIsNotOneKeyIsRefused(String value) {
		assertRefused(newCall().key(value), 400, INVALID_KEY);
	}

	/** Servers refuse most of them before anybody else sees them. */
	@ParameterizedTest
	@ValueSource(ints = { 0x00, 0x01, 0x08, 0x0b, 0x1f, 0x7f })
	default void controlCharacterInTheKeyIsRefused(int control) {
		Call call = newCall().key("\"a" + (char) control + "b\"");

		assertThat(call.send().status()).isEqualTo(400);
		assertThat(call.runs()).isZero();
	}

	@Test
	default void keyMayHave255CharactersAndNoMore() {
		String uuid = UUID.randomUUID().toString();
		String longest = uuid + "k".repeat(255 - uuid.length());

		assertRunsOnce(newCall().key("\"" + longest + "\""));
		assertRefused(newCall().key("\"" + longest + "k\""), 400, INVALID_KEY);
		assertRefused(newCall().key(longest + "k"), 400, INVALID_KEY);
	}

	@Test
	default void lengthIsThatOfTheDecodedKey() {
		String uuid = UUID.randomUUID().toString();

		assertRunsOnce(newCall().key("\"" + uuid + "\\\\".repeat(255 - uuid.length()) + "\""));
	}

	@Test
	default void twoHeaderLinesAreRefused() {
		Call call = newCall();

		assertRefused(call.also("Idempotency-Key", "\"another\""), 400, INVALID_KEY);
		assertRefused(call.also("idempotency-key", call.key()), 400, INVALID_KEY);
	}

	@Test
	default void caseAndSpacesInsideTheKeyCount() {
		String uuid = UUID.randomUUID().toString();

		for (String key : List.of("k " + uuid, "K " + uuid, "k  " + uuid, "k" + uuid, " k " + uuid,
				"k " + uuid + " ")) {
			assertRunsOnce(newCall().key("\"" + key + "\""));
		}
	}

	@Test
	default void nameOfTheHeaderHasNoCase() {
		Call call = newCall();

		Answer first = call.send();

		assertReplay(call.withoutKey().header("idempotency-KEY", call.key()).send(), first);
	}

	@Test
	default void missingKeyIsRefused() {
		assertRefused(newCall().withoutKey(), 400, MISSING_KEY);
	}

	// The request that the key belongs to

	@Test
	default void anotherBodyIsRefusedAndTheOriginalStillReplays() {
		Call call = newCall();

		assertOthersAreRefused(call, newCall().key(call.key()));
	}

	@Test
	default void anotherQueryIsRefused() {
		Call call = newCall();

		assertOthersAreRefused(call.query("currency=EUR"), call.query("currency=USD"), call);
	}

	@Test
	default void otherHeadersDoNotCount() {
		Call call = newCall().header("User-Agent", "first").header("X-Request-Id", "1");
		Answer first = call.send();

		assertReplay(call.header("User-Agent", "second").header("X-Request-Id", "2").send(), first);
	}

	@Test
	default void chunkedAndPlainBodyAreTheSameRequest() {
		Call call = newCall();
		Answer first = call.send();

		assertReplay(call.chunked().send(), first);
	}

	@Test
	default void replayHasTheHeadersOfTheFirstAnswer() {
		Call call = newCall();
		Answer first = call.send();

		Answer retry = call.send();

		assertReplay(retry, first);
		for (String name : List.of("Content-Language", "Content-Disposition", "Location", "ETag", "Last-Modified",
				"Cache-Control", "Link")) {
			assertThat(retry.all(name)).as(name).isEqualTo(first.all(name));
		}
		assertThat(retry.all("Set-Cookie")).isEmpty();
	}

	// At the same time

	@Test
	default void oneOfAHundredRuns() {
		Call call = newCall();

		List<Answer> answers = atOnce(100, call);

		assertThat(call.runs()).isEqualTo(1);
		List<Answer> first = answers.stream().filter((answer) -> answer.status() != 409 && !answer.replayed()).toList();
		assertThat(first).hasSize(1);
		for (Answer answer : answers) {
			if (answer.status() == 409) {
				assertProblem(answer, 409, IN_PROGRESS);
				assertThat(answer.header("Retry-After")).matches("[1-9][0-9]*");
			}
			else if (answer != first.get(0)) {
				assertReplay(answer, first.get(0));
			}
		}
		atOnce(100, call).forEach((replay) -> assertReplay(replay, first.get(0)));
		assertThat(call.runs()).isEqualTo(1);
	}

	@Test
	default void whoeverLosesTheRaceWithAnotherRequestIsRefused() {
		Call red = newCall();
		Call blue = newCall().key(red.key());
		List<CompletableFuture<Answer>> reds = start(25, red);
		List<CompletableFuture<Answer>> blues = start(25, blue);

		List<Answer> ofReds = reds.stream().map(CompletableFuture::join).toList();
		List<Answer> ofBlues = blues.stream().map(CompletableFuture::join).toList();

		boolean redWon = ofReds.stream().anyMatch((answer) -> answer.status() < 300);
		assertThat((redWon ? red : blue).runs()).isEqualTo(1);
		(redWon ? ofBlues : ofReds).forEach((answer) -> assertProblem(answer, 422, KEY_REUSED));
		assertThat(redWon ? ofReds : ofBlues).allMatch((answer) -> answer.status() < 300 || answer.status() == 409);
	}

	private List<Answer> atOnce(int count, Call call) {
		return start(count, call).stream().map(CompletableFuture::join).toList();
	}

	private List<CompletableFuture<Answer>> start(int count, Call call) {
		return IntStream.range(0, count).mapToObj((i) -> call.start()).toList();
	}

	// Clients that do not wait

	@Test
	default void clientThatHangsUpWithinItsRequestLeavesNoTrace() {
		Call call = newCall();
		call.hangUpAfterSending(call.bytes().length - 5);

		assertRunsOnce(call);
	}

	@Test
	default void clientThatHangsUpWithinTheAnswerGetsItLater() {
		Call call = newCall();
		call.hangUpAfterReading(10);

		Answer retry = call.sendUntilAnswered();

		assertThat(retry.replayed()).as("%s", retry).isTrue();
		assertThat(call.runs()).isEqualTo(1);
	}

	// Limits and refusals

	@Test
	default void bodyOfExactlyTheLimitIsAccepted() {
		Call call = newCall().padded(maxRequestBody());

		Answer first = assertRunsOnce(call);

		assertReplay(call.chunked().send(), first);
	}

	@Test
	default void bodyOverTheLimitIsRefused() {
		Call call = newCall().padded(maxRequestBody() + 1);

		assertRefused(call, 413, REQUEST_TOO_LARGE);
		assertRefused(call.chunked(), 413, REQUEST_TOO_LARGE);
	}

	@Test
	default void announcedBodyOverTheLimitIsRefusedBeforeItIsSent() throws IOException {
		Call call = newCall().header("Content-Length", Integer.toString(maxRequestBody() + 1));

		try (Socket socket = call.connect()) {
			socket.getOutputStream().write(call.head());
			assertThat(RawHttp.readLine(socket.getInputStream())).contains(" 413");
		}

		assertThat(call.runs()).isZero();
	}

	@Test
	default void refusalsDoNotRepeatWhatTheRequestSaid() {
		String secret = "canary-" + UUID.randomUUID();
		Call call = newCall().key("\"" + secret + "\"");
		Call other = newCall().key(call.key()).query("card=" + secret).header("X-Card", secret);
		call.send();

		assertThat(other.send().toString()).contains("422").doesNotContain(secret);
		assertThat(call.key("\"" + secret + "\", b").send().toString()).contains("400").doesNotContain(secret);
	}

}
