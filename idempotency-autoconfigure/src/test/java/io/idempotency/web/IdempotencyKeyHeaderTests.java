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

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class IdempotencyKeyHeaderTests {

	private static final String UUID = "8e03978e-40d5-43dd-bc93-6894a57f9324";

	private final IdempotencyKeyHeader lenient = new IdempotencyKeyHeader("Idempotency-Key", KeySyntax.LENIENT,
			KeyFormat.ANY);

	private final IdempotencyKeyHeader strict = new IdempotencyKeyHeader("Idempotency-Key", KeySyntax.STRICT,
			KeyFormat.ANY);

	private final IdempotencyKeyHeader uuids = new IdempotencyKeyHeader("Idempotency-Key", KeySyntax.LENIENT,
			KeyFormat.UUID);

	static Stream<Arguments> quotedKeys() {
		return Stream.of(arguments("\"" + UUID + "\"", UUID), arguments("\"a\\\"b\\\\c\"", "a\"b\\c"),
				arguments("\"abc\";v=1", "abc"), arguments("\"abc\"; v; w=\"x;y\"; z=?0", "abc"),
				arguments(" \t\"abc\" \t", "abc"), arguments("\" a  b \"", " a  b "), arguments("\"ABC\"", "ABC"),
				arguments("\"a,b\"", "a,b"), arguments("\"" + "k".repeat(255) + "\"", "k".repeat(255)),
				arguments("\"" + "\\\\".repeat(255) + "\"", "\\".repeat(255)), arguments("\"~ !\"", "~ !"));
	}

	@ParameterizedTest
	@MethodSource("quotedKeys")
	void quotedKeyIsDecodedInBothSyntaxes(String line, String key) {
		assertThat(this.lenient.read(List.of(line))).isEqualTo(key);
		assertThat(this.strict.read(List.of(line))).isEqualTo(key);
	}

	@ParameterizedTest
	@ValueSource(strings = { UUID, "a b", "A", "1", "?1", ":YQ==:", "*", "a;b=c", "a\\b", "(a)" })
	void bareKeyStandsForItselfWhereItIsAllowed(String key) {
		assertThat(this.lenient.read(List.of(key))).isEqualTo(key);
		assertThat(this.lenient.read(List.of("\t " + key + " "))).isEqualTo(key);
		assertInvalid(this.strict, "syntax", key);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"", "\"a", "\"a\\x\"", "\"a\\", "\"a\\\"", "\"a\"b", "\"a\" b", "\"a\";", "\"a\";V=1",
			"\"a\", \"b\"", "\"a\u0007\"", "\"a\u00e4\"", "\"a\tb\"", "\"a\u007f\"" })
	void malformedQuotedKeyIsInvalid(String line) {
		assertInvalid(this.lenient, "syntax", line);
		assertInvalid(this.strict, "syntax", line);
	}

	static Stream<Arguments> unusableKeys() {
		return Stream.of(arguments("empty", List.of("")), arguments("empty", List.of(" \t ")),
				arguments("empty", List.of("\"\"")), arguments("empty", List.of("\"   \"")),
				arguments("several-keys", List.of("a", "b")), arguments("several-keys", List.of("a", "a")),
				arguments("several-keys", List.of("a, b")), arguments("several-keys", List.of("a,")),
				arguments("several-keys", List.of("", "")), arguments("syntax", List.of("a\"b\"")),
				arguments("syntax", List.of("a\"")), arguments("characters", List.of("a\u0000")),
				arguments("characters", List.of("a\tb")), arguments("characters", List.of("a\rb")),
				arguments("characters", List.of("a\nb")), arguments("characters", List.of("a\u007f")),
				arguments("characters", List.of("sch\u00f6n")), arguments("characters", List.of("\ud83d\ude00")),
				arguments("too-long", List.of("k".repeat(256))),
				arguments("too-long", List.of("\"" + "k".repeat(256) + "\"")));
	}

	@ParameterizedTest
	@MethodSource("unusableKeys")
	void unusableKeyIsInvalid(String reason, List<String> lines) {
		assertInvalid(this.lenient, reason, lines.toArray(String[]::new));
	}

	@Test
	void noHeaderIsNoKey() {
		assertThat(this.lenient.read(List.of())).isNull();
		assertThat(this.strict.read(List.of())).isNull();
		assertThat(this.uuids.read(List.of())).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { UUID, "\"" + UUID + "\"", "8E03978E-40D5-43DD-BC93-6894A57F9324",
			"00000000-0000-0000-0000-000000000000" })
	void uuidIsOneInAnyVersion(String line) {
		assertThat(this.uuids.read(List.of(line))).isEqualTo(line.replace("\"", ""));
	}

	@ParameterizedTest
	@CsvSource({ "abc", "8e03978e40d543ddbc936894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f932",
			"8e03978e-40d5-43dd-bc93-6894a57f9324a", "8e03978e-40d5-43dd-bc936-894a57f9324", "1-1-1-1-1",
			"{8e03978e-40d5-43dd-bc93-6894a57f9324}" })
	void whatIsNoUuidIsInvalidThere(String line) {
		assertInvalid(this.uuids, "not-a-uuid", line);
	}

	@Test
	void refusalDoesNotQuoteTheKey() {
		ProblemException refusal = invalid(this.lenient, "\"canary\\x\"");

		assertThat(refusal).hasMessageNotContaining("canary").hasNoCause();
		assertThat(refusal.getStackTrace()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a b", "a:", "a\r\n", "\u00e4" })
	void nameOfTheHeaderIsAToken(String name) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new IdempotencyKeyHeader(name, KeySyntax.LENIENT, KeyFormat.ANY));
	}

	private static void assertInvalid(IdempotencyKeyHeader header, String reason, String... lines) {
		assertThat(invalid(header, lines).problem()).isEqualTo(new Problem(ProblemType.INVALID_KEY, "", null, reason));
	}

	private static ProblemException invalid(IdempotencyKeyHeader header, String... lines) {
		return assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> header.read(List.of(lines))).actual();
	}

}
