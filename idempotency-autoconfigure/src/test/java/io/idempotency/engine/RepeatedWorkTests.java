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
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.OnUnknown;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Work that an advice inside of the guard repeats, such as a retry that was given that
 * place.
 */
@Timeout(30)
class RepeatedWorkTests {

	private final MemoryIdempotencyStore store = new MemoryIdempotencyStore();

	private final IdempotencyEngine engine = new IdempotencyEngine(
			new Jackson3OutcomeCodec(JsonMapper.builder().build()), List.of(), false);

	private final AtomicInteger runs = new AtomicInteger();

	@AfterEach
	void close() {
		this.engine.close();
	}

	@Test
	void lastRepetitionIsTheAnswer() throws Throwable {
		GuardedCall call = call(OnUnknown.RETRY);

		Object answer = this.engine.execute(call, retried(() -> failing(1, new IOException("gateway"))));

		assertThat(answer).isEqualTo("run 2");
		assertThat(this.engine.execute(call, retried(() -> "other"))).isEqualTo("run 2");
	}

	@Test
	void holdKeepsWorkThatFailedFromBeingRepeated() {
		IOException failure = new IOException("no answer");
		GuardedCall call = call(OnUnknown.HOLD);

		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> this.engine.execute(call, retried(() -> failing(1, failure))))
			.isSameAs(failure);

		assertThat(this.runs).hasValue(1);
		assertThat(status(call)).isEqualTo(RecordStatus.UNKNOWN);
	}

	@Test
	void holdLetsWorkBeRepeatedThatProvedToHaveHadNoEffect() throws Throwable {
		GuardedCall call = call(OnUnknown.HOLD);

		Object answer = this.engine.execute(call, retried(() -> failing(1, new IllegalStateException("refused"))));

		assertThat(answer).isEqualTo("run 2");
		assertThat(status(call)).isEqualTo(RecordStatus.COMPLETED);
	}

	@Test
	void holdKeepsWorkThatReturnedFromBeingRepeated() {
		GuardedCall call = call(OnUnknown.HOLD);

		assertThatExceptionOfType(IdempotencyOutcomeUnknownException.class)
			.isThrownBy(() -> this.engine.execute(call, (innermost) -> {
				innermost.around(() -> failing(0, new IOException()));
				return innermost.around(() -> failing(0, new IOException()));
			}))
			.withMessageContaining("operation 'charge'");

		assertThat(this.runs).hasValue(1);
		assertThat(status(call)).isEqualTo(RecordStatus.UNKNOWN);
	}

	private static Chain retried(Work work) {
		return (innermost) -> {
			try {
				return innermost.around(work);
			}
			catch (Exception ex) {
				return innermost.around(work);
			}
		};
	}

	private Object failing(int times, Exception failure) throws Exception {
		int run = this.runs.incrementAndGet();
		if (run <= times) {
			throw failure;
		}
		return "run " + run;
	}

	private @Nullable RecordStatus status(GuardedCall call) {
		return this.store.find(call.id()).orElseThrow().status();
	}

	private GuardedCall call(OnUnknown onUnknown) {
		OperationSettings settings = OperationSettings.builder()
			.onUnknown(onUnknown)
			.safeToRetry(List.of(IllegalStateException.class))
			.build();
		OperationSpec spec = OperationSpec.of("charge", String.class, false, settings, this.store);
		return GuardedCall.of(spec, "", "k", null, Instant.now(), GuardedCall.KEEP_ALL);
	}

}
