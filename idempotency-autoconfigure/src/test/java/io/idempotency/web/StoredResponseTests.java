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

package io.idempotency.web;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.idempotency.web.StoredResponse.Header;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class StoredResponseTests {

	private static final StoredResponse CREATED = new StoredResponse(201,
			List.of(new Header("Location", "/p/1"), new Header("Content-Type", "text/plain")), ascii("done"));

	private static final String CREATED_HEX = "0100c902" + "08" + hex("Location") + "04" + hex("/p/1") + "0c"
			+ hex("Content-Type") + "0a" + hex("text/plain") + "04" + hex("done");

	static Stream<StoredResponse> responses() {
		byte[] allBytes = new byte[256];
		for (int i = 0; i < allBytes.length; i++) {
			allBytes[i] = (byte) i;
		}
		return Stream.of(CREATED, new StoredResponse(204, List.of(), new byte[0]),
				new StoredResponse(100, List.of(), new byte[1]), new StoredResponse(599, List.of(), allBytes),
				new StoredResponse(200, List.of(new Header("ETag", "")), new byte[127]),
				new StoredResponse(200, List.of(new Header("Link", "\u00e4\u20ac\ud83d\ude00\t")), new byte[128]),
				new StoredResponse(200, List.of(new Header("Link", "x".repeat(16384))), new byte[16383]),
				new StoredResponse(200, java.util.Collections.nCopies(300, new Header("Link", "x")),
						new byte[1 << 21]));
	}

	@ParameterizedTest
	@MethodSource("responses")
	void isReadBackTheSame(StoredResponse response) {
		StoredResponse decoded = StoredResponse.decode(response.encode());

		assertThat(decoded).isEqualTo(response).hasSameHashCodeAs(response);
	}

	@Test
	void storedFormIsFixed() {
		assertThat(HexFormat.of().formatHex(CREATED.encode())).isEqualTo(CREATED_HEX);
	}

	@Test
	void everyCutIsNoticed() {
		byte[] stored = CREATED.encode();

		for (int length = 0; length < stored.length; length++) {
			assertUnreadable(Arrays.copyOf(stored, length));
		}
		assertUnreadable(Arrays.copyOf(stored, stored.length + 1));
	}

	@Test
	void damageIsNoticedOrHarmless() {
		Random random = new Random(42);
		byte[] stored = CREATED.encode();

		for (int round = 0; round < 20_000; round++) {
			byte[] damaged = stored.clone();
			for (int i = 0; i <= random.nextInt(3); i++) {
				damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
			}
			try {
				// What can be read could have been written
				StoredResponse response = StoredResponse.decode(damaged);
				assertThat(StoredResponse.decode(response.encode())).isEqualTo(response);
			}
			catch (UnreadableResponseException ex) {
				assertThat(ex).hasNoCause();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "00", "02" + "00c80000", "01" + "0000" + "0000", "01" + "0063" + "0000",
			"01" + "0258" + "0000", "01" + "ffff" + "0000",
			// Counts and lengths that are not there
			"0100c8" + "ffffffff07", "0100c8" + "ffffffff0f", "0100c8" + "ffffffffff", "0100c8" + "8080808080808000",
			"0100c8" + "00" + "ffffffff07", "0100c8" + "00" + "05" + "61",
			// Names and values that must not be sent
			"0100c8" + "01" + "00" + "0161" + "00", "0100c8" + "01" + "0141" + "020d0a" + "00",
			"0100c8" + "01" + "0141" + "0100" + "00", "0100c8" + "01" + "023a41" + "0161" + "00",
			"0100c8" + "01" + "0141" + "02c4" + "8a" + "00", "0100c8" + "01" + "0141" + "01c4" + "00",
			"0100c8" + "01" + "0141" + "03eda080" + "00" })
	void whatCouldNotHaveBeenWrittenIsUnreadable(String hex) {
		assertUnreadable(HexFormat.of().parseHex(hex));
	}

	@ParameterizedTest
	@ValueSource(strings = { "Set-Cookie", "content-length", "Transfer-Encoding", "Access-Control-Allow-Origin" })
	void headerThatAStoreMustNotBringIsUnreadable(String name) {
		String hex = "0100c801" + String.format("%02x", name.length()) + hex(name) + "0161" + "00";

		assertUnreadable(HexFormat.of().parseHex(hex));
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, 0, 99, 600, 65736 })
	void statusIsOne(int status) {
		assertThatIllegalArgumentException().isThrownBy(() -> new StoredResponse(status, List.of(), new byte[0]));
	}

	@Test
	void textDoesNotShowContent() {
		assertThat(CREATED).hasToString("StoredResponse[status=201, headers=2, body=4 bytes]");
		assertThat(CREATED.headers()).hasToString("[Location, Content-Type]");
	}

	@Test
	void everyPartCounts() {
		assertThat(CREATED).isNotEqualTo(new StoredResponse(200, CREATED.headers(), CREATED.body()))
			.isNotEqualTo(new StoredResponse(201, List.of(), CREATED.body()))
			.isNotEqualTo(new StoredResponse(201, CREATED.headers(), ascii("Done")))
			.isEqualTo(new StoredResponse(201, CREATED.headers(), ascii("done")));
	}

	private static void assertUnreadable(byte[] stored) {
		assertThatExceptionOfType(UnreadableResponseException.class).isThrownBy(() -> StoredResponse.decode(stored));
	}

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	private static String hex(String text) {
		return HexFormat.of().formatHex(ascii(text));
	}

}
