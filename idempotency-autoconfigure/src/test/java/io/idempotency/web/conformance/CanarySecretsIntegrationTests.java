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

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.annotation.DirtiesContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Secrets in every part of requests that end in every possible way, and a search for them
 * in all that the application says about itself.
 */
@SpringBootTest(classes = ConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { ConformanceApplication.TOMCAT, "logging.level.io.idempotency=trace",
				"management.endpoints.web.exposure.include=*", "management.health.redis.enabled=false",
				"management.health.rabbit.enabled=false", "management.health.jms.enabled=false",
				"management.endpoint.env.show-values=always", "management.endpoint.configprops.show-values=always" })
@ExtendWith(OutputCaptureExtension.class)
@DirtiesContext
class CanarySecretsIntegrationTests extends SettingsVariant {

	private static final String CANARY = "canary" + UUID.randomUUID().toString().replace("-", "");

	private final List<Answer> refusals = new ArrayList<>();

	@Test
	void secretsAreFoundNowhere(CapturedOutput output) {
		for (String target : List.of("/charges", "/waiting/charges", "/routed/charges", "/functional/charges")) {
			sendInEveryWay(secretive(target + "?card=" + CANARY));
		}
		refuseWhileInProgress(secretive("/charges"));
		List.of("/crash", "/held/crash", "/status/402/advised", "/status/503/thrown", "/async/failing/future",
				"/streamed/body", "/headers/given?value=" + CANARY)
			.forEach((target) -> sendTwice(secretive(target)));
		sendTwice(secretive("/validated").body("{\"amount\":0,\"card\":\"" + CANARY + "\"}"));
		sendTwice(secretive("/form").body("application/x-www-form-urlencoded", "amount=" + CANARY));
		sendTwice(secretive("/service/charges/" + CANARY + "/1").withoutKey());
		sendTwice(secretive("/service/charges/" + CANARY + "/2").withoutKey());

		assertThat(output.getAll()).doesNotContain(CANARY);
		assertThat(this.refusals).isNotEmpty().noneMatch((answer) -> answer.toString().contains(CANARY));
		assertThat(selfDescriptions()).hasSizeGreaterThan(20).noneMatch((text) -> text.contains(CANARY));
	}

	private Call secretive(String target) {
		Call call = post(target).header("X-Tenant", "tenant-" + CANARY)
			.header("X-Secret", CANARY)
			.header("Cookie", "session=" + CANARY)
			.body("{\"card\":\"" + CANARY + "\"}");
		return call.key("\"" + CANARY + UUID.randomUUID() + "\"");
	}

	private void sendInEveryWay(Call call) {
		sendTwice(call);
		send(call.body("{\"card\":\"other " + CANARY + "\"}"));
		send(call.withoutKey());
		for (String invalid : List.of("\"" + CANARY + "\\x\"", CANARY + ", " + CANARY, CANARY + "\u00e9",
				CANARY.repeat(10), "\"" + CANARY)) {
			send(call.key(invalid));
		}
		send(call.also("Idempotency-Key", CANARY));
		send(call.newKey().body(CANARY.repeat(3000)));
		Call claimed = secretive("/charges");
		api().whileStoreFails("claim", () -> send(claimed));
		Call completed = secretive("/charges");
		api().whileStoreFails("complete", () -> send(completed));
	}

	private void refuseWhileInProgress(Call call) {
		Call gated = call.gated();
		CompletableFuture<Answer> running = gated.startAndHold();
		send(gated);
		gated.openGate();
		running.join();
	}

	private void sendTwice(Call call) {
		send(call);
		send(call);
	}

	/** What a handler answers is its own affair. */
	private void send(Call call) {
		Answer answer = call.send();
		String contentType = answer.header("Content-Type");
		if (contentType != null && contentType.startsWith("application/problem+json")) {
			this.refusals.add(answer);
		}
	}

	private List<String> selfDescriptions() {
		List<String> texts = new ArrayList<>();
		for (JsonNode link : actuator("/actuator").json().path("_links")) {
			if (!link.path("templated").asBoolean() && !link.path("href").asString().endsWith("/heapdump")) {
				texts.add(actuator(URI.create(link.path("href").asString()).getPath()).text());
			}
		}
		for (JsonNode name : actuator("/actuator/metrics").json().path("names")) {
			texts.add(actuator("/actuator/metrics/" + name.asString()).text());
		}
		return texts;
	}

	private Answer actuator(String target) {
		Answer answer = post(target).method("GET").withoutKey().without("Content-Type").body("").send();
		assertThat(answer.status()).as(target).isEqualTo(200);
		return answer;
	}

}
