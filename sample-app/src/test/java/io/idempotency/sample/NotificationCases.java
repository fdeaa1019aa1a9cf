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

import com.jayway.jsonpath.JsonPath;
import io.idempotency.sample.SampleClient.Answer;
import org.junit.jupiter.api.Test;

import static io.idempotency.sample.SampleClient.notification;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is true of notifications, one by one and many at once, whatever keeps the records
 * and the data.
 */
interface NotificationCases {

	SampleClient client();

	@Test
	default void duplicateNotificationGetsTheFirstAnswerAndIsToldSo() {
		String user = "user-" + UUID.randomUUID();

		Answer first = client().notify(user + "-1", user).join();
		Answer second = client().notify(user + "-1", user).join();

		assertThat(first.status()).isEqualTo(201);
		assertThat(first.header("X-Already-Sent")).isEmpty();
		assertThat(second.status()).isEqualTo(201);
		assertThat(second.header("X-Already-Sent")).contains("true");
		assertThat(second.body()).isEqualTo(first.body());
		assertThat(client().list("/notifications?userId=" + user)).hasSize(1);
	}

	@Test
	default void parallelIdenticalNotificationsAreSentOnce() {
		String user = "user-" + UUID.randomUUID();

		List<Answer> answers = SampleClient.together(64, () -> client().notify(user + "-1", user));

		assertThat(answers).hasSize(64).extracting(Answer::status).containsOnly(201);
		assertThat(answers).extracting(Answer::body).containsOnly(answers.get(0).body());
		assertThat(answers).filteredOn((answer) -> answer.header("X-Already-Sent").isEmpty()).hasSize(1);
		assertThat(client().list("/notifications?userId=" + user)).hasSize(1);
	}

	@Test
	default void notificationsThatWereSentAreNotSentAgain() {
		String user = "user-" + UUID.randomUUID();
		Answer alone = client().notify(user + "-1", user).join();

		Answer first = client().notifyAll(notification(user + "-1", user), notification(user + "-2", user)).join();
		Answer second = client().notifyAll(notification(user + "-2", user), notification(user + "-3", user)).join();
		Answer aloneAgain = client().notify(user + "-3", user).join();

		assertThat(alone.header("X-Already-Sent")).isEmpty();
		assertThat(first.status()).isEqualTo(207);
		assertThat(all(first, "status")).containsExactly(201, 201);
		assertThat(all(first, "alreadySent")).containsExactly(true, false);
		assertThat(all(first, "receipt.outboxId")).element(0).isEqualTo(alone.text("outboxId"));
		assertThat(all(second, "alreadySent")).containsExactly(true, false);
		assertThat(aloneAgain.header("X-Already-Sent")).contains("true");
		assertThat(client().list("/notifications?userId=" + user)).hasSize(3);
	}

	@Test
	default void notificationThatCannotBeSentFailsAlone() {
		String user = "user-" + UUID.randomUUID();
		String[] all = { notification(user + "-1", user), notification(user + "-2", "unreachable-1"),
				notification(user + "-3", user) };

		Answer first = client().notifyAll(all).join();
		Answer second = client().notifyAll(all).join();

		assertThat(first.status()).isEqualTo(207);
		assertThat(all(first, "notificationId")).containsExactly(user + "-1", user + "-2", user + "-3");
		assertThat(all(first, "status")).containsExactly(201, 422, 201);
		assertThat(all(first, "problem.code")).containsExactly("user-unreachable");
		assertThat(all(second, "status")).containsExactly(201, 422, 201);
		assertThat(all(second, "alreadySent")).containsExactly(true, false, true);
		assertThat(client().notify(user + "-2", "unreachable-1").join().text("code")).isEqualTo("user-unreachable");
		assertThat(client().list("/notifications?userId=" + user)).hasSize(2);
	}

	@Test
	default void notificationThatSaysSomethingElseIsRefusedAlone() {
		String user = "user-" + UUID.randomUUID();
		client().notify(user + "-1", "another-" + user).join();

		Answer answer = client()
			.notifyAll(notification(user + "-1", user), notification(user + "-2", user),
					notification(user + "-2", user))
			.join();

		assertThat(all(answer, "status")).containsExactly(422, 201, 201);
		assertThat(all(answer, "problem.code")).containsExactly("key-reused");
		assertThat(all(answer, "alreadySent")).containsExactly(false, false, true);
		assertThat(client().list("/notifications?userId=" + user)).hasSize(1);
	}

	@Test
	default void invalidNotificationKeepsAllFromBeingSent() {
		String user = "user-" + UUID.randomUUID();

		Answer answer = client().notifyAll(notification(user + "-1", user), notification("", user)).join();

		assertThat(answer.status()).isEqualTo(400);
		assertThat(answer.text("errors['notifications[1].notificationId']")).isNotBlank();
		assertThat(client().list("/notifications?userId=" + user)).isEmpty();
	}

	private static List<Object> all(Answer answer, String member) {
		return JsonPath.read(answer.body(), "$.notifications[*]." + member);
	}

}
