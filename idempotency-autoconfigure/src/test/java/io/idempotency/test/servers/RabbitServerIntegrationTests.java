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

package io.idempotency.test.servers;

import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.stream.Stream;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RabbitServer}.
 */
class RabbitServerIntegrationTests {

	static Stream<Named<Supplier<RabbitServer>>> servers() {
		return Stream.of(Named.of("embedded", RabbitServer::embedded), Named.of("real", RabbitServer::real));
	}

	@ParameterizedTest
	@MethodSource("servers")
	void takesAndGivesMessages(Supplier<RabbitServer> server) throws Exception {
		String queue = RabbitServer.newName("servers");

		try (Connection connection = server.get().connect(); Channel channel = connection.createChannel()) {
			channel.queueDeclare(queue, false, false, true, null);
			channel.basicPublish("", queue, null, "hello".getBytes(StandardCharsets.UTF_8));

			assertThat(channel.basicGet(queue, true).getBody()).asString().isEqualTo("hello");
		}
	}

}
