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

import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import io.idempotency.sample.SampleClient.Answer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is true of profiles, whatever keeps the records and the data.
 */
interface ProfileCases {

	SampleClient client();

	@Test
	default void profileIsUpdatedInBothSystemsOnce() {
		String user = "user-" + UUID.randomUUID();

		Answer first = client().putProfile("key-" + user, user, "Ada").join();
		Answer second = client().putProfile("key-" + user, user, "Ada").join();

		assertThat(first.status()).isEqualTo(200);
		assertThat(first.number("revision")).isZero();
		assertThat(second.body()).isEqualTo(first.body());
		assertThat(second.header("Idempotent-Replayed")).contains("true");
		assertThat(client().get("/profiles/" + user).body()).isEqualTo(first.body());
		assertThat(client().get("/crm/profiles/" + user).text("displayName")).isEqualTo("Ada");
		assertThat(client().list("/crm/updates?userId=" + user)).hasSize(1);
	}

	@Test
	default void retryGoesOnWithTheSystemThatFailed() {
		String user = "flaky-" + UUID.randomUUID();

		Answer first = client().putProfile("key-" + user, user, "Ada").join();
		Answer saved = client().get("/profiles/" + user);
		Answer second = client().putProfile("key-" + user, user, "Ada").join();

		assertThat(first.status()).isEqualTo(503);
		assertThat(first.text("code")).isEqualTo("crm-unavailable");
		assertThat(first.header("Retry-After")).contains("1");
		assertThat(saved.number("revision")).isZero();
		assertThat(second.status()).isEqualTo(200);
		assertThat(second.body()).isEqualTo(saved.body());
		assertThat(client().get("/profiles/" + user).body()).isEqualTo(saved.body());
		assertThat(client().list("/crm/updates?userId=" + user)).hasSize(1);
	}

	@Test
	default void profileIsSavedOnceHoweverOftenTheOtherSystemFails() {
		String user = "broken-" + UUID.randomUUID();

		List<Answer> answers = Stream.generate(() -> client().putProfile("key-" + user, user, "Ada").join())
			.limit(3)
			.toList();

		assertThat(answers).extracting(Answer::status).containsOnly(502);
		assertThat(answers).extracting((answer) -> answer.text("code")).containsOnly("crm-failed");
		assertThat(client().get("/profiles/" + user).number("revision")).isZero();
		assertThat(client().list("/crm/updates?userId=" + user)).isEmpty();
	}

	@Test
	default void retryThatComesLateDoesNotUndoTheUpdateAfterIt() {
		String user = "flaky-" + UUID.randomUUID();
		client().putProfile("key-1-" + user, user, "Ada").join();
		client().putProfile("key-2-" + user, user, "Grace").join();
		client().putProfile("key-2-" + user, user, "Grace").join();

		Answer late = client().putProfile("key-1-" + user, user, "Ada").join();

		assertThat(late.status()).isEqualTo(200);
		assertThat(client().get("/profiles/" + user).text("displayName")).isEqualTo("Grace");
		assertThat(client().get("/profiles/" + user).number("revision")).isEqualTo(1);
		assertThat(client().get("/crm/profiles/" + user).text("displayName")).isEqualTo("Grace");
	}

	@Test
	default void parallelUpdatesOfOneProfileAreAllMade() {
		String user = "user-" + UUID.randomUUID();

		List<Answer> answers = SampleClient.together(3,
				() -> client().putProfile(UUID.randomUUID().toString(), user, "Ada"));

		assertThat(answers).extracting((answer) -> answer.number("revision")).containsExactlyInAnyOrder(0, 1, 2);
	}

	@Test
	default void keyOfAnUpdateIsNotTakenForAnotherOne() {
		String user = "user-" + UUID.randomUUID();
		client().putProfile("key-" + user, user, "Ada").join();

		Answer other = client().putProfile("key-" + user, user, "Grace").join();
		Answer otherUser = client().putProfile("key-" + user, user + "-2", "Ada").join();

		assertThat(other.text("code")).isEqualTo("key-reused");
		assertThat(otherUser.text("code")).isEqualTo("key-reused");
		assertThat(client().get("/profiles/" + user).text("displayName")).isEqualTo("Ada");
		assertThat(client().get("/profiles/" + user + "-2").status()).isEqualTo(404);
	}

}
