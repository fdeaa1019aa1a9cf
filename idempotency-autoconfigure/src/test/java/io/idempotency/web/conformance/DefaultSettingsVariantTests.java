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

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that sets nothing but its store.
 */
@SpringBootTest(classes = ConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { ConformanceApplication.TOMCAT, "conformance.settings=defaults" })
class DefaultSettingsVariantTests extends SettingsVariant {

	private static final int MEBIBYTE = 1024 * 1024;

	@ParameterizedTest
	@ValueSource(strings = { "POST", "PATCH" })
	void postAndPatchAreGuarded(String method) {
		assertRunsOnce(post("/methods").method(method));
		assertRunsOnce(post("/charges").method(method));
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET", "PUT", "DELETE" })
	void otherMethodsRunEachTime(String method) {
		assertRunsEachTime(post("/methods").method(method));
	}

	@Test
	void keyIsRequired() {
		Answer answer = post("/charges").withoutKey().send();

		assertProblem(answer, 400, MISSING_KEY);
		assertThat(answer.member("type")).startsWith("urn:");
		assertThat(answer.header("Link")).isNull();
	}

	@Test
	void principalIsPartOfTheScopeAndNoHeaderIs() {
		Call call = post("/charges");
		Answer first = call.send();

		assertReplay(call.header("X-Tenant", "red").send(), first);
		assertThat(call.as(api().newPayer(), "secret").send().replayed()).isFalse();
		assertThat(call.runs()).isEqualTo(2);
	}

	@Test
	void requestBodyMayHaveOneMebibyte() {
		assertRunsOnce(post("/charges").body("x".repeat(MEBIBYTE)));
		assertRefused(post("/charges").body("x".repeat(MEBIBYTE + 1)), 413, REQUEST_TOO_LARGE);
	}

	@Test
	void answerOfOneMebibyteIsKept() {
		assertRunsOnce(post("/sized/" + MEBIBYTE));

		Call larger = post("/sized/" + (MEBIBYTE + 1));
		assertThat(larger.send().content()).hasSize(MEBIBYTE + 1);
		assertProblem(larger.sendUntilAnswered(), 409, NOT_REPLAYABLE);
		assertThat(larger.runs()).isEqualTo(1);
	}

	@Test
	void headerOutsideOfTheListIsNotReplayed() {
		Call call = post("/headers");
		assertThat(call.send().header("X-Receipt")).isNotNull();

		assertThat(call.send().header("X-Receipt")).isNull();
	}

}
