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

package io.idempotency.docs;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.IdempotencyInProgressException;
import io.idempotency.OnUnknown;
import io.idempotency.key.Identity;
import io.idempotency.key.Window;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.test.MutableClock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Runs the tasks that {@code docs/tasks.md} shows in three instances of an application
 * that share their records.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class TasksContract {

	private static final Instant FIRST_DAY = Instant.parse("2026-03-02T06:00:00Z");

	private final MutableClock clock = new MutableClock(FIRST_DAY);

	private final Script script = new Script();

	private final List<ConfigurableApplicationContext> instances = new ArrayList<>();

	/** Return the properties by which an instance finds the records. */
	abstract String[] properties();

	@BeforeAll
	void start() {
		for (int i = 0; i < 3; i++) {
			this.instances.add(start(properties()));
		}
	}

	@BeforeEach
	void nextDay() {
		Instant now = this.clock.instant();
		Instant morning = now.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(1)).plus(Duration.ofHours(6));
		this.clock.advance(Duration.between(now, morning));
		this.script.reset();
		this.instances.forEach((instance) -> ticks(instance).errors().clear());
	}

	@AfterEach
	void release() {
		this.script.gate.countDown();
	}

	@AfterAll
	void stop() {
		this.instances.forEach(ConfigurableApplicationContext::close);
	}

	@ParameterizedTest
	@CsvSource({ "sendDailyReport, daily-report", "updatePrices, update-prices" })
	void taskThatAllInstancesBeginTogetherRunsOnce(String method, String task) throws Exception {
		this.script.gate = new CountDownLatch(1);
		List<CompletableFuture<Void>> ticks = tickEverywhere(method);

		await().until(() -> ticks.stream().filter(CompletableFuture::isDone).count() == 2);
		this.script.gate.countDown();

		assertThat(CompletableFuture.allOf(ticks.toArray(CompletableFuture[]::new))).succeedsWithin(20,
				TimeUnit.SECONDS);
		assertThat(this.script.runs).hasValue(1);
		assertThat(errors()).isEmpty();
	}

	@Test
	void taskThatWaitsRunsOnceToo() {
		List<CompletableFuture<Void>> ticks = tickEverywhere("archiveOrders");

		assertThat(CompletableFuture.allOf(ticks.toArray(CompletableFuture[]::new))).succeedsWithin(20,
				TimeUnit.SECONDS);
		assertThat(this.script.runs).hasValue(1);
		assertThat(errors()).isEmpty();
	}

	@Test
	void taskThatWaitsInVainIsAnError() {
		claimAndCrash("archive-orders", Duration.ofMinutes(5));

		ticks(2).tick("archiveOrders");

		assertThat(errors()).singleElement().isInstanceOf(IdempotencyInProgressException.class);
		assertThat(this.script.runs).hasValue(0);
	}

	@Test
	void laterTicksOfTheWindowDoNothing() {
		ticks(0).tick("sendDailyReport");
		this.clock.advance(Duration.ofMinutes(10));

		ticks(0).tick("sendDailyReport");
		ticks(1).tick("sendDailyReport");

		assertThat(this.script.runs).hasValue(1);
		assertThat(errors()).isEmpty();
	}

	@Test
	void nextWindowRunsAnew() {
		ticks(0).tick("updatePrices");
		this.clock.advance(Duration.ofMinutes(14));
		ticks(1).tick("updatePrices");
		assertThat(this.script.runs).hasValue(1);
		this.clock.advance(Duration.ofMinutes(1));

		ticks(1).tick("updatePrices");
		ticks(2).tick("updatePrices");

		assertThat(this.script.runs).hasValue(2);
	}

	@Test
	void missedWindowsAreNotMadeUp() {
		ticks(0).tick("sendDailyReport");
		this.clock.advance(Duration.ofDays(3));

		ticks(1).tick("sendDailyReport");
		ticks(2).tick("sendDailyReport");

		assertThat(this.script.runs).hasValue(2);
	}

	@Test
	void failureIsAnErrorAndTheNextTickOfTheWindowRunsAgain() {
		this.script.failures.set(1);
		ticks(0).tick("sendDailyReport");
		assertThat(errors()).singleElement().isInstanceOf(IllegalStateException.class);
		this.clock.advance(Duration.ofMinutes(10));

		ticks(1).tick("sendDailyReport");
		ticks(2).tick("sendDailyReport");

		assertThat(this.script.runs).hasValue(2);
		assertThat(record("daily-report").status()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(record("daily-report").attempt()).isEqualTo(2);
	}

	@Test
	void tickAfterTheLeaseOfACrashedInstanceTakesOver() {
		claimAndCrash("daily-report", Duration.ofSeconds(2));

		ticks(1).tick("sendDailyReport");
		assertThat(this.script.runs).hasValue(0);

		await().atMost(Duration.ofSeconds(20)).until(() -> {
			ticks(1).tick("sendDailyReport");
			return this.script.runs.get() == 1;
		});
		assertThat(record("daily-report").attempt()).isEqualTo(2);
		assertThat(errors()).isEmpty();
	}

	@Test
	void daysBeginInTheZone() {
		ConfigurableApplicationContext tokyo = start(properties(), "idempotency.zone=Asia/Tokyo",
				"idempotency.operations.daily-report.ttl=1h");
		try {
			Duration untilMidnight = Duration.ofHours(9);
			ticks(tokyo).tick("sendDailyReport");
			this.clock.advance(untilMidnight.minusSeconds(1));
			ticks(tokyo).tick("sendDailyReport");
			assertThat(this.script.runs).hasValue(1);
			this.clock.advance(Duration.ofSeconds(1));

			ticks(tokyo).tick("sendDailyReport");

			assertThat(this.script.runs).hasValue(2);
		}
		finally {
			tokyo.close();
		}
	}

	@Test
	void asynchronousTaskWithoutResultRunsOnceInItsWindow() {
		this.script.gate = new CountDownLatch(1);
		index(0).rebuildIndex("north");
		await().until(() -> this.script.runs.get() == 1);

		index(1).rebuildIndex("north");
		index(2).rebuildIndex("north");
		awaitIdle(1);
		awaitIdle(2);
		this.script.gate.countDown();
		await().until(() -> record("rebuild-index", "1h", "north").status() == RecordStatus.COMPLETED);
		index(0).rebuildIndex("north");
		index(0).rebuildIndex("south");

		await().until(() -> this.script.runs.get() == 2);
		awaitIdle(0);
		assertThat(this.script.runs).hasValue(2);
	}

	@Test
	void asynchronousTaskWithResultRunsOnceAndAllGetIt() {
		List<CompletableFuture<Long>> results = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			results.add(index(i).turnover("north"));
		}

		results.forEach((result) -> assertThat(result).succeedsWithin(20, TimeUnit.SECONDS).isEqualTo(4711L));
		assertThat(this.script.runs).hasValue(1);
		this.clock.advance(Duration.ofDays(1));
		assertThat(index(1).turnover("north")).succeedsWithin(20, TimeUnit.SECONDS);
		assertThat(this.script.runs).hasValue(2);
	}

	@Test
	void taskThatTheExecutorRejectsIsNotClaimed() {
		this.script.gate = new CountDownLatch(1);
		ConfigurableApplicationContext narrow = start(properties(), "spring.task.execution.pool.core-size=1",
				"spring.task.execution.pool.max-size=1", "spring.task.execution.pool.queue-capacity=0");
		try {
			Tasks.IndexTasks tasks = narrow.getBean(Tasks.IndexTasks.class);
			tasks.rebuildIndex("north");
			await().until(() -> this.script.runs.get() == 1);

			assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> tasks.rebuildIndex("south"));

			assertThat(store().find(id("rebuild-index", "1h", "south"))).isEmpty();
			index(1).rebuildIndex("south");
			await().until(() -> this.script.runs.get() == 2);
		}
		finally {
			this.script.gate.countDown();
			narrow.close();
		}
	}

	private List<CompletableFuture<Void>> tickEverywhere(String method) {
		CyclicBarrier together = new CyclicBarrier(this.instances.size());
		return this.instances.stream().map((instance) -> CompletableFuture.runAsync(() -> {
			try {
				together.await(20, TimeUnit.SECONDS);
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
			ticks(instance).tick(method);
		}, (task) -> new Thread(task).start())).toList();
	}

	/** Claim the run of today, as an instance does that is gone right after. */
	private void claimAndCrash(String operation, Duration lease) {
		store().claim(new ClaimRequest(id(operation, "1d", "-"), operation, UUID.randomUUID(), null, OnUnknown.RETRY,
				lease, Duration.ofDays(7), Duration.ofDays(1), false));
	}

	private IdempotencyRecord record(String operation) {
		return record(operation, "1d", "-");
	}

	private IdempotencyRecord record(String operation, String window, String key) {
		return store().find(id(operation, window, key)).orElseThrow();
	}

	private RecordId id(String operation, String window, String key) {
		return Identity.of("", operation, Window.parse(window).at(this.clock.instant(), ZoneOffset.UTC).label(), key);
	}

	private IdempotencyStore store() {
		return this.instances.get(0).getBean(storeType());
	}

	/** Return the type of the store. */
	abstract Class<? extends IdempotencyStore> storeType();

	private List<Throwable> errors() {
		return this.instances.stream().flatMap((instance) -> ticks(instance).errors().stream()).toList();
	}

	private Tasks.Ticks ticks(int instance) {
		return ticks(this.instances.get(instance));
	}

	private static Tasks.Ticks ticks(ConfigurableApplicationContext instance) {
		return instance.getBean(Tasks.Ticks.class);
	}

	private Tasks.IndexTasks index(int instance) {
		return this.instances.get(instance).getBean(Tasks.IndexTasks.class);
	}

	private void awaitIdle(int instance) {
		ThreadPoolTaskExecutor executor = this.instances.get(instance).getBean(ThreadPoolTaskExecutor.class);
		await().until(() -> executor.getThreadPoolExecutor().getTaskCount() == executor.getThreadPoolExecutor()
			.getCompletedTaskCount());
	}

	private ConfigurableApplicationContext start(String[] properties, String... more) {
		return new SpringApplicationBuilder(Tasks.Application.class, AutoConfigured.class).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.registerShutdownHook(false)
			.initializers((starting) -> {
				starting.getBeanFactory().registerSingleton("work", this.script);
				starting.getBeanFactory().registerSingleton("clock", this.clock);
			})
			.properties("spring.jmx.enabled=false", "idempotency.operations.archive-orders.wait-timeout=1s")
			.properties(properties)
			.properties(more)
			.run();
	}

	@EnableAutoConfiguration
	static class AutoConfigured {

	}

	/** What happens while a task runs, and how often one ran. */
	private static final class Script implements Tasks.Work {

		private final AtomicInteger runs = new AtomicInteger();

		private final AtomicInteger failures = new AtomicInteger();

		private volatile CountDownLatch gate = new CountDownLatch(0);

		void reset() {
			this.runs.set(0);
			this.failures.set(0);
			this.gate = new CountDownLatch(0);
		}

		@Override
		public void run(String task) {
			this.runs.incrementAndGet();
			try {
				assertThat(this.gate.await(60, TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			if (this.failures.getAndDecrement() > 0) {
				throw new IllegalStateException("the mail server is down");
			}
		}

	}

}
