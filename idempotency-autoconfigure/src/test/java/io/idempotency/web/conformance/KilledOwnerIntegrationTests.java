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

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.idempotency.test.servers.RedisServer;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One of two servers is killed while its handler runs.
 */
@SpringBootTest(classes = ConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT, properties = {
		ConformanceApplication.TOMCAT, "idempotency.store=redis", "idempotency.redis.key-prefix=killed:" })
class KilledOwnerIntegrationTests extends SettingsVariant {

	@DynamicPropertySource
	static void redis(DynamicPropertyRegistry properties) {
		properties.add("spring.data.redis.url", () -> RedisServer.shared().url());
	}

	@Test
	void requestIsInProgressUntilTheLeaseLapsesAndThenRunsAgainOrIsUnknown() {
		Call repeatable = post("/charges");
		Call held = post("/async/callable");
		killDuring(repeatable.key(), held.key());

		assertProblem(repeatable.send(), 409, IN_PROGRESS);
		assertProblem(held.send(), 409, IN_PROGRESS);

		Answer second = repeatable.sendUntilAnswered();
		assertThat(second.status()).isEqualTo(200);
		assertReplay(repeatable.send(), second);
		assertThat(repeatable.runs()).isEqualTo(1);
		assertProblem(held.sendUntilAnswered(), 409, OUTCOME_UNKNOWN);
		assertThat(held.runs()).isZero();
	}

	/**
	 * Let another server work on both requests, and kill it.
	 */
	private static void killDuring(String repeatable, String held) {
		try (ServerProcess other = ServerProcess.start("192m", "--idempotency.store=redis",
				"--idempotency.redis.key-prefix=killed:", "--spring.data.redis.url=" + RedisServer.shared().url(),
				"--idempotency.lease=5s", "--idempotency.operations.callable.on-unknown=hold")) {
			List<CompletableFuture<Answer>> running = new ArrayList<>();
			for (Call call : List.of(other.api().post("/charges").key(repeatable),
					other.api().post("/async/callable").key(held))) {
				running.add(call.gated().startAndHold());
			}
			other.kill();
			assertThat(running).allSatisfy((answer) -> assertThat(answer).failsWithin(Duration.ofSeconds(10)));
		}
	}

}
