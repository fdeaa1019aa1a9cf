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

package io.idempotency.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.Idempotency;
import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyKeyInvalidException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.OnUnknown;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.key.Canonicalizer;
import io.idempotency.key.Window;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.test.MutableClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.ParameterizedTypeReference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class EngineIdempotencyTests {

	private final MutableClock time = new MutableClock(Instant.parse("2026-03-01T12:00:00Z"));

	private final IdempotencyEngine engine = new IdempotencyEngine(
			new Jackson3OutcomeCodec(JsonMapper.builder().build()), List.of(), false);

	private final MemoryIdempotencyStore store = new MemoryIdempotencyStore(this.time);

	private final Operations operations = new Operations(OperationSettings.UNSET, Map.of(), (name) -> this.store);

	private final Idempotency idempotency = new EngineIdempotency(this.engine, this.operations, new Canonicalizer(),
			this.time);

	private final AtomicInteger runs = new AtomicInteger();

	@AfterEach
	void close() {
		this.engine.close();
	}

	@Test
	void secondCallGetsTheFirstAnswerOfItsGenericType() {
		ParameterizedTypeReference<List<Receipt>> type = new ParameterizedTypeReference<>() {
		};

		List<Receipt> first = this.idempotency.call("charge", "k").execute(type, () -> List.of(receipt()));
		List<Receipt> second = this.idempotency.call("charge", "k").execute(type, () -> List.of(receipt()));

		assertThat(second).isEqualTo(first);
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void actionRunsOnceAndThrowsWhatItThrows() {
		this.idempotency.call("notify", 42).run(this.runs::incrementAndGet);
		this.idempotency.call("notify", 42L).run(this.runs::incrementAndGet);

		assertThat(this.runs).hasValue(1);
		assertThatIllegalStateException().isThrownBy(() -> this.idempotency.call("notify", 43).run(() -> {
			throw new IllegalStateException("mail server");
		})).withMessage("mail server");
	}

	@Test
	void scopesNeverSeeEachOther() {
		charge(this.idempotency.call("charge", "k").scope("alice"));
		charge(this.idempotency.call("charge", "k").scope("bob"));

		assertThat(this.runs).hasValue(2);
	}

	@Test
	void derivedKeyIsTheSameOnEveryAttempt() {
		List<String> derived = new ArrayList<>();

		assertThatIllegalStateException().isThrownBy(() -> this.idempotency.call("charge", "k").run(() -> {
			derived.add(derivedKey("mail"));
			throw new IllegalStateException("after the mail");
		}));
		this.idempotency.call("charge", "k").run(() -> derived.add(derivedKey("mail")));

		// Fixed, as the calls of work that is under way must survive a deployment
		assertThat(derived).containsOnly("aa733e3b-e14f-8a0e-a311-cfc5e9463613").hasSize(2);
	}

	@Test
	void derivedKeyIsAnotherOneForEverythingElse() {
		List<String> derived = new ArrayList<>();

		this.idempotency.call("charge", "k").run(() -> {
			derived.add(derivedKey());
			derived.add(derivedKey("mail"));
			derived.add(derivedKey("mail", "2"));
		});
		this.idempotency.call("charge", "other").run(() -> derived.add(derivedKey("mail")));
		this.idempotency.call("refund", "k").run(() -> derived.add(derivedKey("mail")));
		this.idempotency.call("charge", "k").scope("bob").run(() -> derived.add(derivedKey("mail")));
		this.idempotency.call("charge", "k").window("1d").run(() -> derived.add(derivedKey("mail")));

		assertThat(derived).hasSize(7).doesNotHaveDuplicates();
	}

	@Test
	void whatIsReservedInARunIsReservedForOne() {
		Object one = new Object();

		for (String key : List.of("k", "other")) {
			this.idempotency.call("charge", key).run(() -> {
				RunNotes run = (RunNotes) IdempotencyContext.current().orElseThrow();
				assertThat(run.reserve("mail", one)).isTrue();
				assertThat(run.reserve("mail", one)).isTrue();
				assertThat(run.reserve("mail", new Object())).isFalse();
				assertThat(run.reserve("call", new Object())).isTrue();
			});
		}
	}

	private static String derivedKey(String... parts) {
		return IdempotencyContext.current().orElseThrow().deriveKey(parts);
	}

	@Test
	void fingerprintIsComparedMemberByMember() {
		charge(this.idempotency.call("charge", "k").fingerprint(new Receipt("a")));

		charge(this.idempotency.call("charge", "k").fingerprint(new Receipt("a")));
		assertThatExceptionOfType(IdempotencyKeyMismatchException.class)
			.isThrownBy(() -> charge(this.idempotency.call("charge", "k").fingerprint(new Receipt("b"))));
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void keyThatCannotBeDigestedIsRefusedBeforeAnythingRuns() {
		assertThatExceptionOfType(IdempotencyKeyInvalidException.class)
			.isThrownBy(() -> charge(this.idempotency.call("charge", Thread.currentThread())));
		assertThat(this.runs).hasValue(0);
	}

	@Test
	void operatorLetsUnknownWorkRunAgain() {
		leaveUnknown();

		assertThat(this.idempotency.resolve("charge", "k").runAgain()).isTrue();

		assertThat(charge(held())).isEqualTo(new Receipt("r1"));
		assertThat(this.idempotency.resolve("charge", "other").runAgain()).isFalse();
	}

	@Test
	void operatorRecordsTheAnswerOfUnknownWork() {
		leaveUnknown();

		assertThat(this.idempotency.resolve("charge", "k").succeeded(new Receipt("by hand"))).isTrue();

		assertThat(charge(held())).isEqualTo(new Receipt("by hand"));
		assertThat(this.runs).hasValue(0);
	}

	@Test
	void operatorRecordsThatUnknownWorkFailed() {
		leaveUnknown();

		assertThat(this.idempotency.resolve("charge", "k").failed("refunded by hand")).isTrue();

		assertThatExceptionOfType(IdempotencyRememberedFailureException.class).isThrownBy(() -> charge(held()))
			.withMessage("refunded by hand");
	}

	@Test
	void liveOwnerIsNotResolvedAway() {
		boolean resolved = this.idempotency.call("charge", "k")
			.execute(Boolean.class, () -> this.idempotency.resolve("charge", "k").runAgain());

		assertThat(resolved).isFalse();
	}

	@Test
	void operationThatIsCalledAgainWithTheSameSettingsIsNotResolvedAgain() {
		AtomicInteger resolved = new AtomicInteger();
		Operations counting = new Operations(OperationSettings.UNSET, Map.of(), (name) -> {
			resolved.incrementAndGet();
			return this.store;
		});
		Idempotency facade = new EngineIdempotency(this.engine, counting, new Canonicalizer(), this.time);

		charge(facade.call("charge", "a"));
		charge(facade.call("charge", "b"));
		assertThat(resolved).hasValue(1);

		charge(facade.call("charge", "c").ttl(Duration.ofDays(2)));
		charge(facade.call("refund", "d"));
		facade.call("charge", "e").run(this.runs::incrementAndGet);
		assertThat(resolved).hasValue(4);
	}

	@Test
	void windowOfADecisionKeepsWhatTheOperationDeclares() {
		OperationSettings weekly = OperationSettings.builder()
			.ttl(Duration.ofDays(30))
			.window(Window.parse("1w"))
			.onUnknown(OnUnknown.HOLD)
			.build();
		OperationSpec spec = this.operations.declare("report", OperationOrigin.of("a test"),
				new ResultType(Receipt.class, false), weekly, OperationSettings.UNSET, TransactionUse.NONE);

		OperationSpec daily = spec.in(Window.parse("1d"));

		assertThat(daily.ttl()).isEqualTo(Duration.ofDays(30));
		assertThat(daily.onUnknown()).isEqualTo(OnUnknown.HOLD);
		assertThat(daily.window()).isEqualTo(Window.parse("1d"));
	}

	private void leaveUnknown() {
		assertThatIllegalStateException().isThrownBy(() -> held().run(() -> {
			throw new IllegalStateException("half done");
		}));
		assertThatExceptionOfType(IdempotencyOutcomeUnknownException.class).isThrownBy(() -> charge(held()));
	}

	private Idempotency.Call held() {
		return this.idempotency.call("charge", "k").onUnknown(OnUnknown.HOLD);
	}

	private Receipt charge(Idempotency.Call call) {
		return call.execute(Receipt.class, this::receipt);
	}

	private Receipt receipt() {
		return new Receipt("r" + this.runs.incrementAndGet());
	}

	record Receipt(String id) {

	}

}
