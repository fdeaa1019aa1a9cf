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

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How true a replay is to the first answer.
 */
interface FidelityRules extends Conformance {

	// Headers

	@ParameterizedTest
	@ValueSource(strings = { "Location", "Content-Type", "Content-Language", "Content-Disposition", "ETag",
			"Last-Modified", "Cache-Control", "Link", "X-Receipt" })
	default void headerOfTheListIsReplayed(String name) {
		Call call = post("/headers");

		Answer first = call.send();

		assertThat(first.all(name)).as("%s", first).isNotEmpty();
		assertThat(call.send().all(name)).isEqualTo(first.all(name));
	}

	@ParameterizedTest
	@ValueSource(strings = { "Set-Cookie", "WWW-Authenticate", "X-Trace" })
	default void otherHeaderIsNotReplayed(String name) {
		Call call = post("/headers");

		assertThat(call.send().header(name)).isNotNull();

		Answer retry = call.send();
		assertThat(retry.replayed()).isTrue();
		assertThat(retry.header(name)).isNull();
	}

	@Test
	default void headersOfTheConnectionAreThoseOfTheRetry() {
		Call call = post("/headers");
		Answer first = call.send();

		Answer retry = call.send();

		assertReplay(retry, first);
		assertThat(first.all("Access-Control-Expose-Headers")).contains("X-Handler-Made");
		assertThat(retry.all("Date")).hasSizeLessThanOrEqualTo(1);
		assertThat(retry.all("Connection")).hasSizeLessThanOrEqualTo(1);
		assertThat(retry.all("Access-Control-Expose-Headers")).doesNotContain("X-Handler-Made");
	}

	@Test
	default void crossOriginHeadersAreThoseOfTheRetry() {
		Call call = post("/charges").header("Origin", "https://shop.example");
		Answer first = call.send();

		Answer retry = call.header("Origin", "https://bank.example").send();

		assertReplay(retry, first);
		assertThat(first.header("Access-Control-Allow-Origin")).isEqualTo("https://shop.example");
		assertThat(retry.header("Access-Control-Allow-Origin")).isEqualTo("https://bank.example");
		assertThat(String.join(",", retry.all("Access-Control-Expose-Headers"))).contains("Idempotent-Replayed");
		assertThat(call.header("Origin", "https://evil.example").send().status()).isEqualTo(403);
	}

	@ParameterizedTest
	@ValueSource(strings = { "a%0D%0ASet-Cookie:%20session=stolen", "a%0ASet-Cookie:%20session=stolen",
			"a%0DSet-Cookie:%20session=stolen", "a%00b" })
	default void lineBreakInAHeaderNeverReachesTheClient(String value) {
		Call call = post("/headers/given?value=" + value);

		for (Answer answer : new Answer[] { call.send(), call.send() }) {
			assertThat(answer.header("Set-Cookie")).as("%s", answer).isNull();
			assertThat(answer.headers()).noneMatch((header) -> header.value().chars().anyMatch((c) -> c < ' '));
		}
		assertThat(call.runs()).isPositive();
	}

	// Bodies

	@Test
	default void all256ByteValuesAreReplayed() {
		Answer first = assertRunsOnce(post("/binary"));

		assertThat(first.content()).hasSize(256);
		assertThat(first.content()[255]).isEqualTo((byte) 255);
	}

	@Test
	default void charsetIsKept() {
		Answer first = assertRunsOnce(post("/latin"));

		assertThat(first.header("Content-Type")).containsIgnoringCase("charset=ISO-8859-1");
		assertThat(new String(first.content(), StandardCharsets.ISO_8859_1)).contains("Caf\u00e9");
	}

	@ParameterizedTest
	@ValueSource(ints = { 200, 201, 204, 205, 304 })
	default void emptyAnswerIsReplayed(int status) {
		Call call = post("/empty/" + status);
		Answer first = assertRunsOnce(call);

		assertThat(first.status()).isEqualTo(status);
		assertThat(first.bytes()).isEmpty();
		assertThat(call.send().header("ETag")).isNotBlank().isEqualTo(first.header("ETag"));
	}

	@Test
	default void redirectOfAViewIsReplayed() {
		Call call = post("/redirected");

		Answer first = assertRunsOnce(call);

		assertThat(first.status()).isEqualTo(302);
		assertThat(call.send().header("Location")).contains("/charges/").isEqualTo(first.header("Location"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/viewed", "/written", "/written/large", "/form" })
	default void whateverWritesTheAnswerItIsReplayed(String target) {
		Call call = post(target);
		Call withForm = call.body("application/x-www-form-urlencoded", "amount=10");

		Answer first = assertRunsOnce(target.equals("/form") ? withForm : call);

		assertThat(first.status()).isBetween(200, 202);
		assertThat(first.content()).isNotEmpty();
	}

	@Test
	default void forwardIsOneClaimForEachOperation() {
		Call call = post("/forwarded");
		int claims = api().claims();

		Answer first = call.send();

		assertThat(first.status()).isEqualTo(200);
		assertThat(call.runs()).isEqualTo(2);
		assertThat(api().claims() - claims).isLessThanOrEqualTo(2);
		assertReplay(call.send(), first);
		assertThat(call.runs()).isEqualTo(2);
	}

	@Test
	default void handlerThatCatchesTheFailureOfItsForwardIsHeard() {
		Call call = post("/forwarded/caught");

		Answer first = call.send();

		assertThat(first.text()).isEqualTo("caught");
		assertReplay(call.send(), first);
	}

	@Test
	default void largeAnswerHasALengthWhenItIsReplayed() {
		Call call = post("/written/large");
		Answer first = call.send();

		Answer retry = call.send();

		assertReplay(retry, first);
		assertThat(retry.header("Content-Length")).isEqualTo(Integer.toString(first.content().length));
		assertThat(retry.header("Transfer-Encoding")).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "bytes", "entity", "stream", "reader" })
	default void handlerReadsTheWholeBodyHoweverItReads(String how) {
		String body = "{\"note\":\"" + "caf\u00e9 ".repeat(2000) + "\"}";

		for (Call call : List.of(post("/read/" + how), post("/read/" + how).chunked())) {
			Answer first = assertRunsOnce(call.body("application/json;charset=UTF-8", body));

			assertThat(first.text()).isEqualTo(body);
		}
	}

	@Test
	default void formIsReadInItsCharset() {
		Answer first = assertRunsOnce(post("/form").body("application/x-www-form-urlencoded", "amount=caf%C3%A9"));

		assertThat(first.member("read")).isEqualTo("caf\u00e9");
	}

	@Test
	default void whatWasWrittenBeforeAFailureIsNotSent() {
		Call call = post("/written/failing");

		Answer first = call.send();

		assertThat(first.status()).isEqualTo(500);
		assertThat(first.text()).doesNotContain("partial");
		assertThat(call.send().status()).isEqualTo(500);
		assertThat(call.runs()).isEqualTo(2);
	}

	@Test
	default void connectionStaysInStepWhateverIsAnswered() {
		Call call = post("/charges").keepAlive();
		Call large = post("/sized/5000").keepAlive();
		List<Call> calls = List.of(call.withoutKey(), call.key("\"\""), call, call.chunked(), call.body("other"), large,
				large.header("Accept-Encoding", "gzip"), call.to("/nowhere"), post("/validated").keepAlive().body("{"),
				call);

		List<Integer> statuses = api().http().converse(calls.stream().map(Call::bytes).toList());

		assertThat(statuses).containsExactly(400, 400, 200, 200, 422, 200, 200, 404, 400, 200);
		assertThat(call.runs()).isEqualTo(1);
		assertThat(large.runs()).isEqualTo(1);
	}

	// Compression

	@ParameterizedTest
	@ValueSource(strings = { "/sized/5000", "/written/large" })
	default void compressedAtFirstIsReadPlainOnRetry(String target) {
		Call call = post(target);
		Answer first = call.header("Accept-Encoding", "gzip").send();

		Answer retry = call.send();

		assertThat(first.gzipped()).isTrue();
		assertThat(retry.header("Content-Encoding")).isNull();
		assertReplay(retry, first);
		assertThat(retry.content()).hasSizeGreaterThan(4999);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/sized/5000", "/written/large" })
	default void plainAtFirstIsReadCompressedOnRetry(String target) {
		Call call = post(target);
		Answer first = call.send();

		Answer retry = call.header("Accept-Encoding", "gzip").send();

		assertThat(first.header("Content-Encoding")).isNull();
		assertThat(retry.gzipped()).isTrue();
		assertReplay(retry, first);
		assertThat(call.runs()).isEqualTo(1);
	}

	// Asynchronous answers

	@ParameterizedTest
	@ValueSource(strings = { "/async/callable", "/async/deferred", "/async/future" })
	default void asynchronousAnswerIsReplayed(String target) {
		Answer first = assertRunsOnce(post(target));

		assertThat(first.status()).isEqualTo(200);
		assertThat(first.json().path("run").asInt()).isEqualTo(1);
	}

}
