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

package io.idempotency.sample.crm;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/**
 * A line of the CRM's ledger: an update that it applied, and how many requests asked for
 * it. The same key may be there twice: then it was applied twice.
 */
@Entity
class CrmUpdate {

	@Id
	private UUID id;

	private String idempotencyKey;

	private String userId;

	private String displayName;

	private String email;

	private int revision;

	private int requests;

	private Instant appliedAt;

	@SuppressWarnings("NullAway.Init") // filled by JPA
	protected CrmUpdate() {
	}

	CrmUpdate(String idempotencyKey, String userId, CrmProfile profile, Instant appliedAt) {
		this.id = UUID.randomUUID();
		this.idempotencyKey = idempotencyKey;
		this.userId = userId;
		this.displayName = profile.displayName();
		this.email = profile.email();
		this.revision = profile.revision();
		this.requests = 1;
		this.appliedAt = appliedAt.truncatedTo(ChronoUnit.MILLIS);
	}

	void askedForAgain() {
		this.requests++;
	}

	boolean isNewerThan(CrmProfile profile) {
		return this.revision > profile.revision();
	}

	CrmProfile profile() {
		return new CrmProfile(this.displayName, this.email, this.revision);
	}

	View view() {
		return new View(this.id, this.idempotencyKey, this.userId, profile(), this.requests, this.appliedAt);
	}

	/** What the CRM tells about an update. */
	record View(UUID updateId, String idempotencyKey, String userId, CrmProfile profile, int requests,
			Instant appliedAt) {

	}

}
