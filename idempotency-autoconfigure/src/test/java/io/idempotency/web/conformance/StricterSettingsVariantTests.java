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

import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(classes = ConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { ConformanceApplication.TOMCAT, "idempotency.web.key-syntax=strict",
				"idempotency.web.key-format=uuid", "idempotency.web.key-scope=api",
				"idempotency.web.fingerprint=canonical", "idempotency.web.server-errors=replay",
				"idempotency.failure-ttl=500ms", "idempotency.on-concurrent=wait" })
class StricterSettingsVariantTests extends SettingsVariant {

	// Keys

	@Test
	void rawKeyIsRefusedBesideTheQuotedOne() {
		String uuid = UUID.randomUUID().toString();

		assertRunsOnce(post("/charges").key("\"" + uuid + "\""));
		assertRefused(post("/charges").key(uuid), 400, INVALID_KEY);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"order-1\"", "\"6f3c1a52\"", "\"6f3c1a52-93c7-4f3a-8c1d-5b8b5e9d0c3\"",
			"\"6f3c1a52-93c7-4f3a-8c1d-5b8b5e9d0c3g\"", "\" 6f3c1a52-93c7-4f3a-8c1d-5b8b5e9d0c31\"", "\"1-1-1-1-1\"" })
	void whatIsNoUuidIsRefused(String key) {
		assertRefused(post("/charges").key(key), 400, INVALID_KEY);
	}

	@Test
	void keyOfAnotherOperationIsRefused() {
		Call charge = post("/charges");
		Answer first = charge.send();

		assertRefused(charge.to("/refunds"), 422, KEY_REUSED);
		assertReplay(charge.send(), first);
	}

	// Fingerprint

	@ParameterizedTest
	@ValueSource(strings = { "{\"currency\":\"EUR\",\"amount\":10,\"tags\":[1,2]}",
			" { \"tags\" : [ 1 , 2 ] ,\n\t\"amount\" : 10 , \"currency\" : \"EUR\" } ",
			"{\"amount\":10,\"currency\":\"\\u0045UR\",\"tags\":[1,2]}" })
	void sameJsonInAnotherFormIsTheSameRequest(String body) {
		Call call = post("/charges").body("{\"amount\":10,\"currency\":\"EUR\",\"tags\":[1,2]}");
		Answer first = call.send();

		assertReplay(call.body(body).send(), first);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"amount\":1.0}", "{\"amount\":1e0}", "{\"amount\":\"1\"}",
			"{\"amount\":1,\"note\":null}", "{\"amount\":[1]}", "{}", "{\"Amount\":1}" })
	void otherJsonIsAnotherRequest(String body) {
		Call call = post("/charges").body("{\"amount\":1}");
		call.send();

		assertRefused(call.body(body), 422, KEY_REUSED);
	}

	@Test
	void orderOfAnArrayCounts() {
		Call call = post("/charges").body("{\"tags\":[1,2]}");
		call.send();

		assertRefused(call.body("{\"tags\":[2,1]}"), 422, KEY_REUSED);
	}

	@Test
	void integersThatADoubleCannotTellApartAreTwo() {
		Call call = post("/charges").body("{\"amount\":9007199254740992}");
		call.send();

		assertRefused(call.body("{\"amount\":9007199254740993}"), 422, KEY_REUSED);
	}

	@Test
	void memberThatIsThereTwiceIsRefused() {
		Call call = post("/charges").body("{\"amount\":1,\"amount\":1000}");

		assertRefused(call, 400, "ambiguous-body");
		assertThat(call.send().member("operation")).isEqualTo("charge");
	}

	@Test
	void whatIsNoJsonIsComparedByteByByte() {
		Call call = post("/charges").body("text/plain", "{\"amount\":1}");
		Answer first = call.send();

		assertReplay(call.send(), first);
		assertRefused(call.body("{\"amount\": 1}"), 422, KEY_REUSED);
	}

	// Outcomes

	@ParameterizedTest
	@ValueSource(strings = { "/status/500", "/status/503/thrown", "/status/502/advised", "/status/500/sent" })
	void serverErrorIsReplayed(String target) {
		assertRunsOnce(post(target).header("Accept", "application/json"));
	}

	@Test
	void refusalIsForgottenSoonAndASuccessIsNot() {
		Call declined = post("/status/402");
		Call charged = post("/charges");
		Answer first = charged.send();
		Answer refusal = declined.send();
		assertThat(refusal.status()).isEqualTo(402);

		Answer later = api().eventually(declined::send, (answer) -> !answer.replayed());

		assertThat(later.content()).isNotEqualTo(refusal.content());
		assertThat(declined.runs()).isEqualTo(2);
		assertReplay(charged.send(), first);
	}

	// Concurrency

	@Test
	void duplicateWaitsWhereTheApplicationSaysSo() {
		Call call = post("/charges").gated();
		CompletableFuture<Answer> running = call.startAndHold();
		CompletableFuture<Answer> waiting = call.start();

		call.openGate();

		assertReplay(waiting.join(), running.join());
		assertThat(call.runs()).isEqualTo(1);
	}

}
