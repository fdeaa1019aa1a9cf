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

import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is a key, and which requests have one.
 */
interface KeyRules extends Conformance {

	// Syntax of the header

	@Test
	default void escapesAreDecoded() {
		String uuid = UUID.randomUUID().toString();

		Answer first = assertRunsOnce(post("/charges").key("\"a\\\"b\\\\c" + uuid + "\""));

		assertThat(first.member("key")).isEqualTo("a\"b\\c" + uuid);
	}

	@Test
	default void refusedKeyIsNotClaimed() {
		int claims = api().claims();

		assertRefused(post("/charges").key("\"\""), 400, INVALID_KEY);
		assertRefused(post("/charges").key("a, b"), 400, INVALID_KEY);

		assertThat(api().claims()).as("claims").isEqualTo(claims);
	}

	@Test
	default void refusedKeyIsRefusedOnRoutesWithoutAnnotationToo() {
		assertRefused(post("/routed/charges").key("\"a\", \"b\""), 400, INVALID_KEY);
		assertRefused(post("/functional/charges").key("\"a\", \"b\""), 400, INVALID_KEY);
	}

	@Test
	default void invalidKeyIsRefusedWhereKeysAreOptionalToo() {
		assertRefused(post("/optional/charges").key("\"\""), 400, INVALID_KEY);
	}

	// Missing

	@ParameterizedTest
	@ValueSource(strings = { "/charges", "/routed/charges", "/functional/charges" })
	default void missingKeyIsRefusedWithALinkToTheDocumentation(String target) {
		Call call = post(target).withoutKey();

		Answer answer = call.send();

		assertProblem(answer, 400, MISSING_KEY);
		assertThat(answer.header("Link")).matches("<https?://[^>]+>; ?rel=\"?describedby\"?");
		assertThat(call.runs()).isZero();
	}

	@Test
	default void missingOptionalKeyRunsEachTimeWithoutARecord() {
		int claims = api().claims();

		assertRunsEachTime(post("/optional/charges").withoutKey());

		assertThat(api().claims()).as("claims").isEqualTo(claims);
	}

	@Test
	default void optionalKeyThatIsThereCounts() {
		assertRunsOnce(post("/optional/charges"));
	}

	@Test
	default void keyOfTheOperationItselfNeedsNoHeader() {
		Call call = post("/keyed/" + UUID.randomUUID()).withoutKey();

		Answer first = assertRunsOnce(call);

		assertThat(call.to("/keyed/" + UUID.randomUUID()).send().replayed()).isFalse();
		assertReplay(call.send(), first);
	}

	// Methods

	@ParameterizedTest
	@ValueSource(strings = { "POST", "PATCH", "PUT" })
	default void configuredMethodsAreGuarded(String method) {
		assertRunsOnce(post("/methods").method(method));
		assertRunsOnce(post("/charges").method(method));
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET", "HEAD", "DELETE" })
	default void otherMethodsRunEachTime(String method) {
		int claims = api().claims();

		assertRunsEachTime(post("/methods").method(method));
		assertRunsEachTime(post("/methods").method(method).withoutKey());

		assertThat(api().claims()).as("claims").isEqualTo(claims);
	}

	@ParameterizedTest
	@ValueSource(strings = { "OPTIONS", "TRACE" })
	default void methodsWithoutAHandlerAreNotTouched(String method) {
		Call call = post("/charges").method(method).without("Content-Type").body("");
		int claims = api().claims();

		Answer with = call.send();
		Answer without = call.withoutKey().send();

		assertThat(with.status()).isEqualTo(without.status());
		assertThat(with.header("Idempotent-Replayed")).isNull();
		assertThat(api().claims()).as("claims").isEqualTo(claims);
	}

	@Test
	default void preflightOfABrowserIsNotTouched() {
		Answer answer = post("/charges").method("OPTIONS")
			.withoutKey()
			.without("Content-Type")
			.body("")
			.header("Origin", "https://shop.example")
			.header("Access-Control-Request-Method", "POST")
			.header("Access-Control-Request-Headers", "idempotency-key")
			.send();

		assertThat(answer.status()).isEqualTo(200);
		assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("https://shop.example");
		assertThat(answer.header("Access-Control-Allow-Headers")).isEqualToIgnoringCase("idempotency-key");
	}

}
