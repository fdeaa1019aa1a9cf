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

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyKey;
import io.idempotency.Idempotent;

import org.springframework.stereotype.Service;

/**
 * Updates profiles in two systems, each of them once per key.
 */
@Service
class ProfileService {

	private final ProfileRepository profiles;

	private final CrmClient crm;

	private final Clock clock;

	ProfileService(ProfileRepository profiles, CrmClient crm, Clock clock) {
		this.profiles = profiles;
		this.crm = crm;
		this.clock = clock;
	}

	/**
	 * Update a profile here, then in the CRM. An attempt that did not get to the end is
	 * gone on with by the next one: a profile that is saved is not saved again. The first
	 * step is committed together with its record, so the records are in the database of
	 * the profiles wherever others are.
	 * @param key what the client chose for this update
	 * @param userId whose profile
	 * @param update what it is to be
	 * @param steps the steps of this attempt, by the guard
	 * @return the profile, the same for every call with this key
	 */
	@Idempotent(operation = "profile-update", store = "jpa")
	public ProfileView update(@IdempotencyKey String key, String userId, ProfileUpdate update, DurableSteps steps) {
		// Updates of one profile that meet at its revision, or the first ones at its id,
		// are made one after the other
		ProfileView profile = steps.step("save")
			.transactional()
			.retry(3, Duration.ofMillis(50))
			.run(ProfileView.class, () -> save(userId, update))
			.value();
		steps.run("crm", () -> this.crm.update(profile));
		return profile;
	}

	private ProfileView save(String userId, ProfileUpdate update) {
		Profile profile = this.profiles.findById(userId).orElseGet(() -> new Profile(userId));
		profile.change(update, this.clock.instant());
		return this.profiles.saveAndFlush(profile).view();
	}

	Optional<ProfileView> find(String userId) {
		return this.profiles.findById(userId).map(Profile::view);
	}

}
