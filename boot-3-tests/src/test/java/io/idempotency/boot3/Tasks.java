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

package io.idempotency.boot3;

import java.util.concurrent.TimeUnit;

import io.idempotency.Idempotent;

import org.springframework.scheduling.annotation.Scheduled;

/**
 * A task that ticks more often than it is to run, and what tells that it ticked.
 */
class Tasks {

	private final Work work;

	Tasks(Work work) {
		this.work = work;
	}

	@Scheduled(fixedRate = 100, timeUnit = TimeUnit.MILLISECONDS)
	@Idempotent(operation = "daily-report", window = "1d")
	public void report() {
		this.work.add("report");
	}

	@Scheduled(fixedRate = 100, timeUnit = TimeUnit.MILLISECONDS)
	public void tick() {
		this.work.add("tick");
	}

}
