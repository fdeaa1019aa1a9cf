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

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

import io.idempotency.store.ClaimResult;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.NonBlockingStore.NonBlockingVerbs;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.test.servers.RedisServer;
import io.idempotency.test.servers.TcpProxy;
import org.junit.jupiter.api.Test;

import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the non-blocking verbs of {@link RedisIdempotencyStore} on a network and a
 * server that fail.
 */
class RedisNonBlockingNetworkIntegrationTests extends RedisStoreFixture {

	@Test
	void scriptsAreSentAgainAfterTheServerForgotThem() {
		RecordId id = newId();
		flushScripts();
		Lease lease = won(verbs(this.store).claim(request(id, false)));
		flushScripts();
		assertThat(get(verbs(this.store).complete(lease, OUTCOME, TTL))).isTrue();

		assertThat(get(verbs(this.store).claim(request(id, false)))).isInstanceOf(ClaimResult.Occupied.class);
	}

	@Test
	void claimAndCompletionWhoseAnswersWereCutOffAreFoundApplied() {
		try (TcpProxy proxy = TcpProxy.to(server.host(), server.port())) {
			LettuceConnectionFactory connections = RedisConnections.to("redis://127.0.0.1:" + proxy.port());
			NonBlockingVerbs distant = verbs(new RedisIdempotencyStore(connections));
			get(distant.claim(request(newId(), false)));
			RecordId id = newId();

			proxy.injectOnce(TcpProxy.Fault.CUT_REPLY, "EVALSHA");
			Lease lease = won(distant.claim(request(id, false)));
			proxy.injectOnce(TcpProxy.Fault.CUT_REPLY, "EVALSHA");
			boolean mine = get(distant.complete(lease, OUTCOME, TTL));

			assertThat(proxy.faults()).isEqualTo(2);
			assertThat(mine).isTrue();
			assertThat(this.store.find(id)).map(IdempotencyRecord::status).contains(RecordStatus.COMPLETED);
			connections.destroy();
		}
	}

	@Test
	void serverThatIsGoneFailsTheStageInTimeAndThenServesAgain() {
		try (RedisServer restarted = RedisServer.launch()) {
			LettuceConnectionFactory connections = RedisConnections.to(restarted.url());
			NonBlockingVerbs unlucky = verbs(new RedisIdempotencyStore(connections));
			RecordId id = newId();
			Lease lease = won(unlucky.claim(request(id, false)));

			restarted.stop();
			assertThat(unlucky.complete(lease, OUTCOME, TTL).toCompletableFuture()).failsWithin(10, TimeUnit.SECONDS)
				.withThrowableThat()
				.withCauseInstanceOf(DataAccessException.class);
			assertThat(unlucky.claim(request(id, false)).toCompletableFuture()).failsWithin(10, TimeUnit.SECONDS)
				.withThrowableThat()
				.withCauseInstanceOf(DataAccessException.class);
			restarted.start();

			await().atMost(Duration.ofSeconds(30))
				.ignoreExceptions()
				.untilAsserted(() -> assertThat(get(unlucky.complete(lease, OUTCOME, TTL))).isFalse());
			assertThat(won(unlucky.claim(request(id, false)))).isNotNull();
			connections.destroy();
		}
	}

	@Test
	void serverThatWasNeverThereFailsTheStage() {
		LettuceConnectionFactory connections = RedisConnections.to("redis://127.0.0.1:1");

		assertThat(verbs(new RedisIdempotencyStore(connections)).claim(request(newId(), false)).toCompletableFuture())
			.failsWithin(10, TimeUnit.SECONDS)
			.withThrowableThat()
			.withCauseInstanceOf(DataAccessException.class);

		connections.destroy();
	}

	@Test
	void callerConnectsNeitherAtFirstNorAfterAFailure() {
		Queue<String> threads = new ConcurrentLinkedQueue<>();
		try (RedisServer restarted = RedisServer.launch()) {
			LettuceConnectionFactory connections = RedisConnections.to(restarted.url());
			NonBlockingVerbs verbs = verbs(new RedisIdempotencyStore(noting(threads, connections)));
			String caller = Thread.currentThread().getName();

			get(verbs.claim(request(newId(), false)));
			get(verbs.claim(request(newId(), false)));
			assertThat(threads).hasSize(2).last().isEqualTo(caller);
			assertThat(threads.peek()).startsWith("boundedElastic-");

			restarted.stop();
			assertThat(verbs.claim(request(newId(), false)).toCompletableFuture()).failsWithin(10, TimeUnit.SECONDS);
			threads.clear();
			assertThat(verbs.claim(request(newId(), false)).toCompletableFuture()).failsWithin(10, TimeUnit.SECONDS);
			assertThat(List.copyOf(threads)).singleElement().asString().startsWith("boundedElastic-");
			connections.destroy();
		}
	}

	@Test
	void connectionsThatOnlyBlockHaveNoSuchVerbs() {
		RedisConnectionFactory blocking = (RedisConnectionFactory) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { RedisConnectionFactory.class }, (proxy, method, arguments) -> {
					throw new UnsupportedOperationException(method.getName());
				});

		assertThat(new RedisIdempotencyStore(blocking).nonBlocking()).isNull();
	}

	/** Both kinds of connections, and who asked for the reactive ones. */
	private static RedisConnectionFactory noting(Queue<String> threads, LettuceConnectionFactory connections) {
		return (RedisConnectionFactory) Proxy.newProxyInstance(RedisConnectionFactory.class.getClassLoader(),
				new Class<?>[] { RedisConnectionFactory.class, ReactiveRedisConnectionFactory.class },
				(proxy, method, arguments) -> {
					if (method.getName().equals("getReactiveConnection")) {
						threads.add(Thread.currentThread().getName());
					}
					try {
						return method.invoke(connections, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
	}

	private static NonBlockingVerbs verbs(RedisIdempotencyStore store) {
		NonBlockingVerbs verbs = store.nonBlocking();
		assertThat(verbs).isNotNull();
		return verbs;
	}

	private static Lease won(CompletionStage<ClaimResult> claim) {
		return ((ClaimResult.Acquired) get(claim)).lease();
	}

	private static <T> T get(CompletionStage<T> stage) {
		assertThat(stage.toCompletableFuture()).succeedsWithin(10, TimeUnit.SECONDS);
		return stage.toCompletableFuture().join();
	}

}
