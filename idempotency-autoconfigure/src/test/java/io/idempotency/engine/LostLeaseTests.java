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
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.test.MutableClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * A lease that somebody else took over is reported once per run, whoever notices it.
 */
@Timeout(60)
class LostLeaseTests {

	private final MutableClock time = new MutableClock(Instant.parse("2026-03-01T12:00:00Z"));

	private final FaultyStore store = new FaultyStore(new MemoryIdempotencyStore(this.time));

	private final List<GuardedCall> lost = new CopyOnWriteArrayList<>();

	private final IdempotencyEngine engine = new IdempotencyEngine(
			new Jackson3OutcomeCodec(JsonMapper.builder().build()), List.of(new IdempotencyListener() {

				@Override
				public void leaseLost(GuardedCall call) {
					LostLeaseTests.this.lost.add(call);
				}

			}), false);

	@AfterEach
	void close() {
		this.engine.close();
	}

	@Test
	void lossThatTheCompletionNoticesIsReported() {
		GuardedCall call = call(Duration.ofSeconds(30));

		assertThatExceptionOfType(IdempotencyLeaseLostException.class)
			.isThrownBy(() -> this.engine.execute(call, () -> {
				takeOver(call);
				return "late";
			}));

		assertThat(this.lost).containsExactly(call);
	}

	@Test
	void lossThatTheReleaseNoticesIsReported() {
		GuardedCall call = call(Duration.ofSeconds(30));

		assertThatIllegalStateException().isThrownBy(() -> this.engine.execute(call, () -> {
			takeOver(call);
			throw new IllegalStateException("late");
		}));

		assertThat(this.lost).containsExactly(call);
	}

	@Test
	void lossThatARenewalNoticedIsNotReportedAgainByTheCompletion() {
		GuardedCall call = call(Duration.ofMillis(300));

		assertThatExceptionOfType(IdempotencyLeaseLostException.class)
			.isThrownBy(() -> this.engine.execute(call, () -> {
				takeOver(call);
				await().until(() -> !this.lost.isEmpty());
				assertThat(IdempotencyContext.current().map(IdempotencyContext::leaseLost)).contains(true);
				return "late";
			}));

		assertThat(this.lost).containsExactly(call);
	}

	private void takeOver(GuardedCall call) {
		this.time.advance(call.spec().lease());
		Conversation other = new Conversation(call, null, System::nanoTime);
		this.store.claim(other.request(new UUID(7, 7)));
	}

	private GuardedCall call(Duration lease) {
		OperationSettings settings = OperationSettings.builder().lease(lease).build();
		OperationSpec spec = OperationSpec.of("charge", String.class, false, settings, this.store);
		return GuardedCall.of(spec, "", "k", null, this.time.instant(), GuardedCall.KEEP_ALL);
	}

}
