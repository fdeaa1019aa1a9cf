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

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

import io.idempotency.Idempotent;
import jakarta.persistence.EntityManager;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Makes reports, one per type and day.
 */
@Service
class ReportService {

	private final EntityManager entityManager;

	private final ReportArchive archive;

	private final Clock clock;

	ReportService(EntityManager entityManager, ReportArchive archive, Clock clock) {
		this.entityManager = entityManager;
		this.archive = archive;
		this.clock = clock;
	}

	/**
	 * Make today's report, or give the one that was made today. Days are those of UTC,
	 * like the windows of the library unless {@code idempotency.zone} says otherwise.
	 * @param type what to report on
	 * @return the report, the same all day
	 */
	@Idempotent(key = "#type", operation = "daily-report", window = "1d")
	@Transactional
	public DailyReport daily(ReportType type) {
		Instant now = this.clock.instant().truncatedTo(ChronoUnit.MILLIS);
		LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
		DailyReport report = new DailyReport(UUID.randomUUID(), type, today, count(type, today), now);
		return this.archive.save(new ArchivedReport(report)).report();
	}

	List<DailyReport> find(LocalDate date) {
		return this.archive.findByReportDateOrderByCreatedAt(date).stream().map(ArchivedReport::report).toList();
	}

	private long count(ReportType type, LocalDate date) {
		return this.entityManager.createQuery(type.query(), Long.class)
			.setParameter("from", date.atStartOfDay().toInstant(ZoneOffset.UTC))
			.setParameter("to", date.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC))
			.getSingleResult();
	}

}
