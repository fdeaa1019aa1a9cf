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

import java.util.Map;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.idempotency.test.servers.RabbitServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for guarded listeners on a classic queue of RabbitMQ with a dead letter exchange.
 */
class ClassicQueueListenerIntegrationTests extends RabbitListenerContract {

	private final String dead = RabbitServer.newName("dead");

	@BeforeEach
	void declareDeadLetters() throws Exception {
		try (Connection connection = server().connect(); Channel channel = connection.createChannel()) {
			channel.queueDeclare(this.dead, true, false, false, null);
		}
	}

	@Override
	protected RabbitServer server() {
		return RabbitServer.real();
	}

	@Override
	protected Map<String, Object> queueArguments() {
		return Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", this.dead);
	}

	@Test
	void messageThatFailedGoesToTheDeadLetterExchange() {
		start(Listener.GUARDED, "spring.rabbitmq.listener.simple.retry.enabled=false",
				"spring.rabbitmq.listener.simple.default-requeue-rejected=false");
		work().failNext(1);

		send("k-1", "id-1", "a");
		send("k-2", "id-2", "b");

		awaitSettled();
		assertThat(done()).containsExactly("a", "b");
		await().untilAsserted(() -> assertThat(left(this.dead)).isOne());
	}

}
