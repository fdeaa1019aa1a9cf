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

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A thousand clients that hang up at any byte of their request or of its answer, and come
 * back.
 */
abstract class AbstractHangUpTests extends SettingsVariant {

	private static final int CLIENTS = 1000;

	private static final String CLIENTS_OWN = AbstractHangUpTests.class.getPackageName();

	private static final List<String> TARGETS = List.of("/charges", "/waiting/charges", "/sized/100000",
			"/written/large", "/async/callable", "/async/deferred", "/async/future", "/routed/charges",
			"/functional/charges");

	@Test
	void noResultIsLostAndNoThreadIsLeftBehind() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		List<Call> calls = IntStream.range(0, CLIENTS)
			.mapToObj((i) -> post(TARGETS.get(random.nextInt(TARGETS.size()))))
			.toList();

		join(calls.stream().map((call) -> hangUp(call, random.nextInt(), random.nextBoolean())));
		join(calls.stream().map((call) -> api().background(() -> comeBack(call, seed))));

		api().eventually(AbstractHangUpTests::busyThreads, List::isEmpty);
	}

	private CompletableFuture<Void> hangUp(Call call, int offset, boolean whileSending) {
		return api().background(() -> {
			if (whileSending) {
				call.hangUpAfterSending(Math.floorMod(offset, call.bytes().length + 1));
			}
			else {
				call.hangUpAfterReading(Math.floorMod(offset, 400));
			}
			return null;
		});
	}

	private Void comeBack(Call call, long seed) {
		Answer answer = call.sendUntilAnswered();
		assertThat(answer.status()).as("seed %s: %s", seed, answer).isEqualTo(200);
		Answer retry = call.send();
		assertThat(retry.replayed()).as("seed %s: %s", seed, retry).isTrue();
		assertThat(retry.content()).as("seed %s", seed).isEqualTo(answer.content());
		assertThat(call.runs()).as("seed %s", seed).isEqualTo(1);
		return null;
	}

	/** Fifty at a time. */
	private static void join(Stream<CompletableFuture<Void>> work) {
		List<CompletableFuture<Void>> some = new ArrayList<>();
		work.forEach((each) -> {
			some.add(each);
			if (some.size() == 50) {
				some.forEach(CompletableFuture::join);
				some.clear();
			}
		});
		some.forEach(CompletableFuture::join);
	}

	private static List<String> busyThreads() {
		return Thread.getAllStackTraces()
			.entrySet()
			.stream()
			.filter((thread) -> Stream.of(thread.getValue()).anyMatch((frame) -> isOfARequest(frame.getClassName())))
			.map((thread) -> thread.getKey().getName())
			.toList();
	}

	/** The library's filter, its claims and ends of runs, and the work. */
	private static boolean isOfARequest(String className) {
		return className.startsWith("io.idempotency.web.") && !className.startsWith(CLIENTS_OWN)
				|| className.equals(Desk.class.getName());
	}

}
