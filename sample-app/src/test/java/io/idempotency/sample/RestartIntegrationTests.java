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

import java.nio.file.Path;
import java.util.List;

import io.idempotency.sample.SampleClient.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Data and records on an H2 file outlive a kill.
 */
class RestartIntegrationTests {

	@Test
	void killedApplicationKnowsItsPaymentsAfterRestart(@TempDir Path directory) {
		List<String> settings = List.of("--spring.datasource.url=jdbc:h2:file:" + directory.resolve("sample"));
		Answer before;
		try (SampleProcess process = SampleProcess.start(settings)) {
			before = process.client().pay("key-1", "order-1");
			process.kill();
		}

		try (SampleProcess process = SampleProcess.start(settings)) {
			SampleClient client = process.client();

			assertThat(before.status()).isEqualTo(201);
			assertThat(client.pay("key-1", "order-1").body()).isEqualTo(before.body());
			assertThat(client.get("/payments?orderId=order-1").body()).isEqualTo("[" + before.body() + "]");
			assertThat(client.list("/gateway/charges?orderId=order-1")).hasSize(1);
		}
	}

}
