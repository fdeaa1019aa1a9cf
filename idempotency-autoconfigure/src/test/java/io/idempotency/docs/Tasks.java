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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import io.idempotency.Idempotent;
import io.idempotency.OnConcurrent;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.Trigger;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.scheduling.support.TaskUtils;

/**
 * The code of {@code docs/tasks.md}, and an application around it in which a test is what
 * makes the scheduler tick.
 */
final class Tasks {

	private Tasks() {
	}

	/** What the tasks do, in all instances together. */
	interface Work {

		void run(String task);

	}

	static class ReportTasks {

		private final Work work;

		ReportTasks(Work work) {
			this.work = work;
		}

		// region daily-report
		@Scheduled(cron = "0 0/10 6-8 * * *")
		@Idempotent(operation = "daily-report", window = "1d")
		public void sendDailyReport() {
			this.work.run("daily-report");
		}
		// endregion

		// region prices
		@Scheduled(fixedRate = 1, timeUnit = TimeUnit.MINUTES)
		@Idempotent(operation = "update-prices", window = "15m")
		public void updatePrices() {
			this.work.run("update-prices");
		}
		// endregion

		// region archive
		@Scheduled(fixedDelay = 5, timeUnit = TimeUnit.MINUTES)
		@Idempotent(operation = "archive-orders", window = "1d", onConcurrent = OnConcurrent.WAIT)
		public void archiveOrders() {
			this.work.run("archive-orders");
		}
		// endregion

	}

	static class IndexTasks {

		private final Work work;

		IndexTasks(Work work) {
			this.work = work;
		}

		// region rebuild
		@Async
		@Idempotent(key = "#shop", operation = "rebuild-index", window = "1h", onConcurrent = OnConcurrent.SKIP)
		public void rebuildIndex(String shop) {
			this.work.run("rebuild-index");
		}
		// endregion

		// region turnover
		@Async
		@Idempotent(key = "#shop", operation = "turnover", window = "1d")
		public CompletableFuture<Long> turnover(String shop) {
			this.work.run("turnover");
			return CompletableFuture.completedFuture(4711L);
		}
		// endregion

	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	@EnableAsync
	static class Application {

		@Bean
		ReportTasks reportTasks(Work work) {
			return new ReportTasks(work);
		}

		@Bean
		IndexTasks indexTasks(Work work) {
			return new IndexTasks(work);
		}

		@Bean
		Ticks taskScheduler(InstantSource clock) {
			return new Ticks(clock);
		}

	}

	/**
	 * A scheduler that runs a task when a test says so, with the error handler of
	 * Spring's schedulers.
	 */
	static final class Ticks implements TaskScheduler {

		private final InstantSource clock;

		private final List<Runnable> tasks = new ArrayList<>();

		private final List<Throwable> errors = new CopyOnWriteArrayList<>();

		Ticks(InstantSource clock) {
			this.clock = clock;
		}

		/** Run the task whose method has this name. */
		void tick(String method) {
			this.tasks.stream().filter((task) -> task.toString().contains("." + method)).forEach(Runnable::run);
		}

		/** Return what the error handler got, which logs it as an error. */
		List<Throwable> errors() {
			return this.errors;
		}

		private ScheduledFuture<?> add(Runnable task) {
			Runnable handled = TaskUtils.decorateTaskWithErrorHandler(task, this.errors::add, true);
			this.tasks.add(new Runnable() {

				@Override
				public void run() {
					handled.run();
				}

				@Override
				public String toString() {
					return task.toString();
				}

			});
			return null;
		}

		@Override
		public ScheduledFuture<?> schedule(Runnable task, Trigger trigger) {
			return add(task);
		}

		@Override
		public ScheduledFuture<?> schedule(Runnable task, Instant startTime) {
			return add(task);
		}

		@Override
		public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Instant startTime, Duration period) {
			return add(task);
		}

		@Override
		public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Duration period) {
			return add(task);
		}

		@Override
		public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Instant startTime, Duration delay) {
			return add(task);
		}

		@Override
		public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Duration delay) {
			return add(task);
		}

	}

}
