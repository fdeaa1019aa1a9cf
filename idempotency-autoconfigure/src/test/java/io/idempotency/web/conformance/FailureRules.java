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

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Limits, a store that is not there, and services that refuse.
 */
interface FailureRules extends Conformance {

	// Limits

	@ParameterizedTest
	@ValueSource(strings = { "/charges", "/routed/charges", "/functional/charges" })
	default void bodyOverTheLimitIsRefused(String target) {
		Call call = post(target).body("x".repeat(64 * 1024 + 1));
		int claims = api().claims();

		assertRefused(call, 413, REQUEST_TOO_LARGE);
		assertRefused(call.chunked(), 413, REQUEST_TOO_LARGE);

		assertThat(api().claims()).as("claims").isEqualTo(claims);
	}

	@Test
	default void bodyIsRefusedAsTooLargeEvenIfAReaderSaysThatItIsBroken() {
		Call call = post("/validated").body("application/json", "{\"amount\":\"" + "1".repeat(64 * 1024) + "\"}");

		assertRefused(call, 413, REQUEST_TOO_LARGE);
		assertRefused(call.chunked(), 413, REQUEST_TOO_LARGE);
	}

	@Test
	default void formOverTheLimitIsRefused() {
		Call call = post("/form").body("application/x-www-form-urlencoded", "amount=" + "1".repeat(64 * 1024));

		assertRefused(call, 413, REQUEST_TOO_LARGE);
		assertRefused(call.chunked(), 413, REQUEST_TOO_LARGE);
	}

	@Test
	default void bodyOverTheLimitIsNotOurConcernWithoutAKey() {
		Call call = post("/optional/charges").withoutKey().body("x".repeat(64 * 1024 + 1));

		assertThat(call.send().status()).isEqualTo(200);
		assertThat(call.runs()).isEqualTo(1);
	}

	// Store

	@ParameterizedTest
	@ValueSource(strings = { "/charges", "/routed/charges", "/functional/charges" })
	default void nothingRunsWhileTheStoreCannotBeAsked(String target) {
		Call call = post(target);

		api().whileStoreFails("claim", () -> {
			Answer answer = call.send();
			assertProblem(answer, 503, STORE_UNAVAILABLE);
			assertThat(answer.header("Retry-After")).matches("[1-9][0-9]*");
			assertThat(call.runs()).isZero();
		});

		assertRunsOnce(call);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/charges", "/routed/charges", "/functional/charges" })
	default void clientGetsTheRealAnswerWhenItCannotBeRecorded(String target) {
		Call call = post(target);

		api().whileStoreFails("complete", () -> {
			Answer answer = call.send();
			assertThat(answer.status()).isEqualTo(200);
			assertThat(answer.member("nonce")).isNotBlank();
			assertThat(call.runs()).isEqualTo(1);
		});

		assertThat(call.sendUntilAnswered().replayed()).isTrue();
		assertThat(call.runs()).isEqualTo(1);
	}

	// Services

	@Test
	default void refusalsOfAServiceAreTheSameProblems() {
		String key = UUID.randomUUID().toString();
		Call call = post("/service/charges/" + key + "/10").withoutKey().gated();
		CompletableFuture<Answer> running = call.startAndHold();

		Answer inProgress = call.send();
		call.openGate();

		assertProblem(inProgress, 409, IN_PROGRESS);
		assertThat(inProgress.header("Retry-After")).matches("[1-9][0-9]*");
		assertThat(running.join().status()).isEqualTo(200);
		assertProblem(call.to("/service/charges/" + key + "/11").send(), 422, KEY_REUSED);
		assertProblem(call.to("/service/charges/none/10").send(), 400, MISSING_KEY);
		assertThat(call.runs()).isEqualTo(1);
	}

	@Test
	default void serviceWithoutItsStoreIsTheSameProblem() {
		Call call = post("/service/charges/" + UUID.randomUUID() + "/10").withoutKey();

		api().whileStoreFails("claim", () -> assertProblem(call.send(), 503, STORE_UNAVAILABLE));

		assertThat(call.runs()).isZero();
	}

	// Texts

	@ParameterizedTest
	@CsvSource({ "/charges, charge", "/routed/charges, routed-charge", "/functional/charges, functional-charge" })
	default void refusalOfAKeyNamesTheOperation(String target, String operation) {
		for (Call call : List.of(post(target).withoutKey(), post(target).key("a, b"), post(target).key("\"\""))) {
			assertThat(call.send().member("operation")).isEqualTo(operation);
		}
	}

	@Test
	default void refusalSpeaksTheLanguageOfTheClientWhereTheApplicationDoes() {
		Call call = post("/charges").withoutKey();

		Answer german = call.header("Accept-Language", "de").send();

		assertProblem(german, 400, MISSING_KEY);
		assertThat(german.member("title")).isEqualTo("Schl\u00fcssel fehlt");
		assertThat(call.send().member("title")).isEqualTo("Idempotency key missing");
	}

}
