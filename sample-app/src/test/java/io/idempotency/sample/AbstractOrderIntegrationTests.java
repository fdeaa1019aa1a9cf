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
import java.util.List;
import java.util.UUID;

import io.idempotency.sample.SampleClient.Answer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Orders and their events, over real HTTP and real brokers, whatever keeps the records
 * and the data.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "sample.gateway.slow-delay=0ms", "idempotency.failure-ttl=1s" })
abstract class AbstractOrderIntegrationTests {

	private SampleClient client;

	private final String order = "order-" + UUID.randomUUID();

	@BeforeEach
	void connect(@LocalServerPort int port) {
		this.client = new SampleClient(port);
	}

	@Test
	void orderIsReservedChargedAndDeliveredOnce() {
		Answer first = place("customer-1");
		Answer second = place("customer-1");

		assertThat(first.status()).as(first.body()).isEqualTo(201);
		assertThat(first.header("Location")).contains("/orders/" + this.order);
		assertThat(second.body()).isEqualTo(first.body());
		assertThat(stock()).containsExactly("RESERVED");
		assertThat(charges()).hasSize(1);
		assertThat(this.client.ofOrder(this.order, "deliveries", "deliveryId"))
			.containsExactly(first.text("deliveryId"));
		assertThat(refunds()).isEmpty();
	}

	@Test
	void orderThatNobodyDeliversIsUndoneOnce() {
		Answer first = place("nowhere-1");
		Answer second = place("nowhere-1");

		assertThat(first.status()).as(first.body()).isEqualTo(422);
		assertThat(first.text("code")).isEqualTo("no-delivery");
		assertThat(second.body()).isEqualTo(first.body());
		assertThat(stock()).containsExactly("RESERVED", "RELEASED");
		assertThat(charges()).hasSize(1);
		assertThat(refunds()).hasSize(1);
		assertThat(this.client.get("/gateway/refunds?orderId=" + this.order).text("[0].chargeId"))
			.isEqualTo(this.client.get("/gateway/charges?orderId=" + this.order).text("[0].chargeId"));
		assertThat(this.client.ofOrder(this.order, "deliveries", "deliveryId")).isEmpty();
	}

	@Test
	void orderThatWasUndoneIsNotPlacedAgainWhenItsResponseIsForgotten() {
		Answer first = place("nowhere-1");

		Answer later = await().atMost(Duration.ofSeconds(30))
			.until(() -> place("nowhere-1"), (answer) -> answer.header("Idempotent-Replayed").isEmpty());

		assertThat(later.body()).isEqualTo(first.body());
		assertThat(stock()).containsExactly("RESERVED", "RELEASED");
		assertThat(charges()).hasSize(1);
		assertThat(refunds()).hasSize(1);
	}

	@Test
	void declinedCardReleasesTheStock() {
		Answer declined = place("declined-1");

		assertThat(declined.status()).as(declined.body()).isEqualTo(402);
		assertThat(stock()).containsExactly("RESERVED", "RELEASED");
		assertThat(charges()).isEmpty();
		assertThat(refunds()).isEmpty();
	}

	@Test
	void orderGoesOnWhereTheGatewayFailed() {
		Answer failed = place("slow-1");
		List<String> stockThen = stock();

		Answer placed = place("slow-1");

		assertThat(failed.status()).as(failed.body()).isEqualTo(502);
		assertThat(stockThen).containsExactly("RESERVED");
		assertThat(placed.status()).as(placed.body()).isEqualTo(201);
		assertThat(stock()).containsExactly("RESERVED");
		assertThat(charges()).hasSize(1);
		assertThat(refunds()).isEmpty();
	}

	@Test
	void messageThatComesThreeTimesConfirmsItsOrderOnce() {
		place("customer-1");

		this.client.post("/orders/" + this.order + "/announcements", "").join();
		this.client.post("/orders/" + this.order + "/announcements", "").join();

		// Both brokers keep the order, so what comes behind has been reached last
		String behind = this.order + "-behind";
		this.client.orderAsync(behind, behind, "customer-1").join();
		awaitConfirmations(behind);
		assertThat(confirmations(this.order)).containsExactlyInAnyOrder("kafka", "rabbit");
	}

	@Test
	void orderThatIsPlacedAgainUnderAnotherKeyIsConfirmedAgain() {
		place("customer-1");
		awaitConfirmations(this.order);

		this.client.orderAsync("another-" + this.order, this.order, "customer-1").join();

		await().atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(confirmations(this.order)).containsExactlyInAnyOrder("kafka", "kafka",
					"rabbit", "rabbit"));
	}

	@Test
	void applicationIsHealthy() {
		assertThat(this.client.get("/actuator/health").text("status")).isEqualTo("UP");
	}

	private Answer place(String customer) {
		return this.client.orderAsync(this.order, this.order, customer).join();
	}

	private List<String> stock() {
		return this.client.ofOrder(this.order, "stock", "kind");
	}

	private List<Object> charges() {
		return this.client.list("/gateway/charges?orderId=" + this.order);
	}

	private List<Object> refunds() {
		return this.client.list("/gateway/refunds?orderId=" + this.order);
	}

	private List<String> confirmations(String order) {
		return this.client.ofOrder(order, "confirmations", "broker");
	}

	private void awaitConfirmations(String order) {
		await().atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(confirmations(order)).containsExactlyInAnyOrder("kafka", "rabbit"));
	}

}
