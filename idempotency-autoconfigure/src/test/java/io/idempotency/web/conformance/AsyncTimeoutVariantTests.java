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
 * A server that gives up waiting for asynchronous work, which goes on without it.
 */
@SpringBootTest(classes = ConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { ConformanceApplication.TOMCAT, "spring.mvc.async.request-timeout=300ms" })
class AsyncTimeoutVariantTests extends SettingsVariant {

	@ParameterizedTest
	@ValueSource(strings = { "/async/deferred", "/async/future" })
	void keyIsNotFreeWhileTheWorkGoesOn(String target) {
		Call call = post(target).gated();

		assertThat(call.send().status()).isEqualTo(503);

		assertProblem(call.send(), 409, IN_PROGRESS);
		assertThat(call.runs()).isEqualTo(1);
		call.openGate();
	}

	@Test
	void workThatEndsAfterItsRequestIsDone() {
		Call call = post("/async/future").gated();
		assertThat(call.send().status()).isEqualTo(503);

		call.openGate();

		assertProblem(call.sendUntilAnswered(), 409, NOT_REPLAYABLE);
		assertThat(call.runs()).isEqualTo(1);
	}

	@Test
	void workThatIsInterruptedWithItsRequestRunsAgain() {
		Call call = post("/async/callable").gated();
		assertThat(call.send().status()).as("the time-out's or the interrupted work's own").isIn(503, 500);

		call.openGate();

		assertThat(call.sendUntilAnswered().status()).isEqualTo(200);
		assertThat(call.runs()).isEqualTo(2);
	}

}
