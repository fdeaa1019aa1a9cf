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
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.idempotency.killpoints.HeldSteps;
import io.idempotency.sample.SampleClient.Answer;
import io.idempotency.test.servers.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Wherever a payment is when its instance dies, the customer who asks again is charged
 * once. One payment for each {@link Point} is held there, right before or right after a
 * step; then their instance is killed with all of them in flight. The same requests are
 * sent to another instance on the same PostgreSQL, until the leases of the dead one have
 * lapsed. How often the gateway was called tells that the payment was where it should be.
 */
@TestInstance(Lifecycle.PER_CLASS)
class KillPointsIntegrationTests {

	private static final PostgresServer.Database DATABASE = PostgresServer.shared().createDatabase();

	private final DeduplicatingGateway gateway = new DeduplicatingGateway();

	private final String run = UUID.randomUUID().toString();

	private SampleProcess survivor;

	@BeforeAll
	void killAnInstanceWithAPaymentAtEachPoint(@TempDir Path heldSteps) throws IOException, URISyntaxException {
		this.survivor = SampleProcess.start(settings());
		DoomedSample doomed = new DoomedSample(Stream.of(Point.values()).map((point) -> point.step).toList(),
				settings());
		doomed.die(heldSteps,
				(client) -> Stream.of(Point.values())
					.map((point) -> pay(client, order(point), HeldSteps.POINT, point.step))
					.toList());
	}

	@AfterAll
	void stop() {
		this.survivor.close();
		this.gateway.close();
		DATABASE.close();
	}

	@ParameterizedTest
	@EnumSource
	void customerIsChargedOnce(Point point) {
		SampleClient survivor = this.survivor.client();
		String order = order(point);

		Answer answer = await().atMost(Duration.ofSeconds(30))
			.until(() -> pay(survivor, order).join(), (received) -> !received.inProgress());

		assertThat(answer.status()).as(answer.body()).isEqualTo(201);
		assertThat(this.gateway.charges(order)).hasSize(1);
		assertThat(this.gateway.requests(order)).hasSize(point.requests);
		assertThat(survivor.list("/payments?orderId=" + order)).hasSize(1);
		Answer again = pay(survivor, order).join();
		assertThat(again.status()).isEqualTo(201);
		assertThat(again.body()).isEqualTo(answer.body());
		assertThat(this.gateway.requests(order)).hasSize(point.requests);
	}

	private List<String> settings() {
		return List.of("--spring.datasource.url=" + DATABASE.jdbcUrl(), "--sample.gateway.url=" + this.gateway.url(),
				"--idempotency.lease=5s", "--sample.gateway.read-timeout=60s",
				"--idempotency.operations.create-payment.on-concurrent=reject");
	}

	private String order(Point point) {
		return point.name() + "-" + this.run;
	}

	private static CompletableFuture<Answer> pay(SampleClient client, String order, String... headers) {
		return client.payAsync("key-" + order, order, "customer-1", "49.90", headers);
	}

	/**
	 * Where a payment is when its instance dies: around each step, in their order. What
	 * the gateway sees of the payment depends on it: a request of the survivor alone, or
	 * one of both.
	 */
	enum Point {

		BEFORE_CLAIM_OF_THE_REQUEST("before claim 1", 1),

		AFTER_CLAIM_OF_THE_REQUEST("after claim 1", 1),

		BEFORE_CLAIM_OF_THE_PAYMENT("before claim 2", 1),

		AFTER_CLAIM_OF_THE_PAYMENT("after claim 2", 1),

		BEFORE_CALL_OF_THE_GATEWAY("before charge 1", 1),

		AFTER_CALL_OF_THE_GATEWAY("after charge 1", 2),

		BEFORE_INSERT_OF_THE_PAYMENT("before insert 1", 2),

		AFTER_INSERT_OF_THE_PAYMENT("after insert 1", 2),

		BEFORE_COMPLETION_OF_THE_PAYMENT("before completion 1", 2),

		AFTER_COMPLETION_OF_THE_PAYMENT("after completion 1", 2),

		BEFORE_COMMIT_OF_THE_PAYMENT("before commit 1", 2),

		AFTER_COMMIT_OF_THE_PAYMENT("after commit 1", 1),

		BEFORE_COMPLETION_OF_THE_REQUEST("before completion 2", 1),

		AFTER_COMPLETION_OF_THE_REQUEST("after completion 2", 1);

		private final String step;

		private final int requests;

		Point(String step, int requests) {
			this.step = step;
			this.requests = requests;
		}

	}

}
