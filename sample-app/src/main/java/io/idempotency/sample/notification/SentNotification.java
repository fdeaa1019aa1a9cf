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

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

import org.springframework.data.domain.Persistable;

/**
 * A line of the outbox. The same notification id may be there twice: then the user was
 * told twice.
 */
@Entity
class SentNotification implements Persistable<UUID> {

	@Id
	private UUID id;

	private String notificationId;

	private String userId;

	private String channel;

	private String message;

	private Instant sentAt;

	@SuppressWarnings("NullAway.Init") // filled by JPA
	protected SentNotification() {
	}

	SentNotification(NotificationRequest request, Instant sentAt) {
		this.id = UUID.randomUUID();
		this.notificationId = request.notificationId();
		this.userId = request.userId();
		this.channel = request.channel();
		this.message = request.message();
		this.sentAt = sentAt.truncatedTo(ChronoUnit.MILLIS);
	}

	@Override
	public UUID getId() {
		return this.id;
	}

	/** An outbox is only added to: saving is always an insert. */
	@Override
	public boolean isNew() {
		return true;
	}

	NotificationReceipt receipt() {
		return new NotificationReceipt(this.id, this.notificationId, this.userId, this.channel, this.message,
				this.sentAt);
	}

}
