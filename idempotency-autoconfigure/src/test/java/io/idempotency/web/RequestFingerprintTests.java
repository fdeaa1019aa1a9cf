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

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.idempotency.store.Fingerprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RequestFingerprintTests {

	private static final String JSON = "application/json";

	/** A change of one of these makes each retry across a deployment a misuse. */
	@Test
	void formIsFixed() {
		assertThat(fingerprint(FingerprintForm.RAW, (it) -> it)).hasToString("4bf5122f344554c53bde2ebb8cd2b7e3");
		assertThat(fingerprint(FingerprintForm.RAW,
				(it) -> it.line("POST", "/payments", null).contentType(JSON).body(utf8("{\"b\": 1, \"a\": 2}"))))
			.hasToString("04fce8b703850a5ecfe115720c3e0281");
		assertThat(fingerprint(FingerprintForm.CANONICAL,
				(it) -> it.line("POST", "/payments", null).contentType(JSON).body(utf8("{\"b\": 1, \"a\": 2}"))))
			.hasToString("90b8784d6210d5b3d36e2952ed34f50f");
		assertThat(fingerprint(FingerprintForm.RAW,
				(it) -> it.operation("pay")
					.line("POST", "/p", "a=b")
					.contentType("application/x-www-form-urlencoded")
					.form(Map.of("b", new String[] { "1", "\u00e4" }, "a", new String[0]))))
			.hasToString("ad348d28f4387f10c6d1462445fec4c0");
		assertThat(fingerprint(FingerprintForm.RAW,
				(it) -> part(it.line("PUT", "/p", "").contentType("multipart/form-data; boundary=x"), "file", "a.txt",
						"text/plain", "content")))
			.hasToString("074bce6647d0038e7304148ee2cc1a2e");
	}

	@ParameterizedTest
	@CsvSource({ "0, 6ae3c4704c347eca85fff694edaaba4e", "1000, 7d313d6f6940fef31fcba3c0aad92434",
			"1005, 96bdac868788686518e44cad66fdd06c", "1006, 02277b720c0de87774d18cdfc4e07bc9",
			"1007, b169301c1c857fcba6f4f5decbea960f", "1008, acd84c5ddc0cc97d51d7a1f839ea13b2",
			"1010, 00ec07f1a64bbdd1d76d8f4d7b8de316", "5000, a6fe081e22ad611497296c2c45e8162e" })
	void formIsFixedForBodiesOfAnyLength(int length, String digest) {
		assertThat(fingerprint(FingerprintForm.RAW,
				(it) -> it.line("POST", "/", null).contentType(null).body(new byte[length])))
			.hasToString(digest);
	}

	@Test
	void everyPartCountsAndNothingRunsIntoTheNext() {
		List<UnaryOperator<RequestFingerprint>> requests = List.of((it) -> it, (it) -> it.line("POST", "/a", null),
				(it) -> it.line("PATCH", "/a", null), (it) -> it.line("post", "/a", null),
				(it) -> it.line("POST", "/a", ""), (it) -> it.line("POST", "/a", "b"),
				(it) -> it.line("POST", "/ab", null), (it) -> it.line("POST/", "a", null),
				(it) -> it.line("POST", "/A", null), (it) -> it.line("POST", "/a/", null), (it) -> it.operation("a"),
				(it) -> it.operation(""), (it) -> it.operation("a").operation("b"), (it) -> it.contentType(null),
				(it) -> it.contentType(""), (it) -> it.contentType("a"), (it) -> it.body(new byte[0]),
				(it) -> it.body(new byte[1]), (it) -> it.body(new byte[2]),
				(it) -> it.body(new byte[1]).body(new byte[1]), (it) -> it.form(Map.of()),
				(it) -> it.form(Map.of("a", new String[0])), (it) -> it.form(Map.of("a", new String[] { "" })),
				(it) -> it.form(Map.of("a", new String[] { "b" })),
				(it) -> it.form(Map.of("a", new String[] { "b", "c" })),
				(it) -> it.form(Map.of("a", new String[] { "c", "b" })),
				(it) -> it.form(Map.of("a", new String[] { "bc" })),
				(it) -> it.form(Map.of("a", new String[] { "b" }, "c", new String[0])),
				(it) -> it.form(Map.of("a", new String[] { "\ud83d" })),
				(it) -> it.form(Map.of("a", new String[] { "\ude00" })),
				(it) -> it.form(Map.of("a", new String[] { "?" })), (it) -> part(it, "a", null, null, ""),
				(it) -> part(it, "a", "", null, ""), (it) -> part(it, "a", null, "", ""),
				(it) -> part(it, "a", null, "a", ""), (it) -> part(it, "a", null, null, "a"),
				(it) -> part(it, "b", null, null, "a"),
				(it) -> part(part(it, "a", null, null, "a"), "a", null, null, ""),
				(it) -> part(part(it, "a", null, null, ""), "a", null, null, "a"));
		Set<Fingerprint> fingerprints = new HashSet<>();

		requests.forEach((request) -> fingerprints.add(fingerprint(FingerprintForm.RAW, request)));

		assertThat(fingerprints).hasSameSizeAs(requests);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			application/json                   | Application/JSON
			application/json;charset=utf-8     | application/json ; charset="UTF-8"
			application/json;charset=utf-8     | application/json;  CharSet=Utf-8
			a/b;x=1;y=2                        | a/b; y=2; x=1
			a/b;x="1 2"                        | a/b; x="1 2"
			multipart/form-data; boundary=abc  | multipart/form-data; boundary=xyz
			Multipart/mixed; boundary="a b"    | multipart/mixed
			nonsense                           | ` nonsense`
			""")
	void contentTypesThatMeanTheSameAreTheSame(String one, String other) {
		assertThat(contentType(one)).isEqualTo(contentType(other));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			application/json                | application/problem+json
			application/json                | text/json
			application/json                | application/json;charset=utf-8
			application/json;charset=utf-8  | application/json;charset=us-ascii
			application/json;v=A            | application/json;v=a
			a/b;x="1;y=2"                   | a/b;x=1;y=2
			a/b;boundary=1                  | a/b;boundary=2
			nonsense                        | Nonsense
			nonsense                        | application/octet-stream
			a/b;charset=nonsense            | a/b
			""")
	void contentTypesThatMeanSomethingElseAreNotTheSame(String one, String other) {
		assertThat(contentType(one)).isNotEqualTo(contentType(other));
	}

	private static Fingerprint contentType(String value) {
		return fingerprint(FingerprintForm.RAW, (it) -> it.contentType(value));
	}

	@ParameterizedTest
	@ValueSource(strings = { JSON, "application/json;charset=UTF-8", "application/vnd.x+json", "TEXT/JSON",
			"application/json;charset=US-ASCII" })
	void jsonCountsByItsMeaningIfThatIsChosen(String contentType) {
		String one = "{\"a\":1,\"b\":[\"\\u00e9\"]}";
		String other = " {\"b\" : [\"\u00e9\"], \"a\" : 1}\n";

		assertThat(body(FingerprintForm.CANONICAL, contentType, one))
			.isEqualTo(body(FingerprintForm.CANONICAL, contentType, other));
		assertThat(body(FingerprintForm.RAW, contentType, one))
			.isNotEqualTo(body(FingerprintForm.RAW, contentType, other));
	}

	@ParameterizedTest
	@ValueSource(strings = { "text/plain", "application/json;charset=ISO-8859-1", "application/jsonp",
			"application/x-ndjson", "nonsense", "" })
	void otherContentCountsByItsBytes(String contentType) {
		assertThat(body(FingerprintForm.CANONICAL, contentType, "[1]"))
			.isEqualTo(body(FingerprintForm.RAW, contentType, "[1]"))
			.isNotEqualTo(body(FingerprintForm.CANONICAL, contentType, "[1] "));
	}

	@Test
	void bodyWithoutContentTypeCountsByItsBytes() {
		assertThat(fingerprint(FingerprintForm.CANONICAL, (it) -> it.body(utf8("[1]"))))
			.isNotEqualTo(fingerprint(FingerprintForm.CANONICAL, (it) -> it.body(utf8("[ 1]"))));
		assertThat(fingerprint(FingerprintForm.CANONICAL, (it) -> it.contentType(null).body(utf8("[1]"))))
			.isNotEqualTo(fingerprint(FingerprintForm.CANONICAL, (it) -> it.contentType(null).body(utf8("[ 1]"))));
	}

	@Test
	void brokenJsonCountsByItsBytes() {
		assertThat(body(FingerprintForm.CANONICAL, JSON, "{\"a\":"))
			.isEqualTo(body(FingerprintForm.RAW, JSON, "{\"a\":"))
			.isNotEqualTo(body(FingerprintForm.CANONICAL, JSON, "{\"a\" :"));
		assertThat(body(FingerprintForm.CANONICAL, JSON, "")).isEqualTo(body(FingerprintForm.RAW, JSON, ""));
	}

	@Test
	void numbersThatAMapperWouldMixUpStayApart() {
		Set<Fingerprint> fingerprints = new HashSet<>();
		List<String> numbers = List.of("1", "1.0", "1e0", "9007199254740992", "9007199254740993", "0.1", "0.10", "-0",
				"0");

		numbers.forEach((number) -> fingerprints.add(body(FingerprintForm.CANONICAL, JSON, "[" + number + "]")));

		assertThat(fingerprints).hasSameSizeAs(numbers);
	}

	@Test
	void twoMembersOfOneNameAreRefusedWhereMeaningCounts() {
		String ambiguous = "{\"amount\":1,\"amount\":1000}";

		assertThatExceptionOfType(ProblemException.class)
			.isThrownBy(() -> body(FingerprintForm.CANONICAL, JSON, ambiguous))
			.withMessageNotContaining("amount")
			.satisfies((ex) -> assertThat(ex.problem().type()).isEqualTo(ProblemType.AMBIGUOUS_BODY));
		assertThat(body(FingerprintForm.RAW, JSON, ambiguous)).isNotNull();
		assertThat(body(FingerprintForm.CANONICAL, "text/plain", ambiguous)).isNotNull();
	}

	@Test
	void orderOfFieldsDoesNotCount() {
		Map<String, String[]> one = new LinkedHashMap<>();
		one.put("a", new String[] { "1", "2" });
		one.put("b", new String[] { "3" });
		Map<String, String[]> other = new LinkedHashMap<>();
		other.put("b", new String[] { "3" });
		other.put("a", new String[] { "1", "2" });

		assertThat(fingerprint(FingerprintForm.RAW, (it) -> it.form(one)))
			.isEqualTo(fingerprint(FingerprintForm.RAW, (it) -> it.form(other)));
	}

	@Test
	void sizesOfReadsDoNotCount() {
		byte[] content = new byte[100_000];
		for (int i = 0; i < content.length; i++) {
			content[i] = (byte) i;
		}

		Fingerprint whole = fingerprint(FingerprintForm.RAW,
				(it) -> part(it, "a", null, null, new ByteArrayInputStream(content)));
		Fingerprint inDrops = fingerprint(FingerprintForm.RAW,
				(it) -> part(it, "a", null, null, new ByteArrayInputStream(content) {

					@Override
					public synchronized int read(byte[] target, int offset, int length) {
						return super.read(target, offset, Math.min(length, 7));
					}

				}));

		assertThat(whole).isEqualTo(inDrops);
	}

	@Test
	void longTextsCountToTheirEnd() {
		String text = "x".repeat(5000);

		assertThat(fingerprint(FingerprintForm.RAW, (it) -> it.line("POST", text + "a", text)))
			.isNotEqualTo(fingerprint(FingerprintForm.RAW, (it) -> it.line("POST", text + "b", text)));
	}

	private static Fingerprint body(FingerprintForm form, String contentType, String body) {
		byte[] before = utf8(body);
		byte[] bytes = before.clone();
		Fingerprint fingerprint = fingerprint(form, (it) -> it.contentType(contentType).body(bytes));
		assertThat(bytes).isEqualTo(before);
		return fingerprint;
	}

	private static Fingerprint fingerprint(FingerprintForm form, UnaryOperator<RequestFingerprint> request) {
		return request.apply(new RequestFingerprint(form)).finish();
	}

	private static RequestFingerprint part(RequestFingerprint fingerprint, String name, String fileName,
			String contentType, String content) {
		return part(fingerprint, name, fileName, contentType, new ByteArrayInputStream(utf8(content)));
	}

	private static RequestFingerprint part(RequestFingerprint fingerprint, String name, String fileName,
			String contentType, InputStream content) {
		try {
			return fingerprint.part(name, fileName, contentType, content);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
