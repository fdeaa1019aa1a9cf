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

package io.idempotency.boot3;

import java.net.URI;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

import io.idempotency.Idempotency;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.web.client.RestTemplateBuilder;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Keys for calls to other systems, by the clients that Spring Boot 3 builds.
 */
@ApplicationTest
class ClientsIntegrationTests {

	@Autowired
	private Idempotency idempotency;

	@Autowired
	private OtherSystem otherSystem;

	@Test
	void restClientSendsTheSameKeyOnEachAttempt(@Autowired RestClient.Builder builder) {
		RestClient client = builder.build();

		assertSameKeyOnEachAttempt((uri) -> client.post().uri(uri).body("x").retrieve().toBodilessEntity());
	}

	@Test
	void restTemplateSendsTheSameKeyOnEachAttempt(@Autowired RestTemplateBuilder builder) {
		assertSameKeyOnEachAttempt((uri) -> builder.build().postForLocation(uri, "x"));
	}

	@Test
	void webClientSendsTheSameKeyOnEachAttempt(@Autowired WebClient.Builder builder) {
		WebClient client = builder.build();

		assertSameKeyOnEachAttempt(
				(uri) -> client.post().uri(uri).bodyValue("x").retrieve().toBodilessEntity().block());
	}

	private void assertSameKeyOnEachAttempt(Consumer<URI> call) {
		int before = this.otherSystem.keys().size();
		URI uri = URI.create("http://" + this.otherSystem.host() + "/charges");
		Idempotency.Call work = this.idempotency.call("call", UUID.randomUUID());

		assertThatIllegalStateException().isThrownBy(() -> work.run(() -> {
			call.accept(uri);
			throw new IllegalStateException("The answer was lost");
		}));
		work.run(() -> call.accept(uri));

		List<String> keys = this.otherSystem.keys().subList(before, before + 2);
		assertThat(keys.get(0)).isNotEqualTo("null").isEqualTo(keys.get(1));
	}

}
