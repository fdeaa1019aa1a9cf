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

package io.idempotency.sample;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import static org.awaitility.Awaitility.await;

/**
 * A payment gateway that keeps the first caller of each order waiting and answers the
 * later ones at once.
 */
class HeldGateway extends DeduplicatingGateway {

	private final CountDownLatch closed = new CountDownLatch(1);

	void awaitRequest(String order) {
		await().atMost(Duration.ofSeconds(30)).until(() -> !requests(order).isEmpty());
	}

	@Override
	void arrived(String order) {
		if (requests(order).size() > 1) {
			return;
		}
		try {
			this.closed.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void close() {
		this.closed.countDown();
		super.close();
	}

}
