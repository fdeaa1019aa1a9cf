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

package io.idempotency.step;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.idempotency.key.Canonicalizer;
import io.idempotency.messaging.OutboundMessageKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the keys of what steps send.
 */
class StepKeysTests {

	private final Attempts attempts = new Attempts();

	private final List<String> keys = new ArrayList<>();

	private final OutboundMessageKeys messages = new OutboundMessageKeys("Idempotency-Key", new Canonicalizer());

	@AfterEach
	void close() {
		this.attempts.close();
	}

	@Test
	void equalMessagesOfTwoStepsHaveKeysOfTheirOwnThatAttemptsAndTriesShare() throws Throwable {
		this.attempts.failure((steps) -> {
			steps.run("one", this::send);
			steps.step("two").retry(1, Duration.ofMillis(1)).run(() -> {
				send();
				throw new IOException("down");
			});
			return "";
		});

		this.attempts.attempt((steps) -> {
			steps.run("one", this::send);
			steps.step("second").formerly("two").run(this::send);
			return "";
		});

		assertThat(this.keys).hasSize(4).doesNotContainNull();
		assertThat(this.keys.subList(1, 4)).containsOnly(this.keys.get(1)).doesNotContain(this.keys.get(0));
	}

	private void send() {
		this.keys.add(this.messages.keyFor(null, "the same", Map::of, "orders"));
	}

}
