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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import io.idempotency.killpoints.KillSwitch;
import io.idempotency.sample.SampleClient.Answer;
import io.idempotency.test.servers.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Wherever an instance dies during a payment, the customer who asks again is charged
 * once. The instance halts its own JVM right before or right after each {@link Point
 * step} of a payment; the same request is then sent to another instance on the same
 * PostgreSQL, until the lease of the dead one has lapsed. How often the gateway was
 * called tells that the instance died where it should.
 */
@TestInstance(Lifecycle.PER_CLASS)
class KillPointsIntegrationTests {

	/** So many instances start in advance. */
	private static final int AHEAD = 2;

	private static final PostgresServer.Database DATABASE = PostgresServer.shared().createDatabase();

	private final DeduplicatingGateway gateway = new DeduplicatingGateway();

	private final Map<Point, SampleProcess> doomed = new EnumMap<>(Point.class);

	private Path killSwitch;

	private SampleProcess survivor;

	@BeforeAll
	void start(@TempDir Path killSwitch) throws IOException, URISyntaxException {
		this.killSwitch = killSwitch;
		String classes = KillSwitch.class.getPackageName().replace('.', '/');
		Path root = Path.of(KillSwitch.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		FileSystemUtils.copyRecursively(root.resolve(classes), killSwitch.resolve(classes));
		this.survivor = SampleProcess.start(settings());
		this.survivor.client();
	}

	@AfterAll
	void stop() {
		this.doomed.values().forEach(SampleProcess::close);
		this.survivor.close();
		this.gateway.close();
		DATABASE.close();
	}

	@ParameterizedTest
	@EnumSource
	void customerIsChargedOnce(Point point) {
		SampleClient survivor = this.survivor.client();
		String order = "order-" + UUID.randomUUID();
		die(point, order);

		Answer answer = await().atMost(Duration.ofSeconds(30)).until(() -> pay(survivor, order).join(), this::decided);

		assertThat(answer.status()).as(answer.body()).isEqualTo(201);
		assertThat(this.gateway.charges(order)).hasSize(1);
		assertThat(this.gateway.requests(order)).hasSize(point.requests);
		assertThat(survivor.list("/payments?orderId=" + order)).hasSize(1);
		Answer again = pay(survivor, order).join();
		assertThat(again.status()).isEqualTo(201);
		assertThat(again.body()).isEqualTo(answer.body());
		assertThat(this.gateway.requests(order)).hasSize(point.requests);
	}

	private void die(Point point, String order) {
		for (int ahead = 0; ahead <= AHEAD && point.ordinal() + ahead < Point.values().length; ahead++) {
			this.doomed.computeIfAbsent(Point.values()[point.ordinal() + ahead], this::start);
		}
		try (SampleProcess instance = this.doomed.get(point)) {
			CompletableFuture<Answer> inFlight = pay(instance.client(), order);

			assertThat(inFlight).failsWithin(Duration.ofSeconds(30));
			assertThat(instance.awaitExit()).isEqualTo(KillSwitch.EXIT_CODE);
		}
	}

	private SampleProcess start(Point point) {
		List<String> settings = new ArrayList<>(settings());
		settings.add("--spring.main.sources=" + KillSwitch.class.getName());
		// It serves one payment: what that does not need does not start
		settings.add("--spring.main.lazy-initialization=true");
		settings.add("--spring.flyway.enabled=false");
		return SampleProcess.start(this.killSwitch, List.of("-Dkillpoint=" + point.step), settings);
	}

	private List<String> settings() {
		return List.of("--spring.datasource.url=" + DATABASE.jdbcUrl(), "--sample.gateway.url=" + this.gateway.url(),
				"--idempotency.lease=1s", "--idempotency.operations.create-payment.on-concurrent=reject");
	}

	private boolean decided(Answer answer) {
		return answer.status() != 409 || !answer.text("code").equals("in-progress");
	}

	private static CompletableFuture<Answer> pay(SampleClient client, String order) {
		return client.payAsync("key-" + order, order, "customer-1", "49.90");
	}

	/**
	 * Where an instance dies: around each step of a payment, in their order. What the
	 * gateway sees of the payment depends on it: a request of the survivor alone, or one
	 * of both.
	 */
	enum Point {

		BEFORE_CLAIM_OF_THE_REQUEST("before claim 1", 1),

		AFTER_CLAIM_OF_THE_REQUEST("after claim 1", 1),

		BEFORE_CLAIM_OF_THE_PAYMENT("before claim 2", 1),

		AFTER_CLAIM_OF_THE_PAYMENT("after claim 2", 1),

		BEFORE_CALL_OF_THE_GATEWAY("before charge", 1),

		AFTER_CALL_OF_THE_GATEWAY("after charge", 2),

		BEFORE_INSERT_OF_THE_PAYMENT("before insert", 2),

		AFTER_INSERT_OF_THE_PAYMENT("after insert", 2),

		BEFORE_COMPLETION_OF_THE_PAYMENT("before completion 1", 2),

		AFTER_COMPLETION_OF_THE_PAYMENT("after completion 1", 2),

		BEFORE_COMMIT_OF_THE_PAYMENT("before commit", 2),

		AFTER_COMMIT_OF_THE_PAYMENT("after commit", 1),

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
