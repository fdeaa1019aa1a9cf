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

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.OnUnknown;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.CompletionSignals.Registration;
import io.idempotency.store.FailureNote;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.test.servers.RedisServer;
import io.idempotency.test.servers.TcpProxy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

/**
 * Tests for what {@link RedisIdempotencyStore} does on the server, beyond the contract of
 * a store.
 */
class RedisScriptsIntegrationTests {

	private static final Duration LEASE = Duration.ofSeconds(30);

	private static final Duration ABANDONED_TTL = Duration.ofDays(7);

	private static final Duration TTL = Duration.ofHours(24);

	private static final StoredOutcome OUTCOME = StoredOutcome.value("{\"id\":1}".getBytes(StandardCharsets.UTF_8));

	private static final FailureNote NOTE = new FailureNote("java.net.ConnectException", "refused");

	private static final Random RANDOM = new Random();

	private static RedisServer server;

	private static LettuceConnectionFactory factory;

	private RedisIdempotencyStore store;

	@BeforeAll
	static void startServer() {
		server = RedisServer.launch();
		factory = RedisConnections.to(server.url());
	}

	@AfterAll
	static void stopServer() {
		factory.destroy();
		server.close();
	}

	@BeforeEach
	void createStore() {
		this.store = new RedisIdempotencyStore(factory);
		runOnce(newId());
		resetCommandCounts();
	}

	@AfterEach
	void closeStore() {
		this.store.close();
		await().untilAsserted(() -> assertThat(channels()).isZero());
	}

	@Test
	void firstRunIsTwoCommands() {
		runOnce(newId());

		assertThat(commandCounts()).isEqualTo(Map.of("evalsha", 2, "time", 1, "get", 1, "set", 2, "getrange", 1));
	}

	@Test
	void replayIsOneCommandThatWritesNothing() {
		RecordId id = newId();
		runOnce(id);
		resetCommandCounts();
		String changes = changes();

		assertThat(this.store.claim(request(id, true))).isInstanceOf(ClaimResult.Occupied.class);

		assertThat(commandCounts()).isEqualTo(Map.of("evalsha", 1, "time", 1, "get", 1, "pttl", 1));
		assertThat(changes()).isEqualTo(changes);
	}

	@Test
	void refusedClaimThatWillNotWaitWritesNothing() {
		RecordId id = newId();
		acquire(id);
		String changes = changes();

		this.store.claim(request(id, false));

		assertThat(changes()).isEqualTo(changes);
	}

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
		try (Registration one = this.store.signals().listen(newId(), RedisScriptsIntegrationTests::ignore);
				Registration another = this.store.signals().listen(newId(), RedisScriptsIntegrationTests::ignore)) {
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
		this.store.signals().listen(newId(), RedisScriptsIntegrationTests::ignore);
		assertThat(channels()).isOne();

		this.store.close();
		this.store.close();

		await().untilAsserted(() -> assertThat(channels()).isZero());
		this.store.signals().listen(newId(), RedisScriptsIntegrationTests::ignore).close();
		assertThat(channels()).isZero();
	}

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
	void everyKeyHasAnExpiry() {
		RecordId live = newId();
		this.store.renew(acquire(live), LEASE);
		RecordId completed = newId();
		runOnce(completed);
		RecordId failed = newId();
		this.store.release(acquire(failed), new Release.Failed(NOTE));
		RecordId unknown = newId();
		leaveUnknown(unknown);
		RecordId again = newId();
		this.store.resolve(again, leaveUnknown(again).fence(), new Resolution.RunAgain());
		RecordId resolved = newId();
		this.store.resolve(resolved, leaveUnknown(resolved).fence(), new Resolution.Complete(OUTCOME, TTL));

		for (RecordId id : new RecordId[] { live, failed, unknown, again }) {
			assertThat(ttl(id)).isCloseTo(LEASE.plus(ABANDONED_TTL).toMillis(), within(2000L));
		}
		for (RecordId id : new RecordId[] { completed, resolved }) {
			assertThat(ttl(id)).isCloseTo(TTL.toMillis(), within(2000L));
		}
	}

	@Test
	void retentionOfAFailedRecordDoesNotGrowWithEachDecision() {
		RecordId id = newId();
		Lease lease = leaveUnknown(id);

		for (int decision = 0; decision < 5; decision++) {
			RedisConnections.elapse(factory, id, ABANDONED_TTL);
			assertThat(this.store.resolve(id, lease.fence() + decision, new Resolution.RunAgain())).isTrue();
		}

		assertThat(ttl(id)).isCloseTo(LEASE.plus(ABANDONED_TTL).toMillis(), within(2000L));
	}

	@Test
	void expiryThatAnOperatorRemovedStaysRemoved() {
		RecordId id = newId();
		Lease lease = acquire(id);
		RedisConnections.eval(factory, "return redis.call('PERSIST', KEYS[1])", RedisConnections.key(id));

		this.store.renew(lease, LEASE);
		this.store.release(lease, new Release.Unknown(NOTE));

		assertThat(ttl(id)).isEqualTo(-1);
		assertThat(this.store.find(id)).hasValueSatisfying(
				(record) -> assertThat(record.expiresAt()).isAfter(Instant.now().plus(Duration.ofDays(36_500))));
	}

	@Test
	void timesBelowAMillisecondAreRoundedUpAndVeryLongOnesAreCut() {
		RecordId id = newId();
		Lease lease = acquire(id);
		assertThat(this.store.renew(lease, Duration.ofNanos(1))).isTrue();
		assertThat(this.store.renew(lease, Duration.ofSeconds(Long.MAX_VALUE))).isTrue();

		assertThat(this.store.complete(lease, OUTCOME, Duration.ofSeconds(Long.MAX_VALUE))).isTrue();

		assertThat(ttl(id)).isGreaterThan(Duration.ofDays(364_999).toMillis());
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 16, 100, 500, 1000, 2048 })
	void recordTakesAtMost64BytesMoreThanItsPayload(int length) {
		RecordId id = newId();
		byte[] payload = new byte[length];
		RANDOM.nextBytes(payload);
		this.store.complete(acquire(id), StoredOutcome.value(payload), TTL);
		byte[] plain = RedisConnections.key(newId());
		try (RedisConnection connection = factory.getConnection()) {
			connection.stringCommands().set(plain, payload);
		}

		long overhead = memory(RedisConnections.key(id)) - memory(plain);

		assertThat(overhead).isBetween(0L, 64L);
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

	@ParameterizedTest
	@ValueSource(ints = { 0, 2, 255 })
	void recordOfAnotherFormatIsLeftAlone(int version) {
		RecordId id = newId();
		Lease lease = acquire(id);
		RedisConnections.eval(factory, "return redis.call('SETRANGE', KEYS[1], 0, ARGV[1])", RedisConnections.key(id),
				new byte[] { (byte) version });
		byte[] before = value(id);

		assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> this.store.claim(request(id, true)))
			.withMessageContaining("version " + version);
		assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> this.store.find(id));
		assertThatExceptionOfType(UnreadableRecordException.class)
			.isThrownBy(() -> this.store.resolve(id, lease.fence(), new Resolution.RunAgain()));
		assertThat(this.store.complete(lease, OUTCOME, TTL)).isFalse();
		assertThat(this.store.renew(lease, LEASE)).isFalse();
		assertThat(this.store.release(lease, new Release.Failed(NOTE))).isFalse();
		assertThat(this.store.release(lease, new Release.Forget())).isFalse();
		assertThat(value(id)).isEqualTo(before);
	}

	@Test
	void shortValueUnderTheKeyIsLeftAlone() {
		RecordId id = newId();
		try (RedisConnection connection = factory.getConnection()) {
			connection.stringCommands().set(RedisConnections.key(id), new byte[] { 1, 2, 3 });
		}

		assertThatExceptionOfType(UnreadableRecordException.class)
			.isThrownBy(() -> this.store.claim(request(id, false)));
		assertThat(value(id)).isEqualTo(new byte[] { 1, 2, 3 });
	}

	@Test
	void decisionSentTwiceIsTrueTwiceAndCarriedOutOnce() {
		RecordId completed = newId();
		Lease left = leaveUnknown(completed);
		RecordId again = newId();
		Lease lost = leaveUnknown(again);

		for (int time = 0; time < 2; time++) {
			assertThat(this.store.resolve(completed, left.fence(), new Resolution.Complete(OUTCOME, TTL))).isTrue();
			assertThat(this.store.resolve(again, lost.fence(), new Resolution.RunAgain())).isTrue();
		}

		StoredOutcome other = StoredOutcome.value(new byte[] { 1 });
		assertThat(this.store.resolve(completed, left.fence(), new Resolution.Complete(other, TTL))).isFalse();
		assertThat(this.store.find(again)).hasValueSatisfying((record) -> {
			assertThat(record.fence()).isEqualTo(lost.fence() + 1);
			assertThat(record.failure()).isEqualTo(NOTE);
		});
	}

	@Test
	void attemptsAreCountedUpTo65535() {
		RecordId id = newId();
		Lease lease = acquire(id);
		RedisConnections.eval(factory, "return redis.call('SETRANGE', KEYS[1], 2, '\\255\\255')",
				RedisConnections.key(id));
		this.store.release(lease, new Release.Failed(NOTE));

		ClaimResult.Acquired acquired = (ClaimResult.Acquired) this.store.claim(request(id, false));

		assertThat(acquired.attempt()).isEqualTo(65_535);
		assertThat(acquired.lease().fence()).isEqualTo(lease.fence() + 1);
	}

	@Test
	void prefixesKeepApplicationsApart() {
		RecordId id = newId();
		acquire(id);
		try (RedisIdempotencyStore other = new RedisIdempotencyStore(factory, "other:");
				RedisConnection connection = factory.getConnection()) {
			assertThat(other.claim(request(id, false))).isInstanceOf(ClaimResult.Acquired.class);
			byte[] key = ("other:" + id.toHex()).getBytes(StandardCharsets.UTF_8);
			assertThat(connection.keyCommands().exists(key)).isTrue();
		}
	}

	private void runOnce(RecordId id) {
		assertThat(this.store.complete(acquire(id), OUTCOME, TTL)).isTrue();
	}

	private Lease leaveUnknown(RecordId id) {
		Lease lease = acquire(id);
		assertThat(this.store.release(lease, new Release.Unknown(NOTE))).isTrue();
		return lease;
	}

	private Lease acquire(RecordId id) {
		return ((ClaimResult.Acquired) this.store.claim(request(id, false))).lease();
	}

	private static ClaimRequest request(RecordId id, boolean waiting) {
		return new ClaimRequest(id, "pay", UUID.randomUUID(), null, OnUnknown.RETRY, LEASE, ABANDONED_TTL, TTL,
				waiting);
	}

	private static RecordId newId() {
		byte[] digest = new byte[RecordId.LENGTH];
		RANDOM.nextBytes(digest);
		return RecordId.of(digest);
	}

	private static void ignore() {
	}

	private static void resetCommandCounts() {
		try (RedisConnection connection = factory.getConnection()) {
			connection.serverCommands().resetConfigStats();
		}
	}

	private static Map<String, Integer> commandCounts() {
		Properties stats = RedisConnections.info(factory, "commandstats");
		Map<String, Integer> counts = new TreeMap<>();
		for (String name : stats.stringPropertyNames()) {
			String command = name.substring("cmdstat_".length());
			if (!command.startsWith("config") && !command.equals("info")) {
				counts.put(command, Integer.valueOf(stats.getProperty(name).replaceAll("calls=(\\d+),.*", "$1")));
			}
		}
		return counts;
	}

	private static String changes() {
		return RedisConnections.info(factory, "persistence").getProperty("rdb_changes_since_last_save");
	}

	private static long channels() {
		return RedisConnections.eval(factory, "return #redis.call('PUBSUB', 'CHANNELS')", new byte[] { 1 });
	}

	private static long ttl(RecordId id) {
		return RedisConnections.eval(factory, "return redis.call('PTTL', KEYS[1])", RedisConnections.key(id));
	}

	private static long memory(byte[] key) {
		return RedisConnections.eval(factory, "return redis.call('MEMORY', 'USAGE', KEYS[1])", key);
	}

	private static byte[] value(RecordId id) {
		try (RedisConnection connection = factory.getConnection()) {
			return connection.stringCommands().get(RedisConnections.key(id));
		}
	}

	private static void flushScripts() {
		try (RedisConnection connection = factory.getConnection()) {
			connection.scriptingCommands().scriptFlush();
		}
	}

}
