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

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.MessageSource;
import org.springframework.context.support.StaticMessageSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;

import io.idempotency.IdempotencyException;
import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyKeyInvalidException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyKeyMissingException;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.IdempotencyResultUnavailableException;
import io.idempotency.IdempotencyStoreUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class ProblemsTests {

	private final Problems problems = new Problems(null, Problems.DEFAULT_TYPE_BASE, null);

	@ParameterizedTest
	@CsvSource({ "MISSING_KEY, missing-key, 400", "INVALID_KEY, invalid-key, 400", "KEY_REUSED, key-reused, 422",
			"IN_PROGRESS, in-progress, 409", "RESPONSE_NOT_REPLAYABLE, response-not-replayable, 409",
			"OUTCOME_UNKNOWN, outcome-unknown, 409", "LEASE_LOST, lease-lost, 409",
			"STORE_UNAVAILABLE, store-unavailable, 503", "ANONYMOUS_CALLER, anonymous-caller, 403",
			"TOO_BUSY, too-busy, 503", "REQUEST_TOO_LARGE, request-too-large, 413",
			"AMBIGUOUS_BODY, ambiguous-body, 400" })
	void codesAndStatusCodesAreFixed(ProblemType type, String code, int status) {
		ProblemDetail detail = this.problems.detail(new Problem(type, "charge", null), Locale.ROOT);

		assertThat(type.code()).isEqualTo(code);
		assertThat(type.status()).isEqualTo(status);
		assertThat(detail.getStatus()).isEqualTo(status);
		assertThat(detail.getType()).isEqualTo(URI.create("urn:problem-type:idempotency:" + code));
		assertThat(detail.getTitle()).isNotBlank();
		assertThat(detail.getDetail()).endsWith(".");
		assertThat(detail.getInstance()).isNull();
		assertThat(detail.getProperties()).isEqualTo(Map.of("code", code, "operation", "charge"));
	}

	@Test
	void noTypeIsWithoutARow() {
		assertThat(ProblemType.values()).hasSize(12);
		assertThat(Arrays.stream(ProblemType.values()).map(ProblemType::title)).doesNotHaveDuplicates();
		assertThat(Arrays.stream(ProblemType.values()).map(ProblemType::detail)).doesNotHaveDuplicates();
	}

	static Stream<Arguments> exceptions() {
		Duration none = Duration.ZERO;
		return Stream.of(
				arguments(new IdempotencyInProgressException("op", "m", Duration.ofHours(1), Duration.ofMillis(2500)),
						ProblemType.IN_PROGRESS, Duration.ofMillis(2500)),
				arguments(new IdempotencyInProgressException("op", "m", Duration.ofSeconds(4), Duration.ofSeconds(30)),
						ProblemType.IN_PROGRESS, Duration.ofSeconds(4)),
				arguments(new IdempotencyInProgressException("op", "m", none, none), ProblemType.IN_PROGRESS,
						Duration.ofSeconds(1)),
				arguments(new IdempotencyStoreUnavailableException("op", "m", null), ProblemType.STORE_UNAVAILABLE,
						Duration.ofSeconds(1)),
				arguments(new IdempotencyLeaseLostException("op", "m", null), ProblemType.LEASE_LOST,
						Duration.ofSeconds(1)),
				arguments(new IdempotencyKeyMismatchException("op", "m", null), ProblemType.KEY_REUSED, null),
				arguments(new IdempotencyKeyMissingException("op", "m", null), ProblemType.MISSING_KEY, null),
				arguments(new IdempotencyKeyInvalidException("op", "m", null), ProblemType.INVALID_KEY, null),
				arguments(new IdempotencyOutcomeUnknownException("op", "m", null), ProblemType.OUTCOME_UNKNOWN, null),
				arguments(new IdempotencyResultUnavailableException("op", "m", null),
						ProblemType.RESPONSE_NOT_REPLAYABLE, null),
				arguments(new IdempotencyRememberedFailureException("op", "x.Y", "declined"),
						ProblemType.RESPONSE_NOT_REPLAYABLE, null));
	}

	@ParameterizedTest
	@MethodSource("exceptions")
	void exceptionHasItsProblem(IdempotencyException exception, ProblemType type, Duration retryAfter) {
		assertThat(Problem.of(exception)).isEqualTo(new Problem(type, "op", retryAfter));
	}

	@ParameterizedTest
	@CsvSource({ "PT0S, 1", "PT-5S, 1", "PT0.001S, 1", "PT1S, 1", "PT1.000000001S, 2", "PT29.5S, 30", "PT30S, 30" })
	void secondsToWaitAreRoundedUp(Duration wait, String header) {
		HttpHeaders headers = this.problems.headers(new Problem(ProblemType.IN_PROGRESS, "op", wait));

		assertThat(headers.getFirst(HttpHeaders.RETRY_AFTER)).isEqualTo(header);
	}

	@ParameterizedTest
	@EnumSource
	void onlyAProblemThatPassesHasRetryAfter(ProblemType type) {
		boolean passes = type == ProblemType.IN_PROGRESS || type == ProblemType.STORE_UNAVAILABLE
				|| type == ProblemType.LEASE_LOST || type == ProblemType.TOO_BUSY;

		HttpHeaders headers = this.problems.headers(new Problem(type, "op", null));

		assertThat(headers.getFirst(HttpHeaders.RETRY_AFTER)).isEqualTo(passes ? "1" : null);
		assertThat(headers.getContentType()).isEqualTo(MediaType.APPLICATION_PROBLEM_JSON);
		assertThat(headers.getCacheControl()).isEqualTo("no-store");
		assertThat(headers.getFirst(HttpHeaders.LINK)).isNull();
	}

	@Test
	void documentationIsLinked() {
		Problems documented = new Problems(null, Problems.DEFAULT_TYPE_BASE, URI.create("https://x.test/d\u00f6cs?a"));

		HttpHeaders headers = documented.headers(new Problem(ProblemType.MISSING_KEY, "op", null));

		assertThat(headers.getFirst(HttpHeaders.LINK)).isEqualTo("<https://x.test/d%C3%B6cs?a>; rel=\"describedby\"");
	}

	@ParameterizedTest
	@CsvSource({ "https://x.test/p/, https://x.test/p/missing-key", "https://x.test/p, https://x.test/p/missing-key",
			"https://x.test/p#, https://x.test/p#missing-key", "urn:p:, urn:p:missing-key", "urn:p, urn:p:missing-key",
			"/problems, /problems/missing-key" })
	void typeIsBaseAndCode(URI base, URI type) {
		ProblemDetail detail = new Problems(null, base, null).detail(new Problem(ProblemType.MISSING_KEY, "op", null),
				Locale.ROOT);

		assertThat(detail.getType()).isEqualTo(type);
	}

	@Test
	void textsComeFromTheMessageSource() {
		StaticMessageSource messages = new StaticMessageSource();
		messages.addMessage("idempotency.problem.in-progress.title", Locale.GERMAN, "L\u00e4uft noch");
		messages.addMessage("idempotency.problem.in-progress.detail", Locale.GERMAN, "{0}: noch {1} Sekunden");
		messages.addMessage("idempotency.problem.invalid-key.detail", Locale.GERMAN, "Unbrauchbar");
		messages.addMessage("idempotency.problem.invalid-key.too-long.detail", Locale.GERMAN, "Zu lang");

		assertThat(detail(messages, Locale.GERMAN, ProblemType.IN_PROGRESS, null).getTitle())
			.isEqualTo("L\u00e4uft noch");
		assertThat(detail(messages, Locale.GERMAN, ProblemType.IN_PROGRESS, null).getDetail())
			.isEqualTo("op: noch 3 Sekunden");
		assertThat(detail(messages, Locale.GERMAN, ProblemType.INVALID_KEY, "too-long").getDetail())
			.isEqualTo("Zu lang");
		assertThat(detail(messages, Locale.GERMAN, ProblemType.INVALID_KEY, "syntax").getDetail())
			.isEqualTo("Unbrauchbar");
		assertThat(detail(messages, Locale.GERMAN, ProblemType.INVALID_KEY, "syntax").getTitle())
			.isEqualTo(ProblemType.INVALID_KEY.title());
		assertThat(detail(messages, Locale.FRENCH, ProblemType.IN_PROGRESS, null).getDetail())
			.isEqualTo(ProblemType.IN_PROGRESS.detail());
	}

	@Test
	void codeIsNotShownInPlaceOfAMissingText() {
		StaticMessageSource messages = new StaticMessageSource();
		messages.setUseCodeAsDefaultMessage(true);

		assertThat(detail(messages, Locale.FRENCH, ProblemType.KEY_REUSED, null).getTitle())
			.isEqualTo(ProblemType.KEY_REUSED.title());
	}

	@Test
	void brokenTextDoesNotCostTheAnswer() {
		StaticMessageSource messages = new StaticMessageSource();
		messages.addMessage("idempotency.problem.key-reused.detail", Locale.FRENCH, "{oops");

		assertThat(detail(messages, Locale.FRENCH, ProblemType.KEY_REUSED, null).getDetail())
			.isEqualTo(ProblemType.KEY_REUSED.detail());
	}

	private static ProblemDetail detail(MessageSource messages, Locale locale, ProblemType type, String reason) {
		return new Problems(messages, Problems.DEFAULT_TYPE_BASE, null)
			.detail(new Problem(type, "op", Duration.ofSeconds(3), reason), locale);
	}

	@Test
	void writesItsJsonByItself() {
		ProblemDetail detail = this.problems.detail(new Problem(ProblemType.INVALID_KEY, "", null, "syntax"),
				Locale.ENGLISH);

		assertThat(new String(this.problems.json(detail), StandardCharsets.UTF_8)).isEqualTo(
				"{\"type\":\"urn:problem-type:idempotency:invalid-key\",\"title\":\"Idempotency key not usable\","
						+ "\"status\":400,\"detail\":\"" + ProblemType.INVALID_KEY.detail()
						+ "\",\"code\":\"invalid-key\",\"reason\":\"syntax\"}");
	}

	@Test
	void jsonOfAnyTextIsReadBackTheSame() {
		StringBuilder text = new StringBuilder("\ud83d\ude00\u20ac");
		for (char c = 0; c < 0x100; c++) {
			text.append(c);
		}
		ProblemDetail detail = ProblemDetail.forStatus(418);
		detail.setTitle(text.toString());
		detail.setInstance(URI.create("/here"));
		detail.setProperty(text.toString(), 7);
		detail.setProperty("flag", true);
		detail.setProperty("none", null);
		detail.setProperty("list", java.util.List.of(1));

		JsonNode json = JsonMapper.shared().readTree(this.problems.json(detail));

		assertThat(json.get("title").asString()).isEqualTo(text.toString());
		assertThat(json.get(text.toString()).asInt()).isEqualTo(7);
		assertThat(json.get("flag").asBoolean()).isTrue();
		assertThat(json.has("none")).isFalse();
		assertThat(json.get("list").asString()).isEqualTo("[1]");
		assertThat(json.get("instance").asString()).isEqualTo("/here");
		assertThat(json.get("status").asInt()).isEqualTo(418);
	}

	@Test
	void messageForPeopleNamesCodeReasonAndOperation() {
		assertThat(new ProblemException(new Problem(ProblemType.INVALID_KEY, "charge", null, "syntax")))
			.hasMessage("invalid-key (syntax) [charge]: " + ProblemType.INVALID_KEY.detail());
		assertThat(new ProblemException(new Problem(ProblemType.MISSING_KEY, "", null)))
			.hasMessage("missing-key: " + ProblemType.MISSING_KEY.detail());
	}

}
