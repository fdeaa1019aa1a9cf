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
import java.util.UUID;
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
	void requestIsInProgressUntilTheLeaseLapsesAndThenRunsAgain() {
		Call call = killedDuring("retry");

		assertProblem(call.send(), 409, IN_PROGRESS);

		Answer second = call.sendUntilAnswered();
		assertThat(second.status()).isEqualTo(200);
		assertReplay(call.send(), second);
		assertThat(call.runs()).isEqualTo(1);
	}

	@Test
	void requestIsInProgressUntilTheLeaseLapsesAndThenUnknownWhereItIsHeld() {
		Call call = killedDuring("hold");

		assertProblem(call.send(), 409, IN_PROGRESS);

		assertProblem(call.sendUntilAnswered(), 409, OUTCOME_UNKNOWN);
		assertThat(call.runs()).isZero();
	}

	/**
	 * Return the call, for the server that lives on, as the killed one got it.
	 */
	private Call killedDuring(String onUnknown) {
		String key = "\"" + UUID.randomUUID() + "\"";
		try (ServerProcess other = ServerProcess.start("192m", "--idempotency.store=redis",
				"--idempotency.redis.key-prefix=killed:", "--spring.data.redis.url=" + RedisServer.shared().url(),
				"--idempotency.lease=3s", "--idempotency.on-unknown=" + onUnknown)) {
			Call call = other.api().post("/charges").key(key).gated();
			CompletableFuture<Answer> running = call.start();
			call.awaitArrivals(1);
			other.kill();
			assertThat(running).failsWithin(Duration.ofSeconds(10));
		}
		return post("/charges").key(key);
	}

}
