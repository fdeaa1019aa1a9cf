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

import io.idempotency.web.HttpRules;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Memory for one large body at a time.
 */
class ScarceMemoryVariantTests {

	private static final String MEMORY = "idempotency.web.request-body-memory=64KB";

	private static final int LARGE = 60 * 1024;

	private static final int TOO_LARGE = 65 * 1024;

	abstract static class Scarce extends SettingsVariant {

		@Autowired
		private HttpRules rules;

		@AfterEach
		void everythingWasGivenBack() {
			await().until(() -> this.rules.bodies().taken() == 0);
		}

		@Test
		void largeBodiesTakeTurns() {
			List<CompletableFuture<Answer>> answers = IntStream.range(0, 8)
				.mapToObj((i) -> large((i % 2 == 0) ? post("/charges").chunked() : post("/charges")))
				.map(Call::start)
				.toList();

			assertThat(answers).allSatisfy((answer) -> assertThat(answer.join().status()).isEqualTo(200));
		}

		@Test
		void smallBodyDoesNotWaitForLargeOnes() {
			large(post("/charges")).hangUpAfterSending(LARGE, () -> {
				await().until(() -> this.rules.bodies().taken() > 0);
				assertThat(post("/charges").send().status()).isEqualTo(200);
			});
		}

		@Test
		void hangingUpInTheMiddleOfABodyLetsTheNextOneIn() {
			large(post("/charges")).hangUpAfterSending(LARGE,
					() -> await().until(() -> this.rules.bodies().taken() > 0));

			assertRunsOnce(large(post("/charges")));
		}

		@Test
		void refusedBodyLetsTheNextOneIn() {
			assertRefused(post("/charges").padded(TOO_LARGE).chunked(), 413, REQUEST_TOO_LARGE);

			assertRunsOnce(large(post("/charges")));
		}

		@Test
		void asynchronousHandlersLetTheNextOneIn() {
			assertRunsOnce(large(post("/async/deferred")));
			assertRunsOnce(large(post("/async/deferred")));
		}

		private static Call large(Call call) {
			return call.padded(LARGE);
		}

	}

	@Nested
	@SpringBootTest(classes = ConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
			properties = { ConformanceApplication.TOMCAT, MEMORY })
	class OnTomcat extends Scarce {

	}

	@Nested
	@SpringBootTest(classes = ConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
			properties = { ConformanceApplication.JETTY, MEMORY })
	class OnJetty extends Scarce {

	}

	@Nested
	@SpringBootTest(classes = ReactiveConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
			properties = { ReactiveConformanceApplication.REACTIVE, MEMORY })
	class OnNetty extends Scarce {

	}

}
