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

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

class CanonicalJsonTests {

	private static final String CHANGES = "{}[],:\"\\0189-+.eEu tfn\u0080\u00c3\u00ff\n";

	private static final JsonMapper JACKSON = JsonMapper.builder()
		.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
		.build();

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			# White space and order
			{ "b" : 1 , "a" : [ 1 , 2 ] } | {"a":[1,2],"b":1}
			[ { } , [ ] ]                 | [{},[]]
			{"b":{"d":1,"c":2},"a":{"f":3,"e":4}} | {"a":{"e":4,"f":3},"b":{"c":2,"d":1}}
			{"aa":1,"a":2,"":3,"a b":4,"A":5}     | {"":3,"A":5,"a":2,"a b":4,"aa":1}
			{"\\u00e4":1,"z":2}           | {"z":2,"ä":1}
			{"b":[],"a":{}}               | {"a":{},"b":[]}
			[2,1]                         | [2,1]
			[{"b":1,"a":2},{"a":1,"b":2}] | [{"a":2,"b":1},{"a":1,"b":2}]
			{"a\\\\":1,"a\\"":2,"a":3}    | {"a":3,"a\\"":2,"a\\\\":1}
			# Numbers as they are written
			1                | 1
			1.0              | 1.0
			-0               | -0
			0.10             | 0.10
			1e5              | 1e5
			1E+05            | 1E+05
			-1.5e-7          | -1.5e-7
			9007199254740993 | 9007199254740993
			# Strings by value
			"\\u0041\\/\\u002f"                    | "A//"
			"\\u0022\\u005c"                       | "\\"\\\\"
			"\\u000A\\u0009\\u000D\\u0008\\u000c"  | "\\n\\t\\r\\b\\f"
			"\\u001F\\u0000"                       | "\\u001f\\u0000"
			"\\u00e9\\u20AC\\u007f"                | "é€\u007f"
			"\\ud83d\\uDE00"                       | "😀"
			"\\uD83D"                              | "\\ud83d"
			"\\ude00\\ud83d"                       | "\\ude00\\ud83d"
			"\\ud83d\\u0041"                       | "\\ud83dA"
			"\\ud83d\\n"                           | "\\ud83d\\n"
			"\\ud83d\\ud83d\\ude00"                | "\\ud83d😀"
			# Literals
			true               | true
			[true,false,null]  | [true,false,null]
			""")
	void hasOneForm(String json, String canonical) {
		assertThat(canonical(json)).isEqualTo(canonical);
		assertThat(canonical(canonical)).isEqualTo(canonical);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "{", "[", "}", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{,}", "{\"a\"}",
			"{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "{1:2}", "{\"a\":1]", "[1}", "[]]",
			"{}{}", "1 2", "01", "+1", "-", ".5", "1.", "1e", "1e+", "-a", "0x1", "NaN", "Infinity", "tru", "truE",
			"nul", "falsee", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u\uff11234\"", "\"a\nb\"",
			"\"a\tb\"", "\"\u0000\"", "// a\n1", "/**/1", "\u00a01", "\ufeff\ufeff1", "\f1", "\u000b1", "1\u0000",
			"[\"\\ud83d\\u12\"]" })
	void whatIsNotJsonHasNone(String text) {
		assertThat(CanonicalJson.of(utf8(text))).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "22c322", "22c3", "22c328a922", "228022", "22c08022", "22c1bf22", "22e0808022",
			"22e09fbf22", "22eda08022", "22edbfbf22", "22f08080af22", "22f08fbfbf22", "22f490808022", "22f588808022",
			"22fe22", "22ff22", "22f09f98", "fffe3100", "31003200", "003100320033" })
	void whatIsNotUtf8HasNone(String hex) {
		assertThat(CanonicalJson.of(HexFormat.of().parseHex(hex))).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf", "f0908080", "f48fbfbf" })
	void limitsOfUtf8AreTakenOver(String hex) {
		byte[] json = HexFormat.of().parseHex("22" + hex + "22");

		CanonicalJson canonical = CanonicalJson.of(json);

		assertThat(canonical).isNotNull();
		assertThat(canonical.size()).isEqualTo(json.length);
		assertThat(canonical.bytes()).isEqualTo(json);
	}

	@Test
	void byteOrderMarkDoesNotCount() {
		assertThat(canonical("\ufeff{\"a\":1}")).isEqualTo("{\"a\":1}");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":1,\"\\u0061\":2}",
			"[{\"x\":{\"b\":1,\"a\":2,\"b\":{}}}]", "{\"\":1,\"\":2}", "{\"\\ud83d\":1,\"\\uD83D\":2}" })
	void twoMembersOfOneNameAreAmbiguous(String json) {
		assertThat(CanonicalJson.of(utf8(json))).isNotNull().matches(CanonicalJson::isAmbiguous);
	}

	@ParameterizedTest
	@ValueSource(strings = { "[{\"a\":1},{\"a\":1}]", "{\"a\":{\"a\":1}}", "{\"a\":1,\"A\":2}",
			"{\"b\":{\"a\":1},\"a\":2}", "[\"a\",\"a\"]", "{\"\\ud83d\":1,\"\\ude00\":2}" })
	void sameNamesInDifferentObjectsAreNotAmbiguous(String json) {
		assertThat(CanonicalJson.of(utf8(json))).isNotNull().matches((canonical) -> !canonical.isAmbiguous());
	}

	@Test
	void brokenTextWithTwoMembersOfOneNameIsJustBroken() {
		assertThat(CanonicalJson.of(utf8("{\"a\":1,\"a\":2"))).isNull();
	}

	@Test
	void depthHasALimit() {
		assertThat(canonical("[".repeat(200) + "]".repeat(200))).hasSize(400);
		assertThat(CanonicalJson.of(utf8("[".repeat(201) + "]".repeat(201)))).isNull();
		assertThat(CanonicalJson.of(utf8("{\"a\":".repeat(201) + "1" + "}".repeat(201)))).isNull();
		assertThat(CanonicalJson.of(utf8("[".repeat(1_000_000)))).isNull();
		assertThat(canonical("[" + "[],".repeat(1000) + "{}]")).hasSize(3004);
	}

	@Test
	void manyMembersAreSorted() {
		List<String> members = new ArrayList<>();
		for (int i = 10_000; i < 60_000; i++) {
			members.add("\"" + i + "\":{\"y\":1,\"x\":" + i + "}");
		}
		String sorted = "{" + String.join(",", members).replaceAll("\"y\":1,(\"x\":[0-9]+)", "$1,\"y\":1") + "}";
		Collections.shuffle(members, new Random(42));

		assertThat(canonical("{" + String.join(",", members) + "}")).isEqualTo(sorted);
	}

	@Test
	void anotherReaderReadsTheSame() {
		Random random = new Random(42);
		for (int i = 0; i < 3000; i++) {
			String json = RandomJson.next(random);

			String canonical = canonical(json);

			assertThat(JACKSON.readTree(canonical)).as(json).isEqualTo(JACKSON.readTree(json));
			assertThat(canonical(RandomJson.shuffled(JACKSON.readTree(json), random))).as(json)
				.isEqualTo(canonical(JACKSON.readTree(json).toString()));
		}
	}

	@Test
	void readsNothingThatAnotherReaderRefuses() {
		Random random = new Random(42);
		int read = 0;
		for (int i = 0; i < 10_000; i++) {
			byte[] json = utf8(RandomJson.next(random));
			for (int change = 0; change <= random.nextInt(2); change++) {
				json[random.nextInt(json.length)] = (byte) CHANGES.charAt(random.nextInt(CHANGES.length()));
			}
			CanonicalJson canonical = CanonicalJson.of(json);
			read += (canonical != null) ? 1 : 0;
			assertThat(canonical != null).as(() -> HexFormat.of().formatHex(json)).isEqualTo(isJson(json));
		}
		assertThat(read).isBetween(500, 9500);
	}

	private static boolean isJson(byte[] text) {
		int values = 0;
		// Jackson takes bytes for UTF-8 that are none
		try (JsonParser parser = JACKSON
			.createParser(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString())) {
			for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
				parser.getString();
				values += (parser.streamReadContext().inRoot() && !token.isStructStart()) ? 1 : 0;
			}
		}
		catch (JacksonException | CharacterCodingException ex) {
			return false;
		}
		return values == 1;
	}

	private static String canonical(String json) {
		byte[] before = utf8(json);
		byte[] text = before.clone();
		CanonicalJson canonical = CanonicalJson.of(text);
		assertThat(canonical).as(json).isNotNull();
		assertThat(text).isEqualTo(before);
		return new String(canonical.bytes(), 0, canonical.size(), StandardCharsets.UTF_8);
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
