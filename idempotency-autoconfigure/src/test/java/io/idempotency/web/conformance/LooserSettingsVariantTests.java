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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(classes = ConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { ConformanceApplication.TOMCAT, "idempotency.web.header=X-Request-Key",
				"idempotency.web.key-required=false", "idempotency.operations.refund.key-required=true",
				"idempotency.operations.functional-charge.key-required=true", "idempotency.web.scope.principal=false",
				"idempotency.on-store-failure=proceed" })
class LooserSettingsVariantTests extends SettingsVariant {

	private Call request(String target) {
		Call call = post(target);
		return call.withoutKey().header("X-Request-Key", call.key());
	}

	@Test
	void keyComesFromTheConfiguredHeader() {
		assertRunsOnce(request("/charges"));
		assertRunsOnce(request("/routed/charges"));
	}

	@Test
	void headerOfTheStandardIsNotLookedAt() {
		assertRunsEachTime(post("/charges"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/charges", "/routed/charges" })
	void keyIsOptionalWhereNothingElseIsSaid(String target) {
		assertRunsEachTime(post(target).withoutKey());
	}

	@ParameterizedTest
	@ValueSource(strings = { "/refunds", "/functional/charges" })
	void keyIsRequiredWhereItIsSaid(String target) {
		assertRefused(post(target).withoutKey(), 400, MISSING_KEY);
	}

	@Test
	void everybodySharesAKeyWhereThePrincipalIsLeftOut() {
		Call alice = request("/charges").as(api().newPayer(), "secret");
		Answer first = alice.send();

		assertReplay(alice.as(api().newPayer(), "secret").send(), first);
		assertReplay(alice.without("Authorization").send(), first);
		assertThat(alice.runs()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/charges", "/routed/charges", "/functional/charges" })
	void requestRunsUnguardedWhileTheStoreCannotBeAsked(String target) {
		Call call = request(target);

		api().whileStoreFails("claim", () -> {
			assertThat(call.send().status()).isEqualTo(200);
			assertThat(call.runs()).isEqualTo(1);
		});

		assertThat(call.send().status()).isEqualTo(200);
	}

}
