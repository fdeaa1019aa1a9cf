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

package io.idempotency.sample.notification;

import java.util.List;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyContext.Answer;
import jakarta.validation.Valid;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/notifications")
class NotificationController {

	private static final String ALREADY_SENT = "X-Already-Sent";

	private final NotificationService notifications;

	NotificationController(NotificationService notifications) {
		this.notifications = notifications;
	}

	@PostMapping
	ResponseEntity<NotificationReceipt> send(@Valid @RequestBody NotificationRequest request) {
		Answer<NotificationReceipt> answer = IdempotencyContext.capture(() -> this.notifications.send(request));
		ResponseEntity.BodyBuilder response = ResponseEntity.status(HttpStatus.CREATED);
		if (answer.replayed()) {
			response.header(ALREADY_SENT, "true");
		}
		return response.body(answer.value());
	}

	@GetMapping
	List<NotificationReceipt> findByUser(@RequestParam String userId) {
		return this.notifications.findByUser(userId);
	}

}
