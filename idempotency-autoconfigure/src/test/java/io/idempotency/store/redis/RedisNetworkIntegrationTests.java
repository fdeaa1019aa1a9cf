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

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.store.ClaimResult;
import io.idempotency.store.CompletionSignals.Registration;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.test.servers.RedisServer;
import io.idempotency.test.servers.TcpProxy;
import org.junit.jupiter.api.Test;

import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link RedisIdempotencyStore} on a network and a server that fail.
 */
class RedisNetworkIntegrationTests extends RedisStoreFixture {

	@Test
	void waitersAreWokenAgainAfterTheServerWasRestarted() {
		AtomicInteger woken = new AtomicInteger();
		RecordId id = newId();
		try (RedisServer restarted = RedisServer.launch()) {
			LettuceConnectionFactory connections = RedisConnections.to(restarted.url());
			try (RedisIdempotencyStore waiting = new RedisIdempotencyStore(connections);
					Registration registration = waiting.signals().listen(id, woken::incrementAndGet)) {
				restarted.stop();
				restarted.start();

				await().atMost(Duration.ofSeconds(30)).ignoreExceptions().untilAsserted(() -> {
					Lease lease = ((ClaimResult.Acquired) waiting.claim(request(id, false))).lease();
					waiting.claim(request(id, true));
					waiting.release(lease, new Release.Forget());
					assertThat(woken).hasPositiveValue();
				});
			}
			connections.destroy();
		}
	}

	@Test
	void scriptsAreSentAgainAfterTheServerForgotThem() {
		RecordId id = newId();
		Lease lease = acquire(id);

		flushScripts();
		assertThat(this.store.complete(lease, OUTCOME, TTL)).isTrue();
		flushScripts();
		assertThat(this.store.claim(request(id, false))).isInstanceOf(ClaimResult.Occupied.class);
	}

	@Test
	void claimWhoseAnswerWasCutOffReturnsTheLeaseThatItWon() {
		try (TcpProxy proxy = TcpProxy.to(server.host(), server.port())) {
			LettuceConnectionFactory connections = RedisConnections.to("redis://127.0.0.1:" + proxy.port());
			RedisIdempotencyStore distant = new RedisIdempotencyStore(connections);
			distant.find(newId());
			RecordId id = newId();
			proxy.injectOnce(TcpProxy.Fault.CUT_REPLY, "EVALSHA");

			ClaimResult.Acquired acquired = (ClaimResult.Acquired) distant.claim(request(id, false));

			assertThat(proxy.faults()).isOne();
			assertThat(acquired.attempt()).isOne();
			assertThat(this.store.find(id)).map(IdempotencyRecord::fence).contains(acquired.lease().fence());
			connections.destroy();
		}
	}

	@Test
	void completionWhoseAnswerWasCutOffIsTrue() {
		try (TcpProxy proxy = TcpProxy.to(server.host(), server.port())) {
			LettuceConnectionFactory connections = RedisConnections.to("redis://127.0.0.1:" + proxy.port());
			RedisIdempotencyStore distant = new RedisIdempotencyStore(connections);
			RecordId id = newId();
			Lease lease = ((ClaimResult.Acquired) distant.claim(request(id, false))).lease();
			proxy.injectOnce(TcpProxy.Fault.CUT_REPLY, "EVALSHA");

			boolean mine = distant.complete(lease, OUTCOME, TTL);

			assertThat(proxy.faults()).isOne();
			assertThat(mine).isTrue();
			assertThat(this.store.find(id)).map(IdempotencyRecord::status).contains(RecordStatus.COMPLETED);
			connections.destroy();
		}
	}

	@Test
	void serverThatIsGoneIsAnExceptionAndThenServesAgain() {
		try (RedisServer restarted = RedisServer.launch()) {
			LettuceConnectionFactory connections = RedisConnections.to(restarted.url());
			RedisIdempotencyStore unlucky = new RedisIdempotencyStore(connections);
			RecordId id = newId();
			Lease lease = ((ClaimResult.Acquired) unlucky.claim(request(id, false))).lease();

			restarted.stop();
			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> unlucky.complete(lease, OUTCOME, TTL));
			restarted.start();

			await().atMost(Duration.ofSeconds(30))
				.ignoreExceptions()
				.untilAsserted(() -> assertThat(unlucky.complete(lease, OUTCOME, TTL)).isFalse());
			assertThat(unlucky.claim(request(id, false))).isInstanceOf(ClaimResult.Acquired.class);
			connections.destroy();
		}
	}

	@Test
	void listeningWhileTheServerIsGoneFailsNobodyAndSucceedsLater() {
		AtomicInteger woken = new AtomicInteger();
		RecordId id = newId();
		try (RedisServer restarted = RedisServer.launch()) {
			restarted.stop();
			LettuceConnectionFactory connections = RedisConnections.to(restarted.url());
			try (RedisIdempotencyStore waiting = new RedisIdempotencyStore(connections)) {
				waiting.signals().listen(id, woken::incrementAndGet);
				restarted.start();

				await().atMost(Duration.ofSeconds(30)).ignoreExceptions().untilAsserted(() -> {
					waiting.signals().listen(newId(), RedisStoreFixture::ignore).close();
					Lease lease = ((ClaimResult.Acquired) waiting.claim(request(id, false))).lease();
					waiting.claim(request(id, true));
					waiting.release(lease, new Release.Forget());
					assertThat(woken).hasPositiveValue();
				});
			}
			connections.destroy();
		}
	}

}
