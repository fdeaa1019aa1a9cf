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

import java.time.Clock;
import java.util.List;

import io.idempotency.BatchAnswers;
import io.idempotency.Idempotency;
import io.idempotency.Idempotent;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Sends notifications, once per notification id.
 */
@Service
class NotificationService {

	private static final String OPERATION = "notification";

	private final OutboxRepository outbox;

	private final Idempotency idempotency;

	private final Clock clock;

	NotificationService(OutboxRepository outbox, Idempotency idempotency, Clock clock) {
		this.outbox = outbox;
		this.idempotency = idempotency;
		this.clock = clock;
	}

	/**
	 * Send a notification. To send is to write it into the outbox here; the key is part
	 * of what the caller sends anyway, so it is picked out of the argument. What must be
	 * equal when it comes again is said, because {@link #sendAll} has to say the same.
	 * @param request what to send to whom
	 * @return what was sent, the same for every call with this notification id
	 */
	@Idempotent(key = "#request.notificationId", fingerprint = "#request", operation = OPERATION)
	@Transactional
	public NotificationReceipt send(NotificationRequest request) {
		return deliver(request);
	}

	/**
	 * Send notifications, those of {@link #send} included: what was sent by one is not
	 * sent again by the other. All of them are claimed in one round trip to the store and
	 * recorded in another; each is sent in a transaction of its own, so that one that
	 * fails disturbs no other.
	 * @param requests what to send to whom
	 * @return what became of each, in their order
	 */
	BatchAnswers<NotificationReceipt> sendAll(List<NotificationRequest> requests) {
		return this.idempotency.batch(OPERATION)
			.keys(requests, NotificationRequest::notificationId)
			.fingerprint((request) -> request)
			.executeEach(NotificationReceipt.class, this::deliver);
	}

	private NotificationReceipt deliver(NotificationRequest request) {
		if (request.userId().startsWith("unreachable-")) {
			throw new UserUnreachableException();
		}
		return this.outbox.save(new SentNotification(request, this.clock.instant())).receipt();
	}

	List<NotificationReceipt> findByUser(String userId) {
		return this.outbox.findByUserIdOrderBySentAt(userId).stream().map(SentNotification::receipt).toList();
	}

}
