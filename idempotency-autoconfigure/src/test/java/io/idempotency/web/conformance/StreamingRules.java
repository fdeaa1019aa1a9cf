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

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Answers that are not recorded whole, and clients that do not wait for them.
 */
interface StreamingRules extends Conformance {

	@ParameterizedTest
	@ValueSource(strings = { "/streamed/body", "/streamed/events", "/sized/1000000" })
	default void whatIsNotKeptIsNeitherReplayedNorRunAgain(String target) {
		Call call = post(target).gated();
		call.openGate();

		Answer first = call.send();

		assertThat(first.status()).isEqualTo(200);
		assertThat(first.content()).isNotEmpty();
		Answer retry = call.sendUntilAnswered();
		assertProblem(retry, 409, NOT_REPLAYABLE);
		assertThat(call.runs()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/streamed/body", "/streamed/events" })
	default void streamReachesTheClientWhileItIsWritten(String target) throws IOException {
		Call call = post(target).gated();

		try (Socket socket = api().http().connect()) {
			socket.getOutputStream().write(call.bytes());
			InputStream in = new BufferedInputStream(socket.getInputStream());
			assertThat(RawHttp.readLine(in)).contains("200");
			assertThat(RawHttp.readUntil(in, "first")).isTrue();
			call.openGate();
			assertThat(RawHttp.readUntil(in, "second")).isTrue();
		}
		assertThat(call.runs()).isEqualTo(1);
	}

	@Test
	default void answerIsRecordedBeforeItsFirstByteLeaves() throws IOException {
		for (int i = 0; i < 20; i++) {
			Call call = post("/sized/200000");
			try (Socket socket = api().http().connect()) {
				socket.getOutputStream().write(call.bytes());
				assertThat(socket.getInputStream().read()).isEqualTo('H');

				Answer retry = call.send();

				assertThat(retry.replayed()).as("%s", retry).isTrue();
			}
		}
	}

	@Test
	default void clientThatHangsUpDuringTheWorkGetsItsAnswerLater() {
		Call call = post("/charges").gated();
		call.hangUpAfterSending(call.bytes().length, () -> call.awaitArrivals(1));

		call.openGate();
		Answer retry = call.sendUntilAnswered();

		assertThat(retry.status()).isEqualTo(200);
		assertThat(retry.replayed()).as("%s", retry).isTrue();
		assertThat(call.runs()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/sized/200000", "/async/callable", "/written/large" })
	default void clientThatHangsUpWithinTheAnswerGetsItLater(String target) {
		Call call = post(target);
		call.hangUpAfterReading(10);

		Answer retry = call.sendUntilAnswered();

		assertThat(retry.status()).isEqualTo(200);
		assertThat(retry.replayed()).as("%s", retry).isTrue();
		assertThat(call.runs()).isEqualTo(1);
	}

}
