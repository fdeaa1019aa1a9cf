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

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import jakarta.validation.Valid;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/profiles/{userId:[\\w-]{1,100}}")
class ProfileController {

	private final ProfileService profiles;

	ProfileController(ProfileService profiles) {
		this.profiles = profiles;
	}

	/**
	 * The request's key is the update's, too. A response is recorded as a whole, so the
	 * steps are those of the service.
	 */
	@PutMapping
	@Idempotent(operation = "put-profile")
	ProfileView put(@PathVariable String userId, @Valid @RequestBody ProfileUpdate update) {
		return this.profiles.update(IdempotencyContext.current().orElseThrow().key(), userId, update,
				DurableSteps.ofTheGuard());
	}

	@GetMapping
	ResponseEntity<ProfileView> find(@PathVariable String userId) {
		return ResponseEntity.of(this.profiles.find(userId));
	}

}
