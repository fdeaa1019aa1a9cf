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

package io.idempotency.messaging;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import io.idempotency.IdempotencyInProgressException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Hold}.
 */
class HoldTests {

	private final AtomicLong time = new AtomicLong(Long.MAX_VALUE - 1);

	private final AtomicBoolean running = new AtomicBoolean(true);

	/** Each look at the clock lets a tenth of a second pass. */
	private final Hold hold = new Hold(this.running::get, () -> this.time.addAndGet(Duration.ofMillis(100).toNanos()));

	@Test
	void endsWithThePause() {
		assertThat(this.hold.pause(inProgress())).isTrue();
	}

	@Test
	void endsWithoutAnotherCallWhenTheContainerStops() {
		this.running.set(false);

		assertThat(this.hold.pause(inProgress())).isFalse();
	}

	@Test
	void endsWithoutAnotherCallWhenTheThreadIsInterrupted() {
		Thread.currentThread().interrupt();

		assertThat(this.hold.pause(inProgress())).isFalse();
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void endsWithoutAnotherCallAfterTheLongestTime() {
		assertThat(this.hold.pause(inProgress())).isTrue();
		this.time.addAndGet(Hold.LONGEST.toNanos());

		assertThat(this.hold.pause(inProgress())).isFalse();
	}

	@Test
	void doesNotBeginForAFailureOfTheListener() {
		assertThat(this.hold.pause(new IllegalStateException("on purpose"))).isFalse();
	}

	private static IdempotencyInProgressException inProgress() {
		return new IdempotencyInProgressException("test", "on purpose", Duration.ofSeconds(1), Duration.ofSeconds(10));
	}

}
