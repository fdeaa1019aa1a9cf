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

import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import io.idempotency.Idempotency;
import io.idempotency.test.servers.RedisServer;
import io.idempotency.web.HttpCaller;
import io.idempotency.web.HttpResolutions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What an operator decides about requests of which nobody knows what became of them.
 */
@TestPropertySource(properties = { "idempotency.store=redis", "idempotency.redis.key-prefix=resolved:",
		"idempotency.on-unknown=hold", "idempotency.web.routes.unannotated.paths=/unannotated/*" })
abstract class AbstractResolutionTests extends SettingsVariant {

	private static final byte[] RECEIPT = "{\"receipt\":\"r-1\"}".getBytes(StandardCharsets.UTF_8);

	@Autowired
	private PaymentOperators operators;

	@Autowired
	private HttpResolutions resolutions;

	@Autowired
	private Idempotency idempotency;

	@DynamicPropertySource
	static void redis(DynamicPropertyRegistry properties) {
		properties.add("spring.data.redis.url", () -> RedisServer.shared().url());
	}

	@Test
	void requestsWhoseOwnerDiedAreAnsweredRefusedOrRunAgainEachForItself() {
		String key = UUID.randomUUID().toString();
		Payer charged = payer(key);
		Payer declined = payer(key);
		Payer notCharged = payer(key);
		Payer undecided = payer(key);
		List<Payer> all = List.of(charged, declined, notCharged, undecided);
		killDuring(all);
		assertThat(all).allSatisfy((payer) -> assertProblem(payer.call().sendUntilAnswered(), 409, OUTCOME_UNKNOWN));

		this.operators.charged(key, charged.user(), RECEIPT);
		this.operators.declined(key, declined.user());
		this.operators.notCharged(key, notCharged.user());

		Answer receipt = charged.call().send();
		assertThat(receipt.status()).isEqualTo(201);
		assertThat(receipt.replayed()).isTrue();
		assertThat(receipt.content()).isEqualTo(RECEIPT);
		assertThat(receipt.header("Content-Type")).isEqualTo("application/json");
		assertProblem(charged.call().body("{}").send(), 422, KEY_REUSED);
		Answer refusal = declined.call().send();
		assertThat(refusal.status()).isEqualTo(402);
		assertThat(refusal.replayed()).isTrue();
		assertThat(refusal.header("Content-Type")).startsWith("application/problem+json");
		assertThat(refusal.member("detail")).isEqualTo("The card has expired");
		assertRunsOnce(notCharged.call());
		assertProblem(undecided.call().send(), 409, OUTCOME_UNKNOWN);
		assertThat(all).extracting((payer) -> payer.call().runs()).containsExactly(0, 0, 1, 0);
	}

	@Test
	void requestOfARouteIsDecidedForItsTenant() {
		String key = UUID.randomUUID().toString();
		Call ours = failed("/unannotated/500", key).header("X-Tenant", "acme");
		Call theirs = failed("/unannotated/500", key).header("X-Tenant", "evil");
		assertThat(ours.send().status()).isEqualTo(500);
		assertThat(theirs.send().status()).isEqualTo(500);

		this.resolutions.resolve("unannotated", key).header("x-tenant", "acme").answered(204, headers(), new byte[0]);

		Answer retry = ours.send();
		assertThat(retry.status()).isEqualTo(204);
		assertThat(retry.replayed()).isTrue();
		assertProblem(theirs.send(), 409, OUTCOME_UNKNOWN);
		assertThat(ours.runs()).isEqualTo(1);
	}

	@Test
	void allRecordedHeadersAreReplayed() {
		String key = unknown();
		HttpHeaders headers = headers();
		headers.set("Location", "/receipts/1");
		headers.set("X-Receipt", "1");
		headers.add("Link", "</a>; rel=\"a\"");
		headers.add("Link", "</b>; rel=\"b\"");

		this.resolutions.resolve("status", key).answered(303, headers, RECEIPT);

		Answer retry = failed("/status/500", key).send();
		assertThat(retry.status()).isEqualTo(303);
		assertThat(retry.header("Location")).isEqualTo("/receipts/1");
		assertThat(retry.header("X-Receipt")).isEqualTo("1");
		assertThat(retry.all("Link")).containsExactly("</a>; rel=\"a\"", "</b>; rel=\"b\"");
	}

	@Test
	void requestThatIsBeingWorkedOnIsLeftAlone() {
		Call call = post("/charges").gated();
		CompletableFuture<Answer> running = call.startAndHold();

		assertThatIllegalStateException().isThrownBy(() -> resolve("charge", call).runAgain())
			.withMessageContaining("is being worked on");
		call.openGate();
		Answer first = running.join();

		assertReplay(call.send(), first);
	}

	@Test
	void requestThatHasItsResponseIsLeftAlone() {
		Call call = post("/charges");
		Answer first = call.send();

		assertThatIllegalStateException().isThrownBy(() -> resolve("charge", call).runAgain())
			.withMessageContaining("has a response already");
		assertThatIllegalStateException().isThrownBy(() -> resolve("charge", call).answered(201, headers(), RECEIPT))
			.withMessageContaining("has a response already");

		assertReplay(call.send(), first);
	}

	@Test
	void recordThatIsNotThereIsNotMade() {
		String key = unknown();

		assertThatIllegalStateException()
			.isThrownBy(() -> this.resolutions.resolve("status", "no-such-key").answered(201, headers(), RECEIPT))
			.withMessageContaining("'status'")
			.withMessageContaining("does not exist")
			.withMessageNotContaining("no-such-key");
		assertThatIllegalStateException()
			.isThrownBy(() -> this.resolutions.resolve("status", key).principal("somebody else").runAgain())
			.withMessageContaining("does not exist");

		assertProblem(failed("/status/500", key).send(), 409, OUTCOME_UNKNOWN);
	}

	@Test
	void decisionIsMadeOnce() {
		String key = unknown();
		this.resolutions.resolve("status", key).failed(422, "Nothing was delivered");

		assertThatIllegalStateException().isThrownBy(() -> this.resolutions.resolve("status", key).runAgain())
			.withMessageContaining("has a response already");

		assertThat(failed("/status/500", key).send().status()).isEqualTo(422);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 100, 199, 401, 403, 408, 425, 429, 500, 503, 600 })
	void statusThatIsNotRecordedIsRefused(int status) {
		String key = unknown();

		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.resolutions.resolve("status", key).answered(status, headers(), new byte[0]))
			.withMessageContaining("status " + status + " is not recorded");

		assertProblem(failed("/status/500", key).send(), 409, OUTCOME_UNKNOWN);
	}

	@Test
	void bodyThatIsNotRecordedIsRefused() {
		String key = unknown();

		assertThatIllegalArgumentException()
			.isThrownBy(
					() -> this.resolutions.resolve("status", key).answered(200, headers(), new byte[256 * 1024 + 1]))
			.withMessageContaining("262145 bytes")
			.withMessageContaining("up to 262144");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.resolutions.resolve("status", key).answered(204, headers(), RECEIPT))
			.withMessageContaining("has no body");
		assertProblem(failed("/status/500", key).send(), 409, OUTCOME_UNKNOWN);
	}

	@ParameterizedTest
	@ValueSource(strings = { "Set-Cookie", "Date", "Content-Length", "Access-Control-Allow-Origin", "X-Other",
			"Idempotency-Key" })
	void headerThatIsNotRecordedIsRefused(String name) {
		String key = unknown();
		HttpHeaders headers = headers();
		headers.set(name, "1");

		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.resolutions.resolve("status", key).answered(200, headers, RECEIPT))
			.withMessageContaining("'" + name + "'")
			.withMessageContaining("idempotency.web.recorded-headers");
	}

	@Test
	void valueThatSplitsAResponseIsRefused() {
		String key = unknown();
		HttpHeaders headers = headers();
		headers.set("Location", "/receipts/1\r\nSet-Cookie: a=b");

		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.resolutions.resolve("status", key).answered(201, headers, RECEIPT))
			.withMessageContaining("'Location'")
			.withMessageNotContaining("a=b");
	}

	@Test
	void successIsNoFailure() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.resolutions.resolve("status", "k").failed(200, "done"))
			.withMessageContaining("is no failure");
	}

	@Test
	void operationThatAnswersNoRequestsIsNamed() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.resolutions.resolve("chrage", "k"))
			.withMessageContaining("'chrage'")
			.withMessageContaining("charge, ")
			.withMessageContaining("unannotated");
	}

	@Test
	void decisionOnMethodsSendsTheOperatorHere() {
		assertThatIllegalStateException()
			.isThrownBy(() -> this.idempotency.resolve("charge", "k").succeeded("a receipt"))
			.withMessageContaining("HttpResolutions");
	}

	@Test
	void callerCanBeDescribedAsResolversSeeIt() {
		String key = UUID.randomUUID().toString();
		Call call = failed("/status/500", key).header("X-Tenant", "acme");
		call.send();
		HttpCaller caller = new HttpCaller() {

			@Override
			public @Nullable Principal principal() {
				return null;
			}

			@Override
			public List<String> header(String name) {
				return name.equals("X-Tenant") ? List.of("acme") : List.of();
			}

			@Override
			public String path() {
				return "/status/500";
			}

		};

		this.resolutions.resolve("status", key).caller(caller).failed(404, "There is no such account");

		assertThat(call.send().status()).isEqualTo(404);
	}

	private HttpResolutions.Resolve resolve(String operation, Call call) {
		return this.resolutions.resolve(operation, call.key().replace("\"", ""));
	}

	private static HttpHeaders headers() {
		return new HttpHeaders();
	}

	/**
	 * Leave a request of nobody's behind whose outcome is unknown.
	 * @return its key
	 */
	private String unknown() {
		String key = UUID.randomUUID().toString();
		Call call = failed("/status/500", key);
		assertThat(call.send().status()).isEqualTo(500);
		assertProblem(call.send(), 409, OUTCOME_UNKNOWN);
		return key;
	}

	private Call failed(String target, String key) {
		return post(target).key("\"" + key + "\"");
	}

	private Payer payer(String key) {
		String user = api().newPayer();
		return new Payer(user, post("/charges").key(key).as(user, "secret"));
	}

	/**
	 * Let another server work on requests of several users, and kill it.
	 */
	private static void killDuring(List<Payer> payers) {
		try (ServerProcess other = ServerProcess.start("192m", "--idempotency.store=redis",
				"--idempotency.redis.key-prefix=resolved:", "--spring.data.redis.url=" + RedisServer.shared().url(),
				"--idempotency.lease=1s", "--idempotency.on-unknown=hold")) {
			List<CompletableFuture<Answer>> running = new ArrayList<>();
			for (Payer payer : payers) {
				other.api().setUser(payer.user(), "secret", "PAYER");
				Call call = other.api().post("/charges").key(payer.call().key()).as(payer.user(), "secret");
				running.add(call.gated().startAndHold());
			}
			other.kill();
			assertThat(running).allSatisfy((answer) -> assertThat(answer).failsWithin(Duration.ofSeconds(10)));
		}
	}

	/**
	 * Somebody with a request.
	 *
	 * @param user the name
	 * @param call the request
	 */
	private record Payer(String user, Call call) {

	}

	/**
	 * Says nothing about idempotency.
	 */
	@RestController
	static class Unannotated {

		private final Desk desk;

		Unannotated(Desk desk) {
			this.desk = desk;
		}

		@PostMapping("/unannotated/{status}")
		ResponseEntity<Void> answer(@PathVariable int status, @RequestHeader(Desk.PROBE) String probe) {
			this.desk.work(probe, null);
			return ResponseEntity.status(HttpStatusCode.valueOf(status)).build();
		}

	}

}
