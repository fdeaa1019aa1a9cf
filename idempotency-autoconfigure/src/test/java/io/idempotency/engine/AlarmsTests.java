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
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Alarms}.
 */
class AlarmsTests {

	private static final long FAR_AWAY = TimeUnit.HOURS.toNanos(1);

	private final ScheduledThreadPoolExecutor thread = (ScheduledThreadPoolExecutor) Executors
		.newScheduledThreadPool(1);

	private final Alarms alarms = new Alarms(this.thread);

	private final Queue<String> rung = new ConcurrentLinkedQueue<>();

	@AfterEach
	void end() {
		this.alarms.end();
	}

	@Test
	void oneTimerIsEnoughForAlarmsAfterTheFirst() {
		this.alarms.after(FAR_AWAY, () -> this.rung.add("first"));

		for (int i = 0; i < 1_000; i++) {
			this.alarms.after(FAR_AWAY, () -> this.rung.add("next")).cancel();
		}

		assertThat(this.thread.getQueue()).hasSize(1);
		// A thread that is just starting counts as a task
		await().atMost(Duration.ofSeconds(10)).until(() -> this.thread.getTaskCount() == 1);
	}

	@Test
	void earlierAlarmIsNotKeptWaitingByTheOthers() {
		this.alarms.after(FAR_AWAY, () -> this.rung.add("late"));

		this.alarms.after(0, () -> this.rung.add("early"));

		await().atMost(Duration.ofSeconds(10)).until(() -> this.rung.contains("early"));
		assertThat(this.rung).containsExactly("early");
	}

	@Test
	void alarmAddedWhileAnotherRingsRings() {
		this.alarms.after(0, () -> this.alarms.after(0, () -> this.rung.add("added")));

		await().atMost(Duration.ofSeconds(10)).until(() -> this.rung.contains("added"));
	}

	@Test
	void alarmThatIsCalledOffBeforeItsTurnDoesNotRing() throws Exception {
		CountDownLatch ringing = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		this.alarms.after(0, () -> {
			ringing.countDown();
			awaitQuietly(goOn);
		});
		assertThat(ringing.await(10, TimeUnit.SECONDS)).isTrue();

		Alarms.Alarm calledOff = this.alarms.after(0, () -> this.rung.add("called off"));
		this.alarms.after(1, () -> this.rung.add("last"));
		calledOff.cancel();
		goOn.countDown();

		await().atMost(Duration.ofSeconds(10)).until(() -> this.rung.contains("last"));
		assertThat(this.rung).containsExactly("last");
	}

	@Test
	void alarmThatFailsKeepsNoOtherFromRinging() {
		this.alarms.after(0, () -> {
			throw new IllegalStateException("broken");
		});
		this.alarms.after(1, () -> this.rung.add("next"));

		await().atMost(Duration.ofSeconds(10)).until(() -> this.rung.contains("next"));
	}

	private static void awaitQuietly(CountDownLatch latch) {
		try {
			latch.await(10, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
