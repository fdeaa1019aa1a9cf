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
 * Wherever the update of a profile is when its instance dies, who asks again gets it made
 * once in both systems. One update for each {@link Point} is held there; then their
 * instance is killed with all of them in flight, and the same requests are sent to
 * another one on the same PostgreSQL. The CRM is the stub of the one that survives, and
 * recognizes keys. How often it was asked tells that the update was where it should be.
 */
@TestInstance(Lifecycle.PER_CLASS)
class ProfileKillPointsIntegrationTests {

	private static final PostgresServer.Database DATABASE = PostgresServer.shared().createDatabase();

	private final String run = UUID.randomUUID().toString();

	private SampleProcess survivor;

	@BeforeAll
	void killAnInstanceWithAnUpdateAtEachPoint(@TempDir Path heldSteps) throws IOException, URISyntaxException {
		List<String> settings = new ArrayList<>(settings());
		settings.add("--sample.crm.deduplicate=true");
		this.survivor = SampleProcess.start(settings);
		List<String> doomedSettings = new ArrayList<>(settings());
		doomedSettings.add("--sample.crm.url=" + this.survivor.client().url());
		DoomedSample doomed = new DoomedSample(Stream.of(Point.values()).map((point) -> point.step).toList(),
				doomedSettings);
		doomed.die(heldSteps,
				(client) -> Stream.of(Point.values())
					.map((point) -> put(client, user(point), HeldSteps.POINT, point.step))
					.toList());
	}

	@AfterAll
	void stop() {
		this.survivor.close();
		DATABASE.close();
	}

	@ParameterizedTest
	@EnumSource
	void profileIsUpdatedOnceInBothSystems(Point point) {
		SampleClient survivor = this.survivor.client();
		String user = user(point);

		Answer answer = await().atMost(Duration.ofSeconds(30))
			.until(() -> put(survivor, user).join(), (received) -> !received.inProgress());

		assertThat(answer.status()).as(answer.body()).isEqualTo(200);
		assertThat(answer.number("revision")).isZero();
		assertThat(survivor.get("/profiles/" + user).body()).isEqualTo(answer.body());
		Answer updates = survivor.get("/crm/updates?userId=" + user);
		assertThat(updates.number("length()")).isEqualTo(1);
		assertThat(updates.number("[0].requests")).isEqualTo(point.requests);
		assertThat(put(survivor, user).join().body()).isEqualTo(answer.body());
		assertThat(survivor.get("/crm/updates?userId=" + user).body()).isEqualTo(updates.body());
	}

	private List<String> settings() {
		return List.of("--spring.datasource.url=" + DATABASE.jdbcUrl(), "--idempotency.lease=5s",
				"--sample.crm.read-timeout=60s");
	}

	private String user(Point point) {
		return point.name() + "-" + this.run;
	}

	private static CompletableFuture<Answer> put(SampleClient client, String user, String... headers) {
		return client.putProfile("key-" + user, user, "Ada", headers);
	}

	/**
	 * Where an update is when its instance dies: around each step, in their order. What
	 * the CRM sees of it depends on it: a request of the survivor alone, or one of both.
	 */
	enum Point {

		BEFORE_CLAIM_OF_THE_REQUEST("before claim 1", 1),

		AFTER_CLAIM_OF_THE_REQUEST("after claim 1", 1),

		BEFORE_CLAIM_OF_THE_UPDATE("before claim 2", 1),

		AFTER_CLAIM_OF_THE_UPDATE("after claim 2", 1),

		BEFORE_INSERT_OF_THE_PROFILE("before insert 1", 1),

		AFTER_INSERT_OF_THE_PROFILE("after insert 1", 1),

		BEFORE_CHECKPOINT_OF_THE_PROFILE("before checkpoint 1", 1),

		AFTER_CHECKPOINT_OF_THE_PROFILE("after checkpoint 1", 1),

		BEFORE_COMMIT_OF_PROFILE_AND_CHECKPOINT("before commit 1", 1),

		AFTER_COMMIT_OF_PROFILE_AND_CHECKPOINT("after commit 1", 1),

		BEFORE_CALL_OF_THE_CRM("before update 1", 1),

		AFTER_CALL_OF_THE_CRM("after update 1", 2),

		BEFORE_CHECKPOINT_OF_THE_CALL("before checkpoint 2", 2),

		AFTER_CHECKPOINT_OF_THE_CALL("after checkpoint 2", 1),

		BEFORE_COMPLETION_OF_THE_UPDATE("before completion 1", 1),

		AFTER_COMPLETION_OF_THE_UPDATE("after completion 1", 1),

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
