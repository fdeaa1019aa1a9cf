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

package io.idempotency.web.conformance;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a replay and a refusal look like.
 */
interface Expectations {

	/** The request was not sent with a key. */
	String MISSING_KEY = "missing-key";

	/** The header does not hold one key. */
	String INVALID_KEY = "invalid-key";

	/** The key belongs to another request. */
	String KEY_REUSED = "key-reused";

	/** The first request with the key is still being worked on. */
	String IN_PROGRESS = "in-progress";

	/** The work is done, and its answer was not kept. */
	String NOT_REPLAYABLE = "response-not-replayable";

	/** Nobody knows whether the work was done. */
	String OUTCOME_UNKNOWN = "outcome-unknown";

	/** Records can be neither read nor written. */
	String STORE_UNAVAILABLE = "store-unavailable";

	/** The body is larger than it may be. */
	String REQUEST_TOO_LARGE = "request-too-large";

	/**
	 * Check that an answer is the first one again.
	 */
	default void assertReplay(Answer retry, Answer first) {
		assertThat(retry.replayed()).as("replayed: %s", retry).isTrue();
		assertThat(first.header("Idempotent-Replayed")).as("first answer: %s", first).isNull();
		assertThat(retry.status()).isEqualTo(first.status());
		assertThat(retry.content()).as("%s after %s", retry, first).isEqualTo(first.content());
		assertThat(retry.header("Content-Type")).isEqualTo(first.header("Content-Type"));
	}

	/**
	 * Check that the request is answered, then replayed, and worked on once.
	 * @return the first answer
	 */
	default Answer assertRunsOnce(Call call) {
		Answer first = call.send();
		assertReplay(call.send(), first);
		assertThat(call.runs()).isEqualTo(1);
		return first;
	}

	/**
	 * Check that the request is worked on each time.
	 */
	default void assertRunsEachTime(Call call) {
		Answer first = call.send();
		Answer second = call.send();
		assertThat(first.header("Idempotent-Replayed")).isNull();
		assertThat(second.header("Idempotent-Replayed")).isNull();
		assertThat(call.runs()).as("after %s and %s", first, second).isEqualTo(2);
	}

	/**
	 * Check that an answer is a problem detail of ours.
	 * @param type its code, with which its type ends
	 */
	default void assertProblem(Answer answer, int status, String type) {
		assertThat(answer.status()).as("status of %s", answer).isEqualTo(status);
		assertThat(answer.header("Content-Type")).as("%s", answer).startsWith("application/problem+json");
		assertThat(answer.member("code")).isEqualTo(type);
		assertThat(answer.member("type")).matches("[a-z]+:.*[:/]" + type);
		assertThat(answer.json().path("status").asInt()).isEqualTo(status);
		assertThat(answer.member("title")).isNotBlank();
		assertThat(answer.member("detail")).isNotBlank();
		assertThat(answer.header("Cache-Control")).contains("no-store");
		assertThat(answer.header("Idempotent-Replayed")).isNull();
	}

	/**
	 * Check that a request is answered, that others under its key are refused without any
	 * work, and that it is replayed after that.
	 */
	default void assertOthersAreRefused(Call call, Call... others) {
		Answer first = call.send();
		for (Call other : others) {
			assertRefused(other, 422, KEY_REUSED);
		}
		assertReplay(call.send(), first);
		assertThat(call.runs()).isEqualTo(1);
	}

	/**
	 * Check that the request is refused without any work.
	 */
	default void assertRefused(Call call, int status, String type) {
		int before = call.runs();
		assertProblem(call.send(), status, type);
		assertThat(call.runs()).isEqualTo(before);
	}

}
