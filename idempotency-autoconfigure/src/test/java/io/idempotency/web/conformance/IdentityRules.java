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

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which request a key belongs to, and to whom.
 */
interface IdentityRules extends Conformance {

	@ParameterizedTest
	@ValueSource(strings = { "/charges", "/refunds", "/accounts/7/charges", "/routed/charges", "/functional/charges" })
	default void retryGetsTheFirstAnswerAgain(String target) {
		Answer first = assertRunsOnce(post(target));

		assertThat(first.status()).isEqualTo(200);
		assertThat(first.json().path("run").asInt()).isEqualTo(1);
	}

	// The same key for something else

	@Test
	default void bodyIsComparedByteByByte() {
		Call call = post("/charges");

		assertOthersAreRefused(call, call.body("{\"amount\": 10,\"currency\":\"EUR\"}"), call.body(""));
	}

	@Test
	default void anotherMethodIsRefused() {
		Call call = post("/charges");

		assertOthersAreRefused(call, call.method("PATCH"));
	}

	@Test
	default void anotherPathOfTheSameOperationIsRefused() {
		Call call = post("/accounts/1/charges");

		assertOthersAreRefused(call, call.to("/accounts/2/charges"));
	}

	@Test
	default void anotherContentTypeIsRefused() {
		Call call = post("/charges");

		assertOthersAreRefused(call, call.header("Content-Type", "text/plain"));
	}

	@Test
	default void anotherOperationIsIndependent() {
		Call charge = post("/charges");
		Call refund = charge.to("/refunds").body("{\"amount\":99}");

		Answer first = charge.send();
		Answer other = refund.send();

		assertThat(other.status()).isEqualTo(200);
		assertThat(other.replayed()).isFalse();
		assertReplay(charge.send(), first);
		assertReplay(refund.send(), other);
		assertThat(charge.runs()).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/routed/charges", "/functional/charges" })
	default void routesCompareTheRequestToo(String target) {
		Call call = post(target);

		assertOthersAreRefused(call, call.body("{\"amount\":11}"));
	}

	// Forms

	@Test
	default void formIsReadByTheHandlerAndCompared() {
		Call call = post("/form").body("application/x-www-form-urlencoded", "amount=10&note=caf%C3%A9");

		Answer first = assertRunsOnce(call);

		assertThat(first.member("read")).isEqualTo("10");
		assertRefused(call.body("amount=11&note=caf%C3%A9"), 422, KEY_REUSED);
	}

	@Test
	default void multipartIsComparedByItsPartsAndNotByItsBoundary() {
		Call call = multipart("first-boundary", "invoice of May");
		Answer first = call.send();

		assertThat(first.member("read")).isEqualTo("10:14");
		Call sameParts = multipart("second-boundary", "invoice of May").key(call.key());
		assertReplay(sameParts.send(), first);
		assertRefused(multipart("first-boundary", "invoice of Jun").key(call.key()), 422, KEY_REUSED);
		assertThat(sameParts.runs()).isZero();
	}

	private Call multipart(String boundary, String invoice) {
		String body = """
				--%1$s
				Content-Disposition: form-data; name="amount"

				10
				--%1$s
				Content-Disposition: form-data; name="invoice"; filename="invoice.txt"
				Content-Type: text/plain

				%2$s
				--%1$s--
				""".formatted(boundary, invoice).replace("\n", "\r\n");
		return post("/multipart").body("multipart/form-data; boundary=" + boundary, body);
	}

	// The same key from somebody else

	@Test
	default void anotherPrincipalIsIndependent() {
		Call alice = post("/charges").as(api().newPayer(), "secret");
		Call bob = alice.as(api().newPayer(), "secret").body("{\"amount\":7}");
		Call anonymous = alice.without("Authorization").body("{\"amount\":8}");

		Answer first = alice.send();
		Answer second = bob.send();
		Answer third = anonymous.send();

		assertThat(second.status()).isEqualTo(200);
		assertThat(second.replayed()).isFalse();
		assertThat(third.status()).isEqualTo(200);
		assertThat(third.replayed()).isFalse();
		assertReplay(alice.send(), first);
		assertReplay(bob.send(), second);
		assertReplay(anonymous.send(), third);
		assertThat(alice.runs()).isEqualTo(3);
	}

	@Test
	default void anotherPrincipalDoesNotMeetTheRunningRequest() {
		Call alice = post("/charges").as(api().newPayer(), "secret").gated();
		CompletableFuture<Answer> running = alice.startAndHold();

		Answer bob = alice.as(api().newPayer(), "secret").without("X-Gate").send();

		assertThat(bob.status()).isEqualTo(200);
		assertThat(bob.replayed()).isFalse();
		alice.openGate();
		assertThat(running.join().status()).isEqualTo(200);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/routed/charges", "/functional/charges" })
	default void anotherPrincipalIsIndependentOnRoutesToo(String target) {
		Call alice = post(target).as(api().newPayer(), "secret");
		Call bob = alice.as(api().newPayer(), "secret");

		Answer first = alice.send();

		assertThat(bob.send().replayed()).isFalse();
		assertReplay(alice.send(), first);
		assertThat(alice.runs()).isEqualTo(2);
	}

	@Test
	default void samePrincipalWithARenewedCredentialGetsTheReplay() {
		String user = api().newPayer();
		Call call = post("/charges").as(user, "secret");
		Answer first = call.send();

		api().setUser(user, "renewed", "PAYER");

		assertReplay(call.as(user, "renewed").send(), first);
		assertThat(call.as(user, "secret").send().status()).isEqualTo(401);
	}

	@Test
	default void anotherTenantIsIndependent() {
		Call none = post("/charges");
		Call red = none.header("X-Tenant", "red");
		Call blue = none.header("X-Tenant", "blue").body("{\"amount\":7}");

		Answer ofNone = none.send();
		Answer ofRed = red.send();
		Answer ofBlue = blue.send();

		assertThat(ofBlue.status()).isEqualTo(200);
		assertReplay(none.send(), ofNone);
		assertReplay(red.send(), ofRed);
		assertReplay(blue.send(), ofBlue);
		assertThat(none.runs()).isEqualTo(3);
	}

	@Test
	default void tenantNamedLikeAPrincipalIsNotThePrincipal() {
		String user = api().newPayer();
		Call ofUser = post("/charges").as(user, "secret");
		Call ofTenant = ofUser.without("Authorization").header("X-Tenant", user);

		Answer first = ofUser.send();

		assertThat(ofTenant.send().replayed()).isFalse();
		assertReplay(ofUser.send(), first);
		assertThat(ofUser.runs()).isEqualTo(2);
	}

	@Test
	default void keyThatSomebodyElseRegisteredBeforeIsInert() {
		String guessed = "\"" + UUID.randomUUID() + "\"";
		String attacker = api().newPayer();
		Call victim = post("/charges").key(guessed).as(api().newPayer(), "secret");
		victim.as(attacker, "secret").body("{\"amount\":1}").send();

		Answer first = assertRunsTheSecondTime(victim);

		assertThat(first.json().path("run").asInt()).isEqualTo(2);
	}

	private Answer assertRunsTheSecondTime(Call victim) {
		Answer first = victim.send();
		assertReplay(victim.send(), first);
		assertThat(victim.runs()).isEqualTo(2);
		return first;
	}

}
