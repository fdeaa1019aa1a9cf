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
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

import io.idempotency.BatchAnswer;
import io.idempotency.BatchAnswers;
import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyContext.Answer;
import io.idempotency.IdempotencyException;
import io.idempotency.web.Problem;
import io.idempotency.web.Problems;
import jakarta.validation.Valid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/notifications")
class NotificationController {

	private static final Logger logger = LoggerFactory.getLogger(NotificationController.class);

	private static final String ALREADY_SENT = "X-Already-Sent";

	private final NotificationService notifications;

	private final Problems problems;

	NotificationController(NotificationService notifications, Problems problems) {
		this.notifications = notifications;
		this.problems = problems;
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

	/**
	 * Always 207: what became of a notification is said with each, in the words of a
	 * request for it alone.
	 */
	@PostMapping("/bulk")
	@ResponseStatus(HttpStatus.MULTI_STATUS)
	BulkReceipt sendAll(@Valid @RequestBody BulkRequest request, Locale locale) {
		List<NotificationRequest> requests = request.notifications();
		BatchAnswers<NotificationReceipt> answers = this.notifications.sendAll(requests);
		return new BulkReceipt(IntStream.range(0, requests.size())
			.mapToObj((i) -> item(requests.get(i), answers.get(i), locale))
			.toList());
	}

	private BulkReceipt.Item item(NotificationRequest request, BatchAnswer<NotificationReceipt> answer, Locale locale) {
		if (answer.failure() != null) {
			return BulkReceipt.Item.failed(request.notificationId(), problem(answer.failure(), locale));
		}
		return BulkReceipt.Item.sent(Objects.requireNonNull(answer.value()), answer.replayed());
	}

	private ProblemDetail problem(Throwable failure, Locale locale) {
		if (failure instanceof ErrorResponse answer) {
			return answer.getBody();
		}
		if (failure instanceof IdempotencyException refusal) {
			return this.problems.detail(Problem.of(refusal), locale);
		}
		logger.error("A notification was not sent", failure);
		return ProblemDetail.forStatus(HttpStatus.INTERNAL_SERVER_ERROR);
	}

	@GetMapping
	List<NotificationReceipt> findByUser(@RequestParam String userId) {
		return this.notifications.findByUser(userId);
	}

}
