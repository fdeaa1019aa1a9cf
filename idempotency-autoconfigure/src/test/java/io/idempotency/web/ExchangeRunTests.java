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
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.OperationSettings;
import io.idempotency.engine.OperationSpec;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a request's run makes of the handler's end.
 */
class ExchangeRunTests {

	private static final byte[] BODY = { 1, 2, 3 };

	private final MemoryIdempotencyStore store = new MemoryIdempotencyStore(Clock.systemUTC());

	private final IdempotencyEngine engine = new IdempotencyEngine(new Jackson3OutcomeCodec(new JsonMapper()),
			List.of(), false);

	private final HttpRules rules = rules(ServerErrors.RELEASE);

	@AfterEach
	void close() {
		this.engine.close();
	}

	@Test
	void responseIsRecordedIfUnlessFails() {
		ExchangeRun run = begin((result) -> {
			throw new IllegalStateException("no such member");
		});

		run.returned("receipt");

		assertThat(run.end(run.ending(201, Map.of(), BODY))).isNull();
		assertThat(replayed()).isEqualTo(201);
	}

	@Test
	void responseIsForgottenIfUnlessSaysSo() {
		ExchangeRun run = begin("receipt"::equals);

		run.returned("receipt");

		assertThat(run.end(run.ending(201, Map.of(), BODY))).isNull();
		assertThat(open((result) -> false).run()).isNotNull();
	}

	@Test
	void taskDoesNotBeginOnceItsRequestWasAnswered() {
		ExchangeRun run = begin((result) -> false);
		run.reached();
		run.awaitsTask();

		run.leave();

		assertThat(run.begins()).isFalse();
		assertThat(begin((result) -> false).context().attempt()).isEqualTo(1);
	}

	@Test
	void taskThatGoesOnWithoutItsRequestKeepsTheKeyUntilItEnds() {
		ExchangeRun run = begin((result) -> false);
		run.awaitsTask();
		assertThat(run.begins()).isTrue();

		run.leave();

		assertThat(run.settled()).isFalse();
		run.ended("receipt", null);
		assertThat(run.settled()).isTrue();
	}

	@Test
	void requestThatIsRefusedInFrontOfItsHandlerLeavesNoTrace() {
		ExchangeRun run = begin((result) -> false);

		run.reachedUnless(IllegalArgumentException.class::isInstance);
		run.threw(new IllegalArgumentException("not a number"));

		assertThat(run.end(run.ending(400, Map.of(), BODY))).isNull();
		assertThat(begin((result) -> false).context().attempt()).isEqualTo(1);
	}

	@Test
	void requestWhoseHandlerFailsIsTriedAgain() {
		ExchangeRun run = begin((result) -> false);

		run.reachedUnless(IllegalArgumentException.class::isInstance);
		run.threw(new IllegalStateException("gateway"));

		assertThat(run.end(run.ending(500, Map.of(), BODY))).isNull();
		assertThat(begin((result) -> false).context().attempt()).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(ints = { 401, 403, 408, 425, 429 })
	void answerThatAsksToComeAgainIsNotKeptAlthoughItsFailureIsRemembered(int status) {
		ExchangeRun run = begin((result) -> false);

		run.reached();
		run.threw(new UnsupportedOperationException("not now"));

		assertThat(run.end(run.ending(status, Map.of(), BODY))).isNull();
		assertThat(open((result) -> false).run()).isNotNull();
	}

	@Test
	void serverErrorIsKeptIfItsFailureIsRemembered() {
		ExchangeRun run = begin((result) -> false);

		run.reached();
		run.threw(new UnsupportedOperationException("never"));

		assertThat(run.end(run.ending(501, Map.of(), BODY))).isNull();
		assertThat(replayed()).isEqualTo(501);
	}

	private int replayed() {
		HttpAnswer answer = open((result) -> false).answer();
		assertThat(answer).isNotNull();
		return answer.response(this.rules, Locale.ENGLISH).status();
	}

	private ExchangeRun begin(Predicate<@Nullable Object> unless) {
		ExchangeRun run = open(unless).run();
		assertThat(run).isNotNull();
		return run;
	}

	private HttpAnswer.OrRun open(Predicate<@Nullable Object> unless) {
		OperationSettings settings = OperationSettings.builder()
			.rememberFailures(List.of(UnsupportedOperationException.class))
			.build();
		OperationSpec spec = OperationSpec.of("pay", Object.class, false, settings, this.store);
		return HttpAnswer.open(this.engine,
				GuardedCall.of(spec, "pay", "", "k", null, Instant.parse("2026-03-01T12:00:00Z"), unless), this.rules);
	}

	private static HttpRules rules(ServerErrors serverErrors) {
		return new HttpRules(new IdempotencyKeyHeader("Idempotency-Key", KeySyntax.LENIENT, KeyFormat.ANY),
				(operation) -> true, Set.of("POST"), KeyScope.OPERATION, FingerprintForm.RAW,
				new RequestBodies(1000, 1000), 1000, new RecordingPolicy(serverErrors),
				new RecordedHeaders(List.of(), "Idempotency-Key"), new Scopes(List.of(), AnonymousCallers.SHARED),
				new Problems(null, URI.create("urn:problem:"), null));
	}

}
