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

import io.idempotency.store.ClaimResult;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.UnreadableRecordException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.redis.connection.RedisConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

/**
 * Tests for what {@link RedisIdempotencyStore} sends to the server and keeps there.
 */
class RedisRecordsIntegrationTests extends RedisStoreFixture {

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
	@ValueSource(ints = { 100, 2048 })
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
		// What an allocator rounds up depends on it and on the length
		assertThat(value(id)).hasSize(55 + length);
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
	void runningAgainKeepsTheNoteOfTheLastAttemptButNoOutcome() {
		RecordId unknown = newId();
		RecordId completed = newId();
		Lease done = acquire(completed);
		this.store.complete(done, OUTCOME, TTL);

		this.store.resolve(unknown, leaveUnknown(unknown).fence(), new Resolution.RunAgain());
		this.store.resolve(completed, done.fence(), new Resolution.RunAgain());

		assertThat(this.store.find(unknown)).map(IdempotencyRecord::failure).contains(NOTE);
		assertThat(this.store.find(completed)).hasValueSatisfying((record) -> {
			assertThat(record.status()).isEqualTo(RecordStatus.FAILED);
			assertThat(record.outcome()).isNull();
			assertThat(record.failure()).isNull();
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

}
