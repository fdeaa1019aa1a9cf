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
import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;

import io.idempotency.store.StoredOutcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What comes out of a store is not trusted.
 */
@SpringBootTest(classes = ConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = ConformanceApplication.TOMCAT)
class TamperedRecordsVariantTests extends SettingsVariant {

	private static final String MARKER = "marker-marker-marker-marker-marker";

	@Autowired
	private SwitchableStores stores;

	@AfterEach
	void stopTampering() {
		this.stores.tamper(UnaryOperator.identity());
	}

	@ParameterizedTest
	@ValueSource(strings = { "a\r\nSet-Cookie: session=stolen; b", "a\nSet-Cookie: session=stolen;  b",
			"a\\r\\nSet-Cookie: session=stolen;b", "a\u0000b" })
	void headerThatWasChangedInTheStoreBringsNoOtherHeader(String value) {
		Call call = post("/headers/given?value=" + MARKER);
		tamper((payload) -> replace(payload, MARKER, value));
		assertThat(call.send().header("X-Receipt")).isEqualTo(MARKER);

		Answer retry = call.send();

		assertThat(retry.replayed()).as("%s", retry).isEqualTo(value.chars().noneMatch((c) -> c < ' '));
		assertThat(retry.header("Set-Cookie")).as("%s", retry).isNull();
		assertThat(retry.headers()).noneMatch((header) -> header.value().chars().anyMatch((c) -> c < ' '));
		assertThat(call.runs()).isEqualTo(1);
	}

	@Test
	void recordThatIsCutOffIsNotRunAgain() {
		for (int divisor : new int[] { 2, 3, 10, 1000 }) {
			Call call = post("/headers");
			tamper((payload) -> Arrays.copyOf(payload, payload.length / divisor));
			assertThat(call.send().status()).isEqualTo(201);

			assertProblem(call.send(), 409, NOT_REPLAYABLE);
			assertThat(call.runs()).isEqualTo(1);
		}
	}

	@Test
	void recordThatIsNotOursIsNotRunAgain() {
		byte[] javaObject = { (byte) 0xac, (byte) 0xed, 0, 5, 's', 'r' };
		byte[] typed = "[\"java.util.ArrayList\",[]]".getBytes(StandardCharsets.US_ASCII);
		for (byte[] foreign : new byte[][] { {}, javaObject, typed, "null".getBytes(StandardCharsets.US_ASCII) }) {
			Call call = post("/headers");
			tamper((payload) -> foreign);
			assertThat(call.send().status()).isEqualTo(201);

			assertProblem(call.send(), 409, NOT_REPLAYABLE);
			assertThat(call.runs()).isEqualTo(1);
		}
	}

	@Test
	void changedByteNeverLeadsToASecondRunOrABrokenAnswer() {
		Random random = new Random(4711);
		for (int i = 0; i < 200; i++) {
			Call call = post("/headers");
			tamper((payload) -> flip(payload, random));
			assertThat(call.send().status()).isEqualTo(201);

			Answer retry = call.send();

			assertThat(retry.status()).as("attempt %s: %s", i, retry).isNotEqualTo(500);
			assertThat(retry.header("Set-Cookie")).isNull();
			assertThat(call.runs()).isEqualTo(1);
		}
	}

	private void tamper(UnaryOperator<byte[]> change) {
		this.stores.tamper((outcome) -> {
			byte[] payload = outcome.payload();
			return (payload != null) ? new StoredOutcome(outcome.kind(), change.apply(payload)) : outcome;
		});
	}

	private static byte[] flip(byte[] payload, Random random) {
		byte[] changed = payload.clone();
		changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
		return changed;
	}

	/** The length stays, so that whatever counts bytes still counts right. */
	private static byte[] replace(byte[] payload, String marker, String value) {
		String text = new String(payload, StandardCharsets.ISO_8859_1);
		assertThat(text).contains(marker);
		String padded = value + "x".repeat(marker.length() - value.length());
		return text.replace(marker, padded).getBytes(StandardCharsets.ISO_8859_1);
	}

}
