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
package io.idempotency.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.idempotency.BatchAnswers;
import io.idempotency.Idempotency;
import io.idempotency.Idempotent;
import io.idempotency.PartialFailureException;

/**
 * What the page on batches shows.
 */
class Batches {

	private final Idempotency idempotency;

	private final Mailer mailer;

	Batches(Idempotency idempotency, Mailer mailer) {
		this.idempotency = idempotency;
		this.mailer = mailer;
	}

	// region facade
	BatchAnswers<Receipt> notifyAll(List<Notification> notifications) {
		return this.idempotency.batch("notify")
			.keys(notifications, Notification::id)
			.fingerprint((notification) -> notification)
			.execute(Receipt.class, (newOnes) -> this.mailer.sendAll(newOnes));
	}
	// endregion

	// region method
	@Idempotent(each = "#item.id", operation = "post")
	public List<Receipt> post(List<Notification> notifications) {
		return this.mailer.sendAll(notifications);
	}
	// endregion

	static class Mailer {

		final List<String> sent = new ArrayList<>();

		// region partial-failure
		List<Receipt> sendAll(List<Notification> notifications) {
			List<Receipt> receipts = new ArrayList<>();
			Map<Integer, Throwable> failures = new TreeMap<>();
			for (Notification notification : notifications) {
				try {
					receipts.add(send(notification));
				}
				catch (RuntimeException ex) {
					failures.put(receipts.size(), ex);
					receipts.add(null);
				}
			}
			if (!failures.isEmpty()) {
				throw new PartialFailureException(receipts, failures);
			}
			return receipts;
		}
		// endregion

		private Receipt send(Notification notification) {
			this.sent.add(notification.id());
			if (notification.address().isEmpty()) {
				throw new IllegalArgumentException("no address");
			}
			return new Receipt(notification.address());
		}

	}

	record Notification(String id, String address) {

	}

	record Receipt(String address) {

	}

}
