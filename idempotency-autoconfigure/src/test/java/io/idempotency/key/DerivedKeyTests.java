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

package io.idempotency.key;

import java.nio.charset.StandardCharsets;
import java.util.List;

import io.idempotency.store.RecordId;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DerivedKeyTests {

	private final byte[] secret = new byte[RecordId.LENGTH];

	DerivedKeyTests() {
		for (byte i = 0; i < this.secret.length; i++) {
			this.secret[i] = i;
		}
	}

	/** Computed by other means: the keys of calls under way must survive a deployment. */
	@Test
	void formIsFixed() {
		assertThat(DerivedKey.of(this.secret, "outbound", "POST", "api.example.com:443", "/charges"))
			.isEqualTo("fffed06e-e74e-8de9-8e3f-36463e5f849a");
		assertThat(DerivedKey.of(this.secret, "outbound", "POST", "api.example.com:443", "/charges", "refund"))
			.isEqualTo("8733d7e9-74dc-8e31-be84-347dea050688");
		assertThat(DerivedKey.of(this.secret)).isEqualTo("9b4c8120-a482-8a95-b47c-de17a244f450");
		assertThat(DerivedKey.of(this.secret, "\u00e4\u20ac\ud834\udd1e"))
			.isEqualTo("d6e07b1c-6fa1-8ed4-b5b6-c250a8579d50");
	}

	@Test
	void partsDoNotFlowIntoEachOther() {
		byte[] other = "other".getBytes(StandardCharsets.UTF_8);

		assertThat(List.of(DerivedKey.of(this.secret), DerivedKey.of(this.secret, ""), DerivedKey.of(this.secret, "ab"),
				DerivedKey.of(this.secret, "a", "b"), DerivedKey.of(this.secret, "", "ab"),
				DerivedKey.of(this.secret, "ab", ""), DerivedKey.of(other, "ab")))
			.doesNotHaveDuplicates()
			.allMatch((key) -> key.matches("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
	}

}
