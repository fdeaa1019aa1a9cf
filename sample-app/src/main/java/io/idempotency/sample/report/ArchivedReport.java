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

import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

import org.springframework.data.domain.Persistable;

/**
 * A report that was made. The same type and date may be there twice: then the report was
 * made twice.
 */
@Entity
class ArchivedReport implements Persistable<UUID> {

	@Id
	private UUID id;

	@Enumerated(EnumType.STRING)
	@JdbcTypeCode(SqlTypes.VARCHAR)
	private ReportType type;

	private LocalDate reportDate;

	private long entries;

	private Instant createdAt;

	@SuppressWarnings("NullAway.Init") // filled by JPA
	protected ArchivedReport() {
	}

	ArchivedReport(DailyReport report) {
		this.id = report.reportId();
		this.type = report.type();
		this.reportDate = report.date();
		this.entries = report.entries();
		this.createdAt = report.createdAt();
	}

	@Override
	public UUID getId() {
		return this.id;
	}

	/** An archive is only added to: saving is always an insert. */
	@Override
	public boolean isNew() {
		return true;
	}

	DailyReport report() {
		return new DailyReport(this.id, this.type, this.reportDate, this.entries, this.createdAt);
	}

}
