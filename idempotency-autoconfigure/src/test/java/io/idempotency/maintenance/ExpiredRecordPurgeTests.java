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

package io.idempotency.maintenance;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import io.idempotency.store.IdempotencyStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Timeout(30)
class ExpiredRecordPurgeTests {

	private final AtomicInteger rounds = new AtomicInteger();

	@Test
	void goesOnWhenTheStoresCannotBeFound() {
		runs(() -> {
			if (this.rounds.incrementAndGet() < 3) {
				throw new IllegalStateException("no store yet");
			}
			return List.of();
		});
	}

	@Test
	void goesOnAfterAnErrorAndWithTheOtherStores() {
		AtomicInteger purged = new AtomicInteger();
		IdempotencyStore broken = store(() -> {
			this.rounds.incrementAndGet();
			throw new NoClassDefFoundError("driver");
		});

		runs(() -> List.of(broken, store(() -> {
			purged.incrementAndGet();
			return 0;
		})));

		assertThat(purged).hasValueGreaterThanOrEqualTo(2);
	}

	@Test
	void pauseBeyondWhatAClockCountsIsNoEnd() {
		Duration forEver = Duration.ofSeconds(Long.MAX_VALUE);
		ExpiredRecordPurge purge = new ExpiredRecordPurge(List::of, forEver, 1, forEver);

		purge.start();

		assertThat(purge.isRunning()).isTrue();
		purge.stop();
	}

	private void runs(Supplier<Collection<IdempotencyStore>> stores) {
		ExpiredRecordPurge purge = new ExpiredRecordPurge(stores, Duration.ofMillis(5), 10, Duration.ofMillis(1));
		purge.start();
		try {
			await().until(() -> this.rounds.get() > 3);
		}
		finally {
			purge.stop();
		}
	}

	private static IdempotencyStore store(Supplier<Integer> purgeExpired) {
		return (IdempotencyStore) Proxy.newProxyInstance(ExpiredRecordPurgeTests.class.getClassLoader(),
				new Class<?>[] { IdempotencyStore.class },
				(proxy, method, arguments) -> method.getName().equals("name") ? "fake" : purgeExpired.get());
	}

}
