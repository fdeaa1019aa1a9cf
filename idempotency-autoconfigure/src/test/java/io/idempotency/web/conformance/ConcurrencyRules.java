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
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests with one key at the same time.
 */
interface ConcurrencyRules extends Conformance {

	@Test
	default void requestInProgressIsRefusedWithATimeToRetry() {
		Call call = post("/charges").gated();
		CompletableFuture<Answer> running = call.startAndHold();

		Answer refused = call.send();

		assertProblem(refused, 409, IN_PROGRESS);
		assertThat(refused.header("Retry-After")).matches("[1-9][0-9]*");
		call.openGate();
		Answer first = running.join();
		assertReplay(call.send(), first);
		assertThat(call.runs()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/async/callable", "/async/deferred", "/async/future" })
	default void requestStaysInProgressUntilItsAsynchronousAnswer(String target) {
		Call call = post(target).gated();
		CompletableFuture<Answer> running = call.startAndHold();

		assertProblem(call.send(), 409, IN_PROGRESS);

		call.openGate();
		Answer first = running.join();
		assertReplay(call.send(), first);
		assertThat(call.runs()).isEqualTo(1);
	}

	@Test
	default void anotherRequestIsRefusedWhileTheFirstIsInProgress() {
		Call call = post("/charges").gated();
		CompletableFuture<Answer> running = call.startAndHold();

		assertRefused(call.body("{\"amount\":11}"), 422, KEY_REUSED);

		call.openGate();
		assertThat(running.join().status()).isEqualTo(200);
	}

	@Test
	default void waiterGetsTheAnswerOfTheFirst() {
		Call call = post("/waiting/charges").gated();
		CompletableFuture<Answer> running = call.startAndHold();
		CompletableFuture<Answer> waiting = call.start();

		call.openGate();

		assertReplay(waiting.join(), running.join());
		assertThat(call.runs()).isEqualTo(1);
	}

	@Test
	default void anotherRequestIsRefusedInsteadOfWaiting() {
		Call call = post("/waiting/charges").gated();
		CompletableFuture<Answer> running = call.startAndHold();

		assertRefused(call.body("{\"amount\":11}"), 422, KEY_REUSED);

		call.openGate();
		assertThat(running.join().status()).isEqualTo(200);
	}

	@Test
	default void waiterIsRefusedWhenItsTimeIsOver() {
		Call call = post("/impatient/charges").gated();
		CompletableFuture<Answer> running = call.startAndHold();

		Answer refused = call.send();

		assertProblem(refused, 409, IN_PROGRESS);
		assertThat(refused.header("Retry-After")).matches("[1-9][0-9]*");
		call.openGate();
		Answer first = running.join();
		assertReplay(call.send(), first);
	}

	@Test
	default void oneOfAHundredWaitersRunsAndAllGetItsAnswer() {
		Call call = post("/waiting/charges");

		List<Answer> answers = atOnce(100, call);

		assertThat(answers).allMatch((answer) -> answer.status() == 200).filteredOn(Answer::replayed).hasSize(99);
		assertThat(answers.stream().map(Answer::text).distinct()).hasSize(1);
		assertThat(call.runs()).isEqualTo(1);
	}

	private List<Answer> atOnce(int count, Call call) {
		List<CompletableFuture<Answer>> calls = IntStream.range(0, count).mapToObj((i) -> call.start()).toList();
		return calls.stream().map(CompletableFuture::join).toList();
	}

}
