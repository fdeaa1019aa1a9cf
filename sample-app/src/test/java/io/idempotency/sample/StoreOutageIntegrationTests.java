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

package io.idempotency.sample;

import java.time.Duration;
import java.util.UUID;

import io.idempotency.sample.SampleClient.Answer;
import io.idempotency.test.servers.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A store that is down keeps payments from running.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "spring.data.redis.timeout=500ms")
@ActiveProfiles("redis")
@DirtiesContext
class StoreOutageIntegrationTests {

	private static final RedisServer REDIS = RedisServer.launch();

	@DynamicPropertySource
	static void redis(DynamicPropertyRegistry registry) {
		registry.add("spring.data.redis.url", REDIS::url);
	}

	@AfterAll
	static void stop() {
		REDIS.close();
	}

	@Test
	void nothingIsChargedWhileTheStoreIsDown(@LocalServerPort int port) {
		SampleClient client = new SampleClient(port);
		String key = UUID.randomUUID().toString();
		REDIS.stop();

		Answer down = client.pay(key, key);

		assertThat(down.status()).isEqualTo(503);
		assertThat(down.text("code")).isEqualTo("store-unavailable");
		assertThat(down.header("Retry-After")).isPresent();
		assertThat(client.list("/gateway/charges?orderId=" + key)).isEmpty();
		REDIS.start();
		await().atMost(Duration.ofSeconds(30)).until(() -> client.pay(key, key).status() == 201);
		assertThat(client.list("/gateway/charges?orderId=" + key)).hasSize(1);
	}

}
