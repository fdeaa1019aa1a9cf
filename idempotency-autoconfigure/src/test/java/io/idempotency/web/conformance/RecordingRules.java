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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which answers are recorded.
 */
interface RecordingRules extends Conformance {

	@ParameterizedTest
	@ValueSource(ints = { 200, 201, 202, 203, 206, 301, 302, 303, 307, 400, 402, 404, 409, 410, 422, 451 })
	default void answerOfTheHandlerIsReplayed(int status) {
		Answer first = assertRunsOnce(post("/status/" + status));

		assertThat(first.status()).isEqualTo(status);
	}

	@ParameterizedTest
	@ValueSource(ints = { 400, 402, 404, 409, 422 })
	default void refusalThrownByTheHandlerIsReplayed(int status) {
		assertThat(assertRunsOnce(post("/status/" + status + "/thrown")).status()).isEqualTo(status);
		assertThat(assertRunsOnce(post("/status/" + status + "/advised")).status()).isEqualTo(status);
	}

	@ParameterizedTest
	@ValueSource(ints = { 402, 404, 410 })
	default void errorPageThatTheClientSawIsReplayed(int status) {
		Answer first = assertRunsOnce(post("/status/" + status + "/sent").header("Accept", "application/json"));

		assertThat(first.status()).isEqualTo(status);
		assertThat(first.json().path("status").asInt()).isEqualTo(status);
	}

	@ParameterizedTest
	@ValueSource(ints = { 401, 403, 408, 425, 429 })
	default void answerThatAsksToComeBackIsNotRecorded(int status) {
		assertRunsEachTime(post("/status/" + status));
		assertRunsEachTime(post("/status/" + status + "/thrown"));
		assertRunsEachTime(post("/status/" + status + "/advised"));
	}

	@ParameterizedTest
	@ValueSource(ints = { 500, 502, 503 })
	default void serverErrorIsNotRecorded(int status) {
		assertRunsEachTime(post("/status/" + status));
		assertRunsEachTime(post("/status/" + status + "/thrown"));
		assertRunsEachTime(post("/status/" + status + "/advised"));
	}

	@ParameterizedTest
	@ValueSource(ints = { 500, 502, 503 })
	default void errorPageOfAServerErrorIsNotRecorded(int status) {
		assertRunsEachTime(post("/status/" + status + "/sent"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/crash", "/async/failing/callable", "/async/failing/deferred", "/async/failing/future" })
	default void exceptionIsNotRecorded(String target) {
		Call call = post(target);

		assertThat(call.send().status()).isEqualTo(500);
		assertThat(call.send().status()).isEqualTo(500);

		assertThat(call.runs()).isEqualTo(2);
	}

	@Test
	default void exceptionLeavesTheOutcomeUnknownWhereItIsHeld() {
		Call call = post("/held/crash");

		assertThat(call.send().status()).isEqualTo(500);

		assertProblem(call.send(), 409, OUTCOME_UNKNOWN);
		assertThat(call.runs()).isEqualTo(1);
	}

	@Test
	default void workIsDoneEvenIfItsAnswerCannotBeWritten() {
		Call call = post("/charges").header("Accept", "image/png");

		assertThat(call.send().status()).isEqualTo(406);

		assertProblem(call.send(), 409, NOT_REPLAYABLE);
		assertProblem(call.without("Accept").send(), 409, NOT_REPLAYABLE);
		assertThat(call.runs()).isEqualTo(1);
	}

	// Refused before the handler: the corrected request may use the same key

	@ParameterizedTest
	@ValueSource(strings = { "{\"amount\":0}", "{\"amount\":\"ten\"}", "{", "" })
	default void validationFailureLeavesNoTrace(String body) {
		Call call = post("/validated");

		assertThat(call.body(body).send().status()).isEqualTo(400);
		assertThat(call.body(body).send().status()).isEqualTo(400);

		assertThat(call.runs()).isZero();
		assertRunsOnce(call.body("{\"amount\":10}"));
	}

	@Test
	default void unsupportedContentTypeLeavesNoTrace() {
		Call call = post("/validated");

		assertThat(call.header("Content-Type", "text/csv").send().status()).isEqualTo(415);

		assertRunsOnce(call);
	}

	@Test
	default void unacceptableContentTypeLeavesNoTrace() {
		Call call = post("/validated");

		assertThat(call.header("Accept", "image/png").send().status()).isEqualTo(406);

		assertRunsOnce(call);
	}

	@Test
	default void wrongMethodLeavesNoTrace() {
		Call call = post("/validated");

		assertThat(call.method("PATCH").send().status()).isEqualTo(405);

		assertRunsOnce(call);
	}

	@Test
	default void unknownPathIsAnsweredAsWithoutAKey() {
		Call call = post("/nowhere");
		int claims = api().claims();

		assertThat(call.send().status()).isEqualTo(404);
		assertThat(call.send().status()).isEqualTo(404);

		assertThat(call.send().header("Idempotent-Replayed")).isNull();
		assertThat(api().claims()).as("claims").isEqualTo(claims);
	}

	// Who may see it

	@ParameterizedTest
	@ValueSource(strings = { "/secured/url/charges", "/secured/method/charges" })
	default void revokedRoleIsRefusedInsteadOfAReplay(String target) {
		String user = api().newPayer();
		Call call = post(target).as(user, "secret");
		Answer first = assertRunsOnce(call);

		api().setUser(user, "secret", "GUEST");
		Answer refused = call.send();

		assertThat(refused.status()).isEqualTo(403);
		assertThat(refused.text()).doesNotContain(first.member("nonce"));
		api().setUser(user, "secret", "PAYER");
		assertReplay(call.send(), first);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/secured/url/charges", "/secured/method/charges" })
	default void refusedCallerLeavesNoTrace(String target) {
		String user = api().newPayer();
		api().setUser(user, "secret", "GUEST");
		Call call = post(target).as(user, "secret");
		int claims = api().claims();

		assertThat(call.send().status()).isEqualTo(403);
		assertThat(call.without("Authorization").send().status()).isEqualTo(401);

		assertThat(api().claims()).as("claims").isEqualTo(claims);
		api().setUser(user, "secret", "PAYER");
		assertRunsOnce(call);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/secured/url/charges", "/secured/method/charges" })
	default void wrongPasswordIsRefusedInsteadOfAReplay(String target) {
		Call call = post(target).as(api().newPayer(), "secret");
		assertRunsOnce(call);

		Answer refused = call.as("nobody", "nothing").send();

		assertThat(refused.status()).isEqualTo(401);
		assertThat(refused.header("Idempotent-Replayed")).isNull();
	}

}
