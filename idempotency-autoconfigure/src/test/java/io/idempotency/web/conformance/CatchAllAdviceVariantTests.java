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

@SpringBootTest(classes = { ConformanceApplication.class, CatchAllAdvice.class },
		webEnvironment = WebEnvironment.RANDOM_PORT, properties = ConformanceApplication.TOMCAT)
class CatchAllAdviceVariantTests extends SettingsVariant {

	@ParameterizedTest
	@ValueSource(strings = { "/charges", "/routed/charges", "/functional/charges", "/status/201", "/viewed",
			"/async/callable", "/async/future" })
	void replayDoesNotPassTheExceptionHandlersOfTheApplication(String target) {
		assertThat(assertRunsOnce(post(target)).status()).isBetween(200, 201);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/charges", "/routed/charges", "/functional/charges" })
	void refusalDoesNotPassThemEither(String target) {
		Call call = post(target);
		Answer first = call.send();

		assertRefused(call.body("{}"), 422, KEY_REUSED);
		assertRefused(call.withoutKey(), 400, MISSING_KEY);
		assertRefused(call.key("\"\""), 400, INVALID_KEY);
		assertReplay(call.send(), first);
	}

	@Test
	void exceptionThatTheApplicationAnswersIsNotRecorded() {
		Call call = post("/crash");

		assertThat(call.send().text()).isEqualTo("something went wrong");
		assertThat(call.send().text()).isEqualTo("something went wrong");
		assertThat(call.runs()).isEqualTo(2);
	}

}
