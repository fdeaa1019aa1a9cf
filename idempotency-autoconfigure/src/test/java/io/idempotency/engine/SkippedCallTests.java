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

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.OnConcurrent;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Callers that leave the work to whoever is at it.
 */
@Timeout(30)
class SkippedCallTests {

	private final MemoryIdempotencyStore store = new MemoryIdempotencyStore();

	private final CompletableFuture<CallOutcome> outcome = new CompletableFuture<>();

	private final IdempotencyEngine engine = engine(List.of());

	private final IdempotencyEngine other = engine(List.of(new IdempotencyListener() {

		@Override
		public Observed callStarted(GuardedCall call) {
			return new Observed() {

				@Override
				public void ended(CallOutcome how, @Nullable Throwable error) {
					SkippedCallTests.this.outcome.complete(how);
				}

			};
		}

	}));

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final CountDownLatch release = new CountDownLatch(1);

	private final AtomicInteger runs = new AtomicInteger();

	@AfterEach
	void close() {
		this.release.countDown();
		this.threads.shutdownNow();
		this.engine.close();
		this.other.close();
	}

	@Test
	void callerInTheSameJvmIsSkipped() throws Throwable {
		Future<?> owner = start();

		assertThat(this.engine.execute(call(null), this::run)).isNull();

		this.release.countDown();
		owner.get(10, TimeUnit.SECONDS);
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void callerOfAnotherInstanceIsSkippedAndSaysSo() throws Throwable {
		Future<?> owner = start();

		assertThat(this.other.execute(call(null), this::run)).isNull();

		assertThat(this.outcome).isCompletedWithValue(CallOutcome.SKIPPED);
		this.release.countDown();
		owner.get(10, TimeUnit.SECONDS);
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void asynchronousCallerThatIsSkippedGetsNothing() throws Throwable {
		start();
		OperationSpec spec = OperationSpec.of("report", Void.class, true, settings(), this.store);
		GuardedCall call = GuardedCall.of(spec, "", "k", null, Instant.now(), GuardedCall.KEEP_ALL);

		Object answer = this.other.execute(call, () -> CompletableFuture.completedFuture(null));

		assertThat((CompletableFuture<?>) answer).isCompletedWithValue(null);
	}

	@Test
	void requestForSomethingElseIsRefusedRatherThanSkipped() throws Exception {
		start();

		assertThatExceptionOfType(IdempotencyKeyMismatchException.class).isThrownBy(() -> this.other.execute(
				call(Fingerprint.of(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 })), this::run));
	}

	@Test
	void workThatMeetsSomebodyElseAtWorkIsNotSkippedItself() {
		IdempotencyInProgressException nested = new IdempotencyInProgressException("other", "busy", Duration.ZERO,
				Duration.ZERO);

		assertThatExceptionOfType(IdempotencyInProgressException.class)
			.isThrownBy(() -> this.engine.execute(call(null), () -> {
				throw nested;
			}))
			.isSameAs(nested);
	}

	@Test
	void nextCallAfterAFailureRuns() throws Throwable {
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.engine.execute(call(null), () -> {
			throw new IOException("gateway");
		}));

		this.other.execute(call(null), this::run);

		assertThat(this.runs).hasValue(1);
	}

	@Test
	void operationWithResultCannotSkip() {
		assertThatExceptionOfType(InvalidOperationException.class)
			.isThrownBy(() -> OperationSpec.of("report", String.class, false, settings(), this.store))
			.withMessageContaining("on-concurrent=skip");
	}

	private @Nullable Object run() {
		this.runs.incrementAndGet();
		return null;
	}

	private Future<?> start() throws InterruptedException {
		CountDownLatch begun = new CountDownLatch(1);
		Future<?> owner = this.threads.submit(() -> {
			try {
				return this.engine.execute(call(Fingerprint.of(new byte[16])), () -> {
					begun.countDown();
					this.release.await();
					return run();
				});
			}
			catch (Throwable ex) {
				throw new IllegalStateException(ex);
			}
		});
		assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
		return owner;
	}

	private GuardedCall call(@Nullable Fingerprint fingerprint) {
		OperationSpec spec = OperationSpec.of("report", void.class, false, settings(), this.store);
		return GuardedCall.of(spec, "", "k", fingerprint, Instant.now(), GuardedCall.KEEP_ALL);
	}

	private static OperationSettings settings() {
		return OperationSettings.builder().onConcurrent(OnConcurrent.SKIP).build();
	}

	private static IdempotencyEngine engine(List<IdempotencyListener> listeners) {
		return new IdempotencyEngine(new Jackson3OutcomeCodec(JsonMapper.builder().build()), listeners, false);
	}

}
