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
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.idempotency.killpoints.HeldSteps;
import io.idempotency.sample.SampleClient.Answer;
import io.idempotency.test.servers.KafkaServer;
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
 * Wherever an order is when its instance dies, on its way forward or back, each step and
 * each compensation has its effect once. One order for each {@link Placed} and
 * {@link Undone} point is held there; then their instance is killed with all of them in
 * flight. The same requests are sent to another instance on the same PostgreSQL, until
 * the leases of the dead one have lapsed. How often the gateway was called tells that the
 * order was where it should be.
 */
@TestInstance(Lifecycle.PER_CLASS)
class OrderKillPointsIntegrationTests {

	private static final PostgresServer.Database DATABASE = PostgresServer.shared().createDatabase();

	private final DeduplicatingGateway gateway = new DeduplicatingGateway();

	private final String run = UUID.randomUUID().toString();

	private SampleProcess survivor;

	@BeforeAll
	void killAnInstanceWithAnOrderAtEachPoint(@TempDir Path heldSteps) throws IOException, URISyntaxException {
		this.survivor = SampleProcess.start(settings());
		List<String> doomedSettings = new ArrayList<>(settings());
		doomedSettings.add("--spring.kafka.listener.auto-startup=false");
		new DoomedSample(points(), doomedSettings).die(heldSteps, this::placeAtEachPoint);
	}

	@AfterAll
	void stop() {
		this.survivor.close();
		this.gateway.close();
		DATABASE.close();
	}

	@ParameterizedTest
	@EnumSource
	void orderIsPlacedOnce(Placed point) {
		String order = order(point);

		Answer answer = awaitDecision(order, "customer-1");

		assertThat(answer.status()).as(answer.body()).isEqualTo(201);
		assertThat(stock(order)).containsExactly("RESERVED");
		assertThat(this.gateway.charges(order)).hasSize(1);
		assertThat(this.gateway.requests(order)).hasSize(point.charges);
		assertThat(this.gateway.refundRequests(this.gateway.charges(order).get(0))).isEmpty();
		assertThat(this.survivor.client().ofOrder(order, "deliveries", "deliveryId"))
			.containsExactly(answer.text("deliveryId"));
		assertAnswersTheSame(order, "customer-1", answer);
		// There is one partition: what is announced later is confirmed later
		String behind = order + "-behind";
		place(this.survivor.client(), behind, "customer-1").join();
		await().atMost(Duration.ofSeconds(60)).until(() -> !confirmations(behind).isEmpty());
		assertThat(confirmations(order)).containsExactly("kafka");
	}

	@ParameterizedTest
	@EnumSource
	void orderIsUndoneOnce(Undone point) {
		String order = order(point);

		Answer answer = awaitDecision(order, "nowhere-1");

		assertThat(answer.status()).as(answer.body()).isEqualTo(422);
		assertThat(answer.text("code")).isEqualTo("no-delivery");
		assertThat(stock(order)).containsExactly("RESERVED", "RELEASED");
		assertThat(this.gateway.charges(order)).hasSize(1);
		assertThat(this.gateway.requests(order)).hasSize(point.charges);
		List<String> refunds = this.gateway.refundRequests(this.gateway.charges(order).get(0));
		assertThat(refunds).hasSize(point.refunds).doesNotContainNull().containsOnly(refunds.get(0));
		assertThat(this.survivor.client().ofOrder(order, "deliveries", "deliveryId")).isEmpty();
		assertThat(confirmations(order)).isEmpty();
		assertAnswersTheSame(order, "nowhere-1", answer);
		assertThat(stock(order)).containsExactly("RESERVED", "RELEASED");
		assertThat(this.gateway.refundRequests(this.gateway.charges(order).get(0))).hasSize(point.refunds);
	}

	private void assertAnswersTheSame(String order, String customer, Answer answer) {
		int requests = this.gateway.requests(order).size();
		Answer again = place(this.survivor.client(), order, customer).join();
		assertThat(again.status()).isEqualTo(answer.status());
		assertThat(again.body()).isEqualTo(answer.body());
		assertThat(this.gateway.requests(order)).hasSize(requests);
	}

	private List<CompletableFuture<Answer>> placeAtEachPoint(SampleClient client) {
		List<CompletableFuture<Answer>> inFlight = new ArrayList<>();
		for (Placed point : Placed.values()) {
			inFlight.add(place(client, order(point), "customer-1", HeldSteps.POINT, point.step));
		}
		for (Undone point : Undone.values()) {
			inFlight.add(place(client, order(point), "nowhere-1", HeldSteps.POINT, point.step));
		}
		return inFlight;
	}

	private static List<String> points() {
		return Stream
			.concat(Stream.of(Placed.values()).map((point) -> point.step),
					Stream.of(Undone.values()).map((point) -> point.step))
			.toList();
	}

	private List<String> settings() {
		return List.of("--spring.datasource.url=" + DATABASE.jdbcUrl(), "--sample.gateway.url=" + this.gateway.url(),
				"--spring.profiles.active=kafka",
				"--spring.kafka.bootstrap-servers=" + KafkaServer.shared().bootstrapServers(),
				"--spring.kafka.consumer.group-id=" + this.run, "--idempotency.lease=5s",
				"--sample.gateway.read-timeout=60s");
	}

	private String order(Enum<?> point) {
		return point.getDeclaringClass().getSimpleName() + "-" + point.name() + "-" + this.run;
	}

	private Answer awaitDecision(String order, String customer) {
		return await().atMost(Duration.ofSeconds(60))
			.until(() -> place(this.survivor.client(), order, customer).join(), (received) -> !received.inProgress());
	}

	private List<String> stock(String order) {
		return this.survivor.client().ofOrder(order, "stock", "kind");
	}

	private List<String> confirmations(String order) {
		return this.survivor.client().ofOrder(order, "confirmations", "broker");
	}

	private static CompletableFuture<Answer> place(SampleClient client, String order, String customer,
			String... headers) {
		return client.orderAsync("key-" + order, order, customer, headers);
	}

	/**
	 * Where an order that is placed is when its instance dies, and how many requests to
	 * charge for it arrive at the gateway in the end.
	 */
	enum Placed {

		BEFORE_CLAIM("before claim 2", 1),

		AFTER_CLAIM("after claim 2", 1),

		BEFORE_RESERVATION("before booking 1", 1),

		IN_RESERVATION("after booking 1", 1),

		BEFORE_COMMIT_OF_RESERVATION("before commit 1", 1),

		AFTER_COMMIT_OF_RESERVATION("after commit 1", 1),

		BEFORE_CHARGE("before charge 1", 1),

		IN_CHARGE("after charge 1", 2),

		BEFORE_RECORD_OF_CHARGE("before checkpoint 2", 2),

		AFTER_RECORD_OF_CHARGE("after checkpoint 2", 1),

		BEFORE_DELIVERY("before delivery 1", 1),

		IN_DELIVERY("after delivery 1", 1),

		BEFORE_RECORD_OF_DELIVERY("before checkpoint 3", 1),

		AFTER_RECORD_OF_DELIVERY("after checkpoint 3", 1),

		BEFORE_COMMIT_OF_DELIVERY("before commit 2", 1),

		AFTER_COMMIT_OF_DELIVERY("after commit 2", 1),

		AFTER_ANNOUNCEMENT("before checkpoint 4", 1),

		AFTER_RECORD_OF_ANNOUNCEMENT("after checkpoint 4", 1),

		BEFORE_COMPLETION("before completion 1", 1),

		AFTER_COMPLETION("after completion 1", 1),

		BEFORE_COMPLETION_OF_REQUEST("before completion 2", 1),

		AFTER_COMPLETION_OF_REQUEST("after completion 2", 1);

		private final String step;

		private final int charges;

		Placed(String step, int charges) {
			this.step = step;
			this.charges = charges;
		}

	}

	/**
	 * Where an order that nobody delivers is when its instance dies, and how many
	 * requests to charge for it and to give that back arrive at the gateway in the end.
	 */
	enum Undone {

		IN_RESERVATION("before checkpoint 1", 1, 1),

		AFTER_RESERVATION("after commit 1", 1, 1),

		IN_CHARGE("after charge 1", 2, 1),

		AFTER_CHARGE("after checkpoint 2", 1, 1),

		BEFORE_RECORD_OF_FAILURE("before checkpoint 3", 1, 1),

		AFTER_RECORD_OF_FAILURE("after checkpoint 3", 1, 1),

		BEFORE_REFUND("before refund 1", 1, 1),

		IN_REFUND("after refund 1", 1, 2),

		BEFORE_RECORD_OF_REFUND("before checkpoint 4", 1, 2),

		AFTER_RECORD_OF_REFUND("after checkpoint 4", 1, 1),

		BEFORE_RELEASE("before booking 2", 1, 1),

		IN_RELEASE("after booking 2", 1, 1),

		BEFORE_RECORD_OF_RELEASE("before checkpoint 5", 1, 1),

		AFTER_RECORD_OF_RELEASE("after checkpoint 5", 1, 1),

		BEFORE_COMMIT_OF_RELEASE("before commit 2", 1, 1),

		AFTER_COMMIT_OF_RELEASE("after commit 2", 1, 1),

		BEFORE_COMPLETION("before completion 1", 1, 1),

		AFTER_COMPLETION("after completion 1", 1, 1),

		BEFORE_COMPLETION_OF_REQUEST("before completion 2", 1, 1),

		AFTER_COMPLETION_OF_REQUEST("after completion 2", 1, 1);

		private final String step;

		private final int charges;

		private final int refunds;

		Undone(String step, int charges, int refunds) {
			this.step = step;
			this.charges = charges;
			this.refunds = refunds;
		}

	}

}
