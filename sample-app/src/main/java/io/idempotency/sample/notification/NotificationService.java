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

import io.idempotency.Idempotent;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Sends notifications, once per notification id.
 */
@Service
class NotificationService {

	private final OutboxRepository outbox;

	private final Clock clock;

	NotificationService(OutboxRepository outbox, Clock clock) {
		this.outbox = outbox;
		this.clock = clock;
	}

	/**
	 * Send a notification. To send is to write it into the outbox here; the key is part
	 * of what the caller sends anyway, so it is picked out of the argument.
	 * @param request what to send to whom
	 * @return what was sent, the same for every call with this notification id
	 */
	@Idempotent(key = "#request.notificationId", operation = "notification")
	@Transactional
	public NotificationReceipt send(NotificationRequest request) {
		return this.outbox.save(new SentNotification(request, this.clock.instant())).receipt();
	}

	List<NotificationReceipt> findByUser(String userId) {
		return this.outbox.findByUserIdOrderBySentAt(userId).stream().map(SentNotification::receipt).toList();
	}

}
