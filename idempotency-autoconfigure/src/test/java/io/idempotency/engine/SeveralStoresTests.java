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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What happens in one store does not depend on another one that does not answer.
 */
@Timeout(60)
class SeveralStoresTests {

	private final FaultyStore hanging = new FaultyStore(new MemoryIdempotencyStore());

	private final FaultyStore healthy = new FaultyStore(new MemoryIdempotencyStore());

	private final CountDownLatch answers = new CountDownLatch(1);

	private final CountDownLatch done = new CountDownLatch(1);

	private final ExecutorService callers = Executors.newCachedThreadPool();

	private final IdempotencyEngine engine = new IdempotencyEngine(
			new Jackson3OutcomeCodec(JsonMapper.builder().build()), List.of(), false);

	@AfterEach
	void close() {
		this.done.countDown();
		this.answers.countDown();
		this.callers.shutdownNow();
		this.engine.close();
	}

	@Test
	void storeThatHangsDelaysNoRenewalInAnother() throws Exception {
		this.hanging.hangBeforeRenewals = this.answers;
		run(this.hanging, "h");
		await().until(() -> this.hanging.renewals.get() > 0);

		Future<@Nullable Object> healthy = run(this.healthy, "k");

		await().atMost(Duration.ofSeconds(20)).until(() -> this.healthy.renewals.get() > 1);
		this.done.countDown();
		assertThat(healthy.get(20, TimeUnit.SECONDS)).isEqualTo("k");
	}

	@Test
	void storeThatHangsDelaysNoAsynchronousResultInAnother() throws Throwable {
		this.hanging.hangBeforeCompletions = this.answers;
		for (int i = 0; i < 8; i++) {
			this.engine.execute(call(this.hanging, "h" + i, true, Duration.ofSeconds(30)),
					() -> CompletableFuture.completedFuture("late"));
		}
		await().until(() -> this.hanging.completions.get() > 1);

		Object answer = this.engine.execute(call(this.healthy, "k", true, Duration.ofSeconds(30)),
				() -> CompletableFuture.completedFuture("in time"));

		assertThat((CompletableFuture<?>) answer).succeedsWithin(Duration.ofSeconds(20)).isEqualTo("in time");
	}

	private Future<@Nullable Object> run(FaultyStore store, String key) {
		GuardedCall call = call(store, key, false, Duration.ofMillis(300));
		return this.callers.submit(() -> {
			try {
				return this.engine.execute(call, () -> {
					this.done.await();
					return key;
				});
			}
			catch (Throwable ex) {
				throw new AssertionError(ex);
			}
		});
	}

	private static GuardedCall call(FaultyStore store, String key, boolean asynchronous, Duration lease) {
		OperationSettings settings = OperationSettings.builder().lease(lease).build();
		OperationSpec spec = OperationSpec.of("charge", String.class, asynchronous, settings, store);
		return GuardedCall.of(spec, "", key, null, Instant.EPOCH, GuardedCall.KEEP_ALL);
	}

}
