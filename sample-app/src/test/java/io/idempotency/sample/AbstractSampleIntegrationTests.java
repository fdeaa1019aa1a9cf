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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the README promises of the sample application, over real HTTP, whatever keeps the
 * records and the data.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "sample.gateway.delay=200ms", "sample.gateway.read-timeout=4s", "sample.gateway.slow-delay=6s",
				"sample.reports.cron=-", "idempotency.failure-ttl=3s" })
@Import(MovableClock.class)
abstract class AbstractSampleIntegrationTests implements ProfileCases, NotificationCases {

	private static final int CALLERS = 64;

	@Autowired
	private MovableClock clock;

	private SampleClient client;

	private final String key = "key-" + UUID.randomUUID();

	private final String order = "order-" + UUID.randomUUID();

	/** Count the records in the store that is meant to have them. */
	abstract long records();

	@BeforeEach
	void connect(@LocalServerPort int port) {
		this.client = new SampleClient(port);
	}

	@Override
	public SampleClient client() {
		return this.client;
	}

	@AfterEach
	void resetClock() {
		this.clock.reset();
	}

	@Test
	void identicalPaymentsAreChargedOnce() {
		Answer first = this.client.pay(this.key, this.order);
		Answer second = this.client.pay(this.key, this.order);

		assertThat(first.status()).isEqualTo(201);
		assertThat(first.header("Location")).contains("/payments/" + first.text("paymentId"));
		assertThat(second.status()).isEqualTo(201);
		assertThat(second.header("Location")).isEqualTo(first.header("Location"));
		assertThat(second.body()).isEqualTo(first.body());
		assertThat(charges()).hasSize(1);
		assertThat(this.client.list("/payments?orderId=" + this.order)).hasSize(1);
	}

	@Test
	void parallelIdenticalPaymentsAreChargedOnceAndAllGetTheSameAnswer() {
		List<Answer> answers = SampleClient.together(CALLERS,
				() -> this.client.payAsync(this.key, this.order, "customer-1", "49.90"));

		assertThat(answers).hasSize(CALLERS).extracting(Answer::status).containsOnly(201);
		assertThat(answers).extracting(Answer::body).containsOnly(answers.get(0).body());
		assertThat(charges()).hasSize(1);
	}

	@Test
	void keyHasOneRecordForTheRequestAndOneForThePayment() {
		long before = records();

		this.client.pay(this.key, this.order);
		this.client.pay(this.key, this.order);

		assertThat(records()).isEqualTo(before + 2);
	}

	@Test
	void anotherKeyIsAnotherPayment() {
		Answer first = this.client.pay(this.key, this.order);
		Answer second = this.client.pay(this.key + "-2", this.order);

		assertThat(second.text("paymentId")).isNotEqualTo(first.text("paymentId"));
		assertThat(charges()).hasSize(2);
	}

	@Test
	void paymentIsServedUnderItsLocation() {
		Answer payment = this.client.pay(this.key, this.order);

		assertThat(this.client.get(payment.header("Location").orElseThrow()).body()).isEqualTo(payment.body());
	}

	@Test
	void gatewayGetsKeyOfItsOwn() {
		this.client.pay(this.key, this.order);

		assertThat(this.client.get("/gateway/charges?orderId=" + this.order).text("[0].idempotencyKey"))
			.matches("\"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\"");
	}

	@Test
	void keyWithAnotherAmountIsRefusedAndTheOriginalStillReplays() {
		Answer original = this.client.pay(this.key, this.order, "customer-1", "49.90");

		Answer other = this.client.pay(this.key, this.order, "customer-1", "50.00");

		assertThat(other.status()).isEqualTo(422);
		assertThat(other.header("Content-Type")).contains("application/problem+json");
		assertThat(other.text("code")).isEqualTo("key-reused");
		assertThat(other.body()).doesNotContain(this.key);
		assertThat(this.client.pay(this.key, this.order, "customer-1", "49.90").body()).isEqualTo(original.body());
		assertThat(charges()).hasSize(1);
	}

	@Test
	void requestCountsAsItIsWritten() {
		Answer original = this.client.pay(this.key, this.order, "customer-1", "49.90");

		assertThat(this.client.pay(this.key, this.order, "customer-1", "49.9").status()).isEqualTo(422);
		assertThat(this.client.pay(this.key, this.order, "customer-1", "49.90").body()).isEqualTo(original.body());
	}

	@Test
	void replayIsToldFromTheFirstAnswer() {
		Answer first = this.client.pay(this.key, this.order);
		Answer second = this.client.pay(this.key, this.order);

		assertThat(first.header("Idempotent-Replayed")).isEmpty();
		assertThat(second.header("Idempotent-Replayed")).contains("true");
	}

	@Test
	void keyInQuotesIsTheSameKey() {
		Answer bare = this.client.pay(this.key, this.order);

		assertThat(this.client.pay('"' + this.key + '"', this.order).body()).isEqualTo(bare.body());
	}

	@Test
	void declinedCardIsRememberedForShortTime() {
		Answer first = this.client.pay(this.key, this.order, "declined-1", "49.90");

		Answer second = this.client.pay(this.key, this.order, "declined-1", "49.90");

		assertThat(first.status()).isEqualTo(402);
		assertThat(second.status()).isEqualTo(402);
		// The gateway gives each refusal a reference of its own: it was asked once
		assertThat(second.text("detail")).contains("reference").isEqualTo(first.text("detail"));
		await().atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(this.client.pay(this.key, this.order, "declined-1", "49.90").text("detail"))
				.contains("reference")
				.isNotEqualTo(first.text("detail")));
		assertThat(charges()).isEmpty();
	}

	@Test
	void gatewayTimeoutIsNotRemembered() {
		Answer first = this.client.pay(this.key, this.order, "slow-1", "49.90");

		Answer second = this.client.pay(this.key, this.order, "slow-1", "49.90");

		assertThat(first.status()).isEqualTo(504);
		assertThat(first.text("code")).isEqualTo("gateway-timeout");
		assertThat(second.status()).isEqualTo(201);
		assertThat(this.client.pay(this.key, this.order, "slow-1", "49.90").body()).isEqualTo(second.body());
		assertThat(charges()).hasSize(1);
	}

	@Test
	void paymentWithoutKeyIsRefused() {
		Answer missing = this.client.post("/payments", """
				{"orderId":"%s","customerId":"customer-1","amount":1,"currency":"EUR"}""".formatted(this.order)).join();
		Answer blank = this.client.pay("", this.order);

		assertThat(missing.status()).isEqualTo(400);
		assertThat(missing.header("Content-Type")).contains("application/problem+json");
		assertThat(missing.text("code")).isEqualTo("missing-key");
		assertThat(blank.status()).isEqualTo(400);
		assertThat(blank.text("code")).isEqualTo("invalid-key");
		assertThat(charges()).isEmpty();
	}

	@Test
	void invalidPaymentDoesNotUseUpItsKey() {
		Answer invalid = this.client.pay(this.key, this.order, "customer-1", "-1");

		Answer valid = this.client.pay(this.key, this.order, "customer-1", "1");

		assertThat(invalid.status()).isEqualTo(400);
		assertThat(invalid.text("errors.amount")).isNotBlank();
		assertThat(valid.status()).isEqualTo(201);
	}

	@Test
	void acceptedPaymentIsCarriedOutOnceAndItsOutcomeCanBeAskedFor() {
		Answer accepted = order("customer-1");
		Answer retry = order("customer-1");

		assertThat(accepted.status()).isEqualTo(202);
		assertThat(accepted.text("status")).isEqualTo("ACCEPTED");
		assertThat(retry.status()).isEqualTo(202);
		assertThat(retry.header("Location")).isEqualTo(accepted.header("Location"));
		Answer done = awaitOutcome(accepted.header("Location").orElseThrow());
		assertThat(done.text("status")).isEqualTo("CHARGED");
		assertThat(this.client.get("/payments/" + done.text("paymentId")).status()).isEqualTo(200);
		assertThat(charges()).hasSize(1);
	}

	@Test
	void acceptedPaymentCanBeDeclined() {
		Answer accepted = order("declined-1");

		Answer done = awaitOutcome(accepted.header("Location").orElseThrow());

		assertThat(done.text("status")).isEqualTo("DECLINED");
		assertThat(done.text("refusal")).contains("declined");
	}

	private Answer order(String customer) {
		return this.client
			.post("/payment-orders",
					"""
							{"orderId":"%s","customerId":"%s","amount":49.90,"currency":"EUR"}""".formatted(this.order,
							customer),
					"Idempotency-Key", this.key)
			.join();
	}

	private Answer awaitOutcome(String location) {
		return await().atMost(Duration.ofSeconds(30))
			.until(() -> this.client.get(location), (answer) -> !answer.text("status").equals("ACCEPTED"));
	}

	@Test
	void dailyReportIsTheSameAllDayAndNewTomorrow() {
		this.clock.moveTo("2030-03-01T08:00:00Z");
		Answer morning = report("PAYMENTS");
		this.clock.moveTo("2030-03-01T23:59:59Z");
		Answer evening = report("PAYMENTS");
		this.clock.moveTo("2030-03-02T00:00:00Z");
		Answer tomorrow = report("PAYMENTS");

		assertThat(morning.text("date")).isEqualTo("2030-03-01");
		assertThat(evening.body()).isEqualTo(morning.body());
		assertThat(tomorrow.text("date")).isEqualTo("2030-03-02");
		assertThat(tomorrow.text("reportId")).isNotEqualTo(morning.text("reportId"));
		assertThat(this.client.get("/reports/daily?date=2030-03-01").body()).isEqualTo("[" + morning.body() + "]");
	}

	@Test
	void dailyReportsOfTwoTypesAreTwo() {
		assertThat(report("NOTIFICATIONS").text("reportId")).isNotEqualTo(report("PAYMENTS").text("reportId"));
	}

	@Test
	void applicationIsHealthy() {
		assertThat(this.client.get("/actuator/health").text("status")).isEqualTo("UP");
	}

	private Answer report(String type) {
		return this.client.post("/reports/daily?type=" + type, "").join();
	}

	private List<Object> charges() {
		return this.client.list("/gateway/charges?orderId=" + this.order);
	}

}
