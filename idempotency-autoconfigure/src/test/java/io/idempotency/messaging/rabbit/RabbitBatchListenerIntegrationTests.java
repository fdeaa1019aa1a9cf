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

package io.idempotency.messaging.rabbit;

import java.util.List;
import java.util.Map;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.idempotency.test.servers.RabbitServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for guarded listeners of batches on a quorum queue of RabbitMQ with a dead letter
 * exchange.
 */
class RabbitBatchListenerIntegrationTests extends RabbitBatchListenerContract {

	private final String dead = RabbitServer.newName("dead");

	@BeforeEach
	void declareDeadLetters() throws Exception {
		try (Connection connection = server().connect(); Channel channel = connection.createChannel()) {
			channel.queueDeclare(this.dead, true, false, false, null);
		}
	}

	@Override
	RabbitServer server() {
		return RabbitServer.real();
	}

	@Override
	Map<String, Object> queueArguments() {
		return Map.of("x-queue-type", "quorum", "x-dead-letter-exchange", "", "x-dead-letter-routing-key", this.dead);
	}

	@Test
	void allOfABatchAreDeadLettersWhereOneFailsAndThoseDoneAreSkippedLater() {
		Work work = start(List.of("spring.rabbitmq.listener.simple.default-requeue-rejected=false"),
				PayloadListener.class);
		work.failNext("b", 1);

		send("k-1", "a").send("k-2", "b").send("k-3", "c");
		begin();
		await().untilAsserted(() -> assertThat(left(this.dead)).isEqualTo(3));
		send("k-1", "a").send("k-2", "b").send("k-3", "c");

		awaitSettled(work, List.of("a", "b", "c"), List.of("b"));
	}

	@Test
	void batchThatIsRejectedComesAgainWithWhatIsNotDone() {
		Work work = start(List.of(), PayloadListener.class);
		work.failNext("b", 2);

		send("k-1", "a").send("k-2", "b").send("k-3", "c");
		begin();

		awaitSettled(work, List.of("a", "b", "c"), List.of("b"), List.of("b"));
		assertThat(left(this.dead)).isZero();
	}

}
