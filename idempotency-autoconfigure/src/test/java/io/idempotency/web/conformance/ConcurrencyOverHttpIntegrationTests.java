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
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;

import io.idempotency.test.ProofSize;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two hundred clients with one key, in many rounds.
 */
@SpringBootTest(classes = ConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = ConformanceApplication.TOMCAT)
class ConcurrencyOverHttpIntegrationTests extends SettingsVariant {

	private static final int CLIENTS = 200;

	@Test
	void oneClientsRequestRunsAndAllThatWaitGetItsBytes() {
		for (int round = 0; round < ProofSize.of(5, 50); round++) {
			Call call = post("/waiting/charges");

			assertOneRun(call, atOnce(call, Call::send));
		}
	}

	@Test
	void oneClientsRequestRunsAndAllThatComeBackGetItsBytes() {
		for (int round = 0; round < ProofSize.of(5, 50); round++) {
			Call call = post("/charges");

			assertOneRun(call, atOnce(call, Call::sendUntilAnswered));
		}
	}

	private void assertOneRun(Call call, List<Answer> answers) {
		assertThat(answers).hasSize(CLIENTS).allMatch((answer) -> answer.status() == 200);
		assertThat(answers).filteredOn(Answer::replayed).hasSize(CLIENTS - 1);
		assertThat(answers.stream().map((answer) -> new String(answer.bytes(), StandardCharsets.ISO_8859_1)).distinct())
			.hasSize(1);
		assertThat(call.runs()).isEqualTo(1);
	}

	private List<Answer> atOnce(Call call, Function<Call, Answer> how) {
		List<CompletableFuture<Answer>> calls = IntStream.range(0, CLIENTS)
			.mapToObj((i) -> api().background(() -> how.apply(call)))
			.toList();
		return calls.stream().map(CompletableFuture::join).toList();
	}

}
