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

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.validation.Valid;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * The CRM stub. It is out of order for the first attempt of each update of a user
 * {@code flaky-…}, fails at each of a user {@code broken-…}, and takes everyone else's
 * over.
 */
@RestController
@RequestMapping("/crm")
class CrmController {

	private final CrmUpdateRepository ledger;

	private final StubProperties properties;

	private final Clock clock;

	private final Set<String> flakyKeys = ConcurrentHashMap.newKeySet();

	CrmController(CrmUpdateRepository ledger, StubProperties properties, Clock clock) {
		this.ledger = ledger;
		this.properties = properties;
		this.clock = clock;
	}

	@PutMapping("/profiles/{userId}")
	@Transactional
	public CrmProfile put(@RequestHeader("Idempotency-Key") String key, @PathVariable String userId,
			@Valid @RequestBody CrmProfile profile) {
		if (userId.startsWith("flaky-") && this.flakyKeys.add(key)) {
			throw failure(HttpStatus.SERVICE_UNAVAILABLE, "The CRM is being maintained.");
		}
		if (userId.startsWith("broken-")) {
			throw failure(HttpStatus.INTERNAL_SERVER_ERROR, "The CRM cannot keep this profile.");
		}
		Optional<CrmUpdate> recorded = recorded(key);
		recorded.ifPresent(CrmUpdate::askedForAgain);
		return recorded.or(() -> newer(userId, profile))
			.orElseGet(() -> this.ledger.save(new CrmUpdate(key, userId, profile, this.clock.instant())))
			.profile();
	}

	@GetMapping("/profiles/{userId}")
	ResponseEntity<CrmProfile> find(@PathVariable String userId) {
		return ResponseEntity.of(this.ledger.findFirstByUserIdOrderByRevisionDesc(userId).map(CrmUpdate::profile));
	}

	@GetMapping("/updates")
	List<CrmUpdate.View> findUpdates(@RequestParam String userId) {
		return this.ledger.findByUserIdOrderByAppliedAt(userId).stream().map(CrmUpdate::view).toList();
	}

	private Optional<CrmUpdate> recorded(String key) {
		return this.properties.deduplicate() ? this.ledger.findFirstByIdempotencyKey(key) : Optional.empty();
	}

	private Optional<CrmUpdate> newer(String userId, CrmProfile profile) {
		return this.ledger.findFirstByUserIdOrderByRevisionDesc(userId).filter((latest) -> latest.isNewerThan(profile));
	}

	private static ErrorResponseException failure(HttpStatus status, String detail) {
		return new ErrorResponseException(status, ProblemDetail.forStatusAndDetail(status, detail), null);
	}

}
