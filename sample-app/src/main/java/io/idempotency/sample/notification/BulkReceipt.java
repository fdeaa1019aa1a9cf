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

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;

/**
 * What became of many notifications, in the order in which they were sent.
 */
record BulkReceipt(List<Item> notifications) {

	/**
	 * What a notification would have been answered had it come alone.
	 *
	 * @param notificationId which notification
	 * @param status the status of that answer
	 * @param alreadySent whether it was sent before
	 * @param receipt what was sent
	 * @param problem why it was not
	 */
	@JsonInclude(Include.NON_NULL)
	record Item(String notificationId, int status, boolean alreadySent, @Nullable NotificationReceipt receipt,
			@Nullable ProblemDetail problem) {

		static Item sent(NotificationReceipt receipt, boolean alreadySent) {
			return new Item(receipt.notificationId(), HttpStatus.CREATED.value(), alreadySent, receipt, null);
		}

		static Item failed(String notificationId, ProblemDetail problem) {
			return new Item(notificationId, problem.getStatus(), false, null, problem);
		}

	}

}
