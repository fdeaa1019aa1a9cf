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

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Redis, Kafka and RabbitMQ are on the class path of the sample and unused unless their
 * profiles are active.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@DirtiesContext
class WithoutServersIntegrationTests {

	private static final ServerSocket REDIS = listen();

	private static final ServerSocket KAFKA = listen();

	private static final ServerSocket RABBIT = listen();

	private static final List<ServerSocket> SERVERS = List.of(REDIS, KAFKA, RABBIT);

	@DynamicPropertySource
	static void servers(DynamicPropertyRegistry registry) {
		registry.add("spring.data.redis.port", REDIS::getLocalPort);
		registry.add("spring.kafka.bootstrap-servers", () -> "localhost:" + KAFKA.getLocalPort());
		registry.add("spring.rabbitmq.port", RABBIT::getLocalPort);
	}

	@AfterAll
	static void close() throws IOException {
		for (ServerSocket server : SERVERS) {
			server.close();
		}
	}

	@Test
	void nobodyConnectsToThem(@LocalServerPort int port) throws IOException {
		SampleClient client = new SampleClient(port);
		String key = UUID.randomUUID().toString();

		int paid = client.pay(key, key).status();
		int placed = client.orderAsync(key, key, "customer-1").join().status();
		String health = client.get("/actuator/health").text("status");

		assertThat(paid).isEqualTo(201);
		assertThat(placed).isEqualTo(201);
		assertThat(health).isEqualTo("UP");
		// A connection would wait in the backlog
		for (ServerSocket server : SERVERS) {
			server.setSoTimeout(100);
			assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(server::accept);
		}
	}

	private static ServerSocket listen() {
		try {
			return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
