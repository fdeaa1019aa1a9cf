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

package io.idempotency.sample.profile;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;

/**
 * A user's profile. Its revision counts the updates after the first, so one that was made
 * twice would be seen.
 */
@Entity
class Profile {

	@Id
	private String userId;

	private String displayName;

	private String email;

	@Version
	private @Nullable Integer revision;

	private Instant changedAt;

	@SuppressWarnings("NullAway.Init") // filled by JPA, and by the first change
	protected Profile() {
	}

	@SuppressWarnings("NullAway.Init")
	Profile(String userId) {
		this.userId = userId;
	}

	void change(ProfileUpdate update, Instant changedAt) {
		this.displayName = update.displayName();
		this.email = update.email();
		this.changedAt = changedAt.truncatedTo(ChronoUnit.MILLIS);
	}

	ProfileView view() {
		int revision = Objects.requireNonNull(this.revision, "Not saved yet");
		return new ProfileView(this.userId, this.displayName, this.email, revision, this.changedAt);
	}

}
