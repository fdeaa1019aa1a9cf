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

import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.IdempotencyResultUnavailableException;
import io.idempotency.codec.OutcomeCodec;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.test.MutableClock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionSynchronizationUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Runs whose end breaks: no caller may hang behind them, and no lease may be renewed for
 * ever.
 */
@Timeout(60)
class BrokenEndingTests {

	private static final Duration LEASE = Duration.ofMillis(300);

	private final MutableClock time = new MutableClock(Instant.parse("2026-03-01T12:00:00Z"));

	private final FaultyStore store = new FaultyStore(new MemoryIdempotencyStore(this.time));

	private final AtomicInteger runs = new AtomicInteger();

	private Error encodingFails = new StackOverflowError();

	private final IdempotencyEngine engine = new IdempotencyEngine(new BrokenCodec(), List.of(), true);

	@AfterEach
	void close() {
		this.engine.close();
	}

	@Test
	void resultWhoseEncodingOverflowsTheStackDoesNotRunAgain() throws Throwable {
		GuardedCall call = call(List.of(), GuardedCall.KEEP_ALL);

		assertThat(this.engine.execute(call, this.runs::incrementAndGet)).isEqualTo(1);

		assertThatExceptionOfType(IdempotencyResultUnavailableException.class)
			.isThrownBy(() -> this.engine.execute(call, this.runs::incrementAndGet));
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void runThatCannotBeSettledIsNeitherWaitedForNorKeptAlive() throws Throwable {
		this.encodingFails = new OutOfMemoryError("test");
		GuardedCall call = call(List.of(), GuardedCall.KEEP_ALL);
		assertThatExceptionOfType(OutOfMemoryError.class)
			.isThrownBy(() -> this.engine.execute(call, this.runs::incrementAndGet));
		int renewals = this.store.renewals.get();
		this.store.claims.set(0);

		assertThatExceptionOfType(IdempotencyInProgressException.class)
			.isThrownBy(() -> this.engine.execute(call, this.runs::incrementAndGet));

		assertThat(this.store.claims).as("asked the store, not the dead run").hasPositiveValue();
		assertThat(this.store.renewals).hasValue(renewals);
		this.time.advance(LEASE);
		assertThat(this.engine.execute(call, () -> null)).isNull();
	}

	@Test
	void resultIsRecordedWhenUnlessOverflowsTheStack() throws Throwable {
		GuardedCall call = call(List.of(), (result) -> {
			throw new StackOverflowError();
		});

		assertThat(this.engine.execute(call, () -> null)).isNull();

		assertThat(this.engine.execute(call, this.runs::incrementAndGet)).isNull();
	}

	@Test
	void resultToForgetIsNotEncoded() throws Throwable {
		this.encodingFails = new AssertionError("encoded");
		GuardedCall call = call(List.of(), (result) -> true);

		assertThat(this.engine.execute(call, this.runs::incrementAndGet)).isEqualTo(1);

		assertThat(this.engine.execute(call, this.runs::incrementAndGet)).isEqualTo(2);
	}

	@Test
	void messageOfAFailureThatIsNoAnswerIsNotRead() {
		GuardedCall call = call(List.of(), GuardedCall.KEEP_ALL);
		Talkative failure = new Talkative();

		try (IdempotencyEngine silent = new IdempotencyEngine(new BrokenCodec(), List.of(), false)) {
			Throwable thrown = catchThrowable(() -> silent.execute(call, () -> {
				throw failure;
			}));

			assertThat(failure.reads).hasValue(0);
			assertThat((Object) thrown).isSameAs(failure);
		}
	}

	@Test
	void failureWhoseMessageCannotBeReadReleasesTheKey() throws Throwable {
		GuardedCall call = call(List.of(), GuardedCall.KEEP_ALL);

		assertThatExceptionOfType(Speechless.class).isThrownBy(() -> this.engine.execute(call, () -> {
			throw new Speechless();
		}));

		assertThat(this.engine.execute(call, () -> null)).isNull();
	}

	@Test
	void failureWhoseMessageCannotBeReadIsRemembered() {
		GuardedCall call = call(List.of(Speechless.class), GuardedCall.KEEP_ALL);

		assertThatExceptionOfType(Speechless.class).isThrownBy(() -> this.engine.execute(call, () -> {
			throw new Speechless();
		}));

		assertThatExceptionOfType(IdempotencyRememberedFailureException.class)
			.isThrownBy(() -> this.engine.execute(call, this.runs::incrementAndGet));
		assertThat(this.runs).hasValue(0);
	}

	@Test
	void stageInATransactionIsAnsweredAlsoWhenItsResultBreaksTheEnd() throws Throwable {
		this.encodingFails = new OutOfMemoryError("test");
		OperationSpec spec = OperationSpec.of("charge", Integer.class, true, settings(List.of()), this.store);
		GuardedCall call = GuardedCall.of(spec, "", "k", null, this.time.instant(), GuardedCall.KEEP_ALL);

		TransactionSynchronizationManager.initSynchronization();
		TransactionSynchronizationManager.setActualTransactionActive(true);
		try {
			Object answer = this.engine.execute(call, () -> {
				return CompletableFuture.completedFuture(1);
			});

			assertThat((CompletableFuture<?>) answer).failsWithin(Duration.ofSeconds(10));
		}
		finally {
			TransactionSynchronizationUtils.triggerAfterCompletion(TransactionSynchronization.STATUS_ROLLED_BACK);
			TransactionSynchronizationManager.clear();
		}
	}

	private GuardedCall call(List<Class<? extends Throwable>> remembered, Predicate<@Nullable Object> unless) {
		OperationSpec spec = OperationSpec.of("charge", Integer.class, false, settings(remembered), this.store);
		return GuardedCall.of(spec, "", "k", null, this.time.instant(), unless);
	}

	private static OperationSettings settings(List<Class<? extends Throwable>> remembered) {
		return OperationSettings.builder()
			.lease(LEASE)
			.waitTimeout(Duration.ofMillis(600))
			.rememberFailures(remembered)
			.build();
	}

	private final class BrokenCodec implements OutcomeCodec {

		@Override
		public byte[] encode(Object value, Type type) {
			throw BrokenEndingTests.this.encodingFails;
		}

		@Override
		public Object decode(byte[] bytes, Type type) {
			throw new AssertionError("nothing was encoded");
		}

	}

	@SuppressWarnings("serial")
	static final class Talkative extends RuntimeException {

		final transient AtomicInteger reads = new AtomicInteger();

		@Override
		public String getMessage() {
			this.reads.incrementAndGet();
			return "costly";
		}

	}

	@SuppressWarnings("serial")
	static final class Speechless extends RuntimeException {

		@Override
		public String getMessage() {
			throw new IllegalStateException("no message");
		}

	}

}
