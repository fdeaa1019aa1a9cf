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

package io.idempotency.store.memory;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.idempotency.store.CompletionSignals;
import io.idempotency.store.RecordId;

/**
 * Wakes the waiters of this JVM on the thread of the owner that is done.
 */
final class LocalSignals implements CompletionSignals {

	private final Map<RecordId, Set<Waiter>> waiters = new ConcurrentHashMap<>();

	@Override
	public Registration listen(RecordId id, Runnable wakeUp) {
		Waiter waiter = new Waiter(id, wakeUp);
		this.waiters.compute(id, (key, present) -> {
			Set<Waiter> all = (present != null) ? present : ConcurrentHashMap.newKeySet();
			all.add(waiter);
			return all;
		});
		return waiter;
	}

	void send(RecordId id) {
		this.waiters.getOrDefault(id, Set.of()).forEach((waiter) -> waiter.wakeUp.run());
	}

	/**
	 * Return how many records somebody waits for.
	 */
	int size() {
		return this.waiters.size();
	}

	private final class Waiter implements Registration {

		private final RecordId id;

		private final Runnable wakeUp;

		private Waiter(RecordId id, Runnable wakeUp) {
			this.id = id;
			this.wakeUp = wakeUp;
		}

		@Override
		public void close() {
			LocalSignals.this.waiters.computeIfPresent(this.id, (key, present) -> {
				present.remove(this);
				return present.isEmpty() ? null : present;
			});
		}

	}

}
