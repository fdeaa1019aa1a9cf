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

package io.idempotency.store.redis;

import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.store.ClaimResult;
import io.idempotency.store.CompletionSignals.Registration;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.Release;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for who is woken by {@link RedisIdempotencyStore}, and at which cost.
 */
class RedisSignalsIntegrationTests extends RedisStoreFixture {

	@Test
	void onlyTheFirstWaiterWrites() {
		RecordId id = newId();
		acquire(id);
		String unmarked = changes();
		this.store.claim(request(id, true));
		String marked = changes();

		this.store.claim(request(id, true));

		assertThat(marked).isNotEqualTo(unmarked);
		assertThat(changes()).isEqualTo(marked);
	}

	@Test
	void nothingIsPublishedWithoutAWaiter() {
		runOnce(newId());
		this.store.release(acquire(newId()), new Release.Failed(NOTE));
		this.store.release(acquire(newId()), new Release.Forget());

		assertThat(commandCounts()).containsKey("del").doesNotContainKey("publish");
	}

	@Test
	void markOfAWaiterIsUsedUp() {
		RecordId id = newId();
		Lease first = acquire(id);
		this.store.claim(request(id, true));
		this.store.release(first, new Release.Failed(NOTE));

		this.store.complete(acquire(id), OUTCOME, TTL);

		assertThat(commandCounts()).containsEntry("publish", 1);
	}

	@Test
	void markOfAWaiterSurvivesRenewalAndTakeover() {
		RecordId id = newId();
		Lease first = acquire(id);
		this.store.claim(request(id, true));
		this.store.renew(first, LEASE);
		RedisConnections.elapse(factory, id, LEASE.plusSeconds(1));

		this.store.complete(acquire(id), OUTCOME, TTL);

		assertThat(commandCounts()).containsEntry("publish", 1);
	}

	@Test
	void signalIsTheIdOnTheChannelOfThePrefix() {
		AtomicInteger other = new AtomicInteger();
		AtomicInteger own = new AtomicInteger();
		RecordId id = newId();
		try (RedisIdempotencyStore prefixed = new RedisIdempotencyStore(factory, "shop:");
				Registration unrelated = this.store.signals().listen(id, other::incrementAndGet);
				Registration registration = prefixed.signals().listen(id, own::incrementAndGet)) {
			Lease lease = ((ClaimResult.Acquired) prefixed.claim(request(id, false))).lease();
			prefixed.claim(request(id, true));

			prefixed.complete(lease, OUTCOME, TTL);

			await().untilAsserted(() -> assertThat(own).hasValue(1));
		}
		assertThat(other).hasValue(0);
	}

	@Test
	void waiterIsRegisteredWhenListenReturns() {
		for (int round = 0; round < 20; round++) {
			RecordId id = newId();
			AtomicInteger woken = new AtomicInteger();
			Lease lease = acquire(id);
			this.store.claim(request(id, true));
			try (RedisIdempotencyStore another = new RedisIdempotencyStore(factory);
					Registration registration = another.signals().listen(id, woken::incrementAndGet)) {
				this.store.complete(lease, OUTCOME, TTL);

				await().untilAsserted(() -> assertThat(woken).hasValue(1));
			}
		}
	}

	@Test
	void allWaitersShareOneSubscription() {
		try (Registration one = this.store.signals().listen(newId(), RedisStoreFixture::ignore);
				Registration another = this.store.signals().listen(newId(), RedisStoreFixture::ignore)) {
			assertThat(commandCounts()).containsEntry("subscribe", 1);
		}
	}

	@Test
	void storeThatNobodyWaitedOnHasNoSubscription() {
		runOnce(newId());
		this.store.close();

		assertThat(commandCounts()).containsKey("evalsha").doesNotContainKeys("subscribe", "unsubscribe");
	}

	@Test
	void closedStoreEndsItsSubscriptionAndStillListensInVain() {
		this.store.signals().listen(newId(), RedisStoreFixture::ignore);
		assertThat(channels()).isOne();

		this.store.close();
		this.store.close();

		await().untilAsserted(() -> assertThat(channels()).isZero());
		this.store.signals().listen(newId(), RedisStoreFixture::ignore).close();
		assertThat(channels()).isZero();
	}

}
