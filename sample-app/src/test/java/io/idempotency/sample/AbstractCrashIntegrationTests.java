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
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.idempotency.sample.SampleClient.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Instances of the application share a store. One is killed while its payment is at the
 * gateway, another one gets the retries.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class AbstractCrashIntegrationTests {

	private final HeldGateway gateway = new HeldGateway();

	private SampleProcess retrying;

	private SampleProcess holding;

	private SampleProcess survivor;

	/** Return the settings by which an instance finds the store. */
	abstract List<String> store();

	@BeforeAll
	void start() {
		this.retrying = start("retry");
		this.holding = start("hold");
		this.survivor = start("retry");
	}

	@AfterAll
	void stop() {
		Stream.of(this.retrying, this.holding, this.survivor).forEach(SampleProcess::close);
		this.gateway.close();
	}

	@Test
	void retryRunsAgainOnceTheLeaseOfTheKilledOwnerLapsed() {
		Payment payment = new Payment(this.survivor.client());
		killInFlight(this.retrying, payment);

		Answer answer = awaitEndOfLease(payment);

		assertThat(answer.status()).isEqualTo(201);
		assertThat(payment.send().body()).isEqualTo(answer.body());
		assertThat(this.gateway.requests(payment.order())).hasSize(2)
			.containsOnly(this.gateway.requests(payment.order()).get(0));
		assertThat(payment.stored()).hasSize(1);
	}

	@Test
	void heldPaymentIsUnknownOnceTheLeaseOfTheKilledOwnerLapsed() {
		// What the owner wrote into the record decides, not what the survivor is told
		Payment payment = new Payment(this.survivor.client());
		killInFlight(this.holding, payment);

		Answer answer = awaitEndOfLease(payment);

		assertThat(answer.status()).isEqualTo(409);
		assertThat(answer.text("code")).isEqualTo("outcome-unknown");
		assertThat(payment.send().text("code")).isEqualTo("outcome-unknown");
		assertThat(this.gateway.requests(payment.order())).hasSize(1);
		assertThat(payment.stored()).isEmpty();
	}

	private void killInFlight(SampleProcess owner, Payment payment) {
		CompletableFuture<Answer> inFlight = payment.sendBy(owner.client());
		this.gateway.awaitRequest(payment.order());
		assertInProgress(payment.send());
		owner.kill();
		assertThat(inFlight).failsWithin(Duration.ofSeconds(10));
		assertInProgress(payment.send());
	}

	private static Answer awaitEndOfLease(Payment payment) {
		return await().atMost(Duration.ofSeconds(30)).until(payment::send, (answer) -> !answer.inProgress());
	}

	private static void assertInProgress(Answer answer) {
		assertThat(answer.status()).isEqualTo(409);
		assertThat(answer.text("code")).isEqualTo("in-progress");
		assertThat(answer.header("Retry-After").map(Integer::valueOf))
			.hasValueSatisfying((seconds) -> assertThat(seconds).isBetween(1, 5));
	}

	private SampleProcess start(String onUnknown) {
		List<String> settings = new ArrayList<>(store());
		settings.add("--sample.gateway.url=" + this.gateway.url());
		settings.add("--sample.gateway.read-timeout=60s");
		settings.add("--idempotency.lease=5s");
		settings.add("--idempotency.on-concurrent=reject");
		settings.add("--idempotency.operations.create-payment.on-concurrent=reject");
		settings.add("--idempotency.on-unknown=" + onUnknown);
		return SampleProcess.start(settings);
	}

	/**
	 * A payment that is sent again and again to the survivor.
	 */
	private record Payment(SampleClient survivor, String order) {

		Payment(SampleClient survivor) {
			this(survivor, "order-" + UUID.randomUUID());
		}

		Answer send() {
			return sendBy(this.survivor).join();
		}

		CompletableFuture<Answer> sendBy(SampleClient client) {
			return client.payAsync("key-" + this.order, this.order, "customer-1", "49.90");
		}

		List<Object> stored() {
			return this.survivor.list("/payments?orderId=" + this.order);
		}

	}

}
