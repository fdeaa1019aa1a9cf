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

package io.idempotency.step;

import java.util.List;

import io.idempotency.IdempotencyRejectedException;
import org.jspecify.annotations.Nullable;

import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.BackOffExecution;

/**
 * How something is run and recorded.
 *
 * @param transactional whether in a transaction of its own
 * @param remembered failures that are recorded
 * @param notRetried other failures after which it is not tried again
 * @param backOff when it is tried again, or {@code null} for never
 */
record Manner(boolean transactional, List<Class<? extends Throwable>> remembered,
		List<Class<? extends Throwable>> notRetried, @Nullable BackOff backOff) {

	BackOffExecution pauses() {
		return (this.backOff != null) ? this.backOff.start() : () -> BackOffExecution.STOP;
	}

	boolean remembers(Throwable failure) {
		return any(this.remembered, failure);
	}

	boolean retries(Throwable failure) {
		return failure instanceof Exception && !(failure instanceof InterruptedException)
				&& !(failure instanceof IdempotencyRejectedException) && !any(this.notRetried, failure);
	}

	private static boolean any(List<Class<? extends Throwable>> types, Throwable failure) {
		return types.stream().anyMatch((type) -> type.isInstance(failure));
	}

}
