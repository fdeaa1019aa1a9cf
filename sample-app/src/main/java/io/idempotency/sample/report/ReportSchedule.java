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

package io.idempotency.sample.report;

import io.idempotency.Idempotent;

import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Makes the reports of a day in its evening. Each instance ticks, and more than once, so
 * that another one makes the reports if the first fails or dies.
 */
@Component
class ReportSchedule {

	private final ReportService reports;

	ReportSchedule(ReportService reports) {
		this.reports = reports;
	}

	@Scheduled(cron = "${sample.reports.cron:0 0/10 22 * * *}", zone = "UTC")
	@Idempotent(operation = "scheduled-reports", window = "1d")
	public void makeReports() {
		for (ReportType type : ReportType.values()) {
			this.reports.daily(type);
		}
	}

}
