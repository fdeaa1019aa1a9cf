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

package io.idempotency.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.idempotency.OnUnknown;
import io.idempotency.store.CompletionSignals.Registration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What every {@link IdempotencyStore} has to do, as tests. For a store of your own,
 * extend this class and {@link IdempotencyStoreConcurrencyContract}, return the store
 * from {@link #createStore()}, and make time pass for a record in
 * {@link #elapse(RecordId, Duration)}; nothing else is needed:
 *
 * <pre class="code">
 * class MyStoreTests extends IdempotencyStoreContract {
 *
 *     private final MutableClock clock = new MutableClock(Instant.EPOCH);
 *
 *     &#64;Override
 *     protected IdempotencyStore createStore() {
 *         return new MyStore(this.clock);
 *     }
 *
 *     &#64;Override
 *     protected void elapse(RecordId id, Duration time) {
 *         this.clock.advance(time);
 *     }
 *
 * }
 * </pre>
 *
 * No case sleeps, needs an empty store or leaves anything behind that would disturb
 * another.
 */
public abstract class IdempotencyStoreContract extends CheckpointContract {

	/** For times that are derived from one another. */
	private static final long MILLI = 5;

	// Claims

	@Test
	void nameIsAShortLowerCaseWord() {
		assertThat(this.store.name()).matches("[a-z][a-z0-9-]{1,15}");
	}

	@Test
	void firstClaimAcquires() {
		RecordId id = newId();
		UUID owner = UUID.randomUUID();

		ClaimResult.Acquired acquired = acquire(ask(id).as(owner));

		assertThat(acquired.attempt()).isEqualTo(1);
		assertThat(acquired.lease().id()).isEqualTo(id);
		assertThat(acquired.lease().owner()).isEqualTo(owner);
	}

	@Test
	void firstFenceIsTheStoresTimeInMicroseconds() {
		Lease lease = acquire(newId());

		Instant claimedAt = found(lease.id()).claimedAt();
		assertThat(lease.fence()).isCloseTo(ChronoUnit.MICROS.between(Instant.EPOCH, claimedAt), within(1_000_000L));
	}

	@ParameterizedTest
	@EnumSource(names = { "RETRY", "HOLD" })
	void claimIsRecordedAsItWasAskedFor(OnUnknown policy) {
		RecordId id = newId();
		UUID owner = UUID.randomUUID();

		Lease lease = acquire(ask(id).as(owner).with(PAY_10).under(policy)).lease();

		IdempotencyRecord record = found(id);
		assertThat(record.id()).isEqualTo(id);
		assertThat(record.status()).isEqualTo(RecordStatus.IN_PROGRESS);
		assertThat(record.policy()).isEqualTo(policy);
		assertThat(record.fingerprint()).isEqualTo(PAY_10);
		assertThat(record.owner()).isEqualTo(owner);
		assertThat(record.fence()).isEqualTo(lease.fence());
		assertThat(record.attempt()).isEqualTo(1);
		assertThat(record.outcome()).isNull();
		assertThat(record.failure()).isNull();
		assertThat(record.live()).isTrue();
	}

	@Test
	void claimWithoutFingerprintRecordsNone() {
		RecordId id = newId();

		acquire(ask(id));

		assertThat(found(id).fingerprint()).isNull();
	}

	@Test
	void claimSetsLeaseAndExpiry() {
		RecordId id = newId();

		acquire(id);

		IdempotencyRecord record = found(id);
		assertThat(record.leaseUntil()).isCloseTo(record.claimedAt().plus(LEASE), within(MILLI, ChronoUnit.MILLIS));
		assertThat(record.expiresAt()).isCloseTo(record.claimedAt().plus(LEASE).plus(ABANDONED_TTL),
				within(MILLI, ChronoUnit.MILLIS));
	}

	@Test
	void leasesOfOneMillisecondAndOfAYearAreKept() {
		RecordId shortly = newId();
		RecordId yearLong = newId();

		acquire(ask(shortly).leasedFor(Duration.ofMillis(1)));
		acquire(ask(yearLong).leasedFor(Duration.ofDays(365)));

		assertThat(found(shortly).leaseUntil()).isCloseTo(found(shortly).claimedAt(), within(MILLI, ChronoUnit.MILLIS));
		assertThat(found(yearLong).leaseUntil()).isCloseTo(found(yearLong).claimedAt().plus(Duration.ofDays(365)),
				within(MILLI, ChronoUnit.MILLIS));
	}

	@Test
	void liveRecordIsOccupied() {
		RecordId id = newId();
		Lease lease = acquire(id);

		IdempotencyRecord record = refused(ask(id));

		assertThat(record.live()).isTrue();
		assertThat(record.owner()).isEqualTo(lease.owner());
		assertThat(record.fence()).isEqualTo(lease.fence());
	}

	@Test
	void refusedClaimSeesWhatAReadSees() {
		RecordId id = newId();
		Lease lease = acquire(ask(id).with(PAY_10).under(OnUnknown.HOLD)).lease();
		this.store.complete(lease, StoredOutcome.noValue(), TTL);

		IdempotencyRecord refused = refused(ask(id).with(PAY_10));

		assertThat(refused).usingRecursiveComparison().ignoringFields("readAt", "expiresAt").isEqualTo(found(id));
		assertThat(refused.expiresAt()).isCloseTo(found(id).expiresAt(), within(MILLI, ChronoUnit.MILLIS));
	}

	@ParameterizedTest
	@EnumSource(names = { "RETRY", "HOLD" })
	void recordIsOccupiedUntilItsLeaseLapses(OnUnknown policy) {
		RecordId id = newId();
		acquire(ask(id).under(policy));

		elapse(id, LEASE.minusSeconds(15));

		assertThat(refused(ask(id)).live()).isTrue();
	}

	@Test
	void refusedClaimChangesNothing() {
		RecordId id = newId();
		acquire(ask(id).with(PAY_10));
		IdempotencyRecord before = found(id);

		refused(ask(id).under(OnUnknown.HOLD).with(PAY_10).leasedFor(Duration.ofHours(1)).waiting());

		assertUnchanged(before);
	}

	@Test
	void claimResentByItsOwnerReturnsTheSameLease() {
		Asking asking = ask(newId()).with(PAY_10);

		ClaimResult.Acquired first = acquire(asking);
		ClaimResult.Acquired second = acquire(asking);

		assertThat(second).isEqualTo(first);
	}

	@Test
	void claimResentByItsOwnerDoesNotMoveTheLease() {
		RecordId id = newId();
		Asking asking = ask(id);
		acquire(asking);
		elapse(id, Duration.ofSeconds(5));
		IdempotencyRecord before = found(id);

		acquire(asking);

		assertUnchanged(before);
	}

	@Test
	void takeoverResentByItsOwnerReturnsTheSameLease() {
		RecordId id = newId();
		acquire(id);
		lapse(id);
		Asking asking = ask(id);

		ClaimResult.Acquired first = acquire(asking);
		ClaimResult.Acquired second = acquire(asking);

		assertThat(second).isEqualTo(first);
		assertThat(second.attempt()).isEqualTo(2);
	}

	@Test
	void lapsedRecordIsTakenOver() {
		RecordId id = newId();
		Lease old = acquire(id);
		lapse(id);
		IdempotencyRecord before = found(id);

		ClaimResult.Acquired acquired = acquire(ask(id));

		assertThat(acquired.lease().fence()).isEqualTo(old.fence() + 1);
		assertThat(acquired.attempt()).isEqualTo(2);
		IdempotencyRecord record = found(id);
		assertThat(record.live()).isTrue();
		assertThat(record.owner()).isEqualTo(acquired.lease().owner()).isNotEqualTo(old.owner());
		assertThat(record.fence()).isEqualTo(old.fence() + 1);
		assertThat(record.attempt()).isEqualTo(2);
		assertThat(record.claimedAt()).isAfter(before.claimedAt());
		assertThat(record.leaseUntil()).isAfter(before.leaseUntil());
		assertThat(record.expiresAt()).isAfter(before.expiresAt());
	}

	@Test
	void lapsedRecordUnderHoldIsNotTakenOver() {
		RecordId id = newId();
		acquire(ask(id).under(OnUnknown.HOLD));
		lapse(id);

		IdempotencyRecord record = refused(ask(id));

		assertThat(record.lapsed()).isTrue();
		assertThat(record.unknown()).isTrue();
	}

	@Test
	void policyOfTheRecordDecidesAndNotTheClaimants() {
		RecordId held = newId();
		acquire(ask(held).under(OnUnknown.HOLD));
		lapse(held);
		RecordId retried = newId();
		acquire(ask(retried).under(OnUnknown.RETRY));
		lapse(retried);

		refused(ask(held).under(OnUnknown.RETRY));
		ClaimResult.Acquired acquired = acquire(ask(retried).under(OnUnknown.HOLD));

		assertThat(acquired.attempt()).isEqualTo(2);
	}

	@Test
	void takeoverBringsItsOwnPolicy() {
		RecordId id = newId();
		acquire(ask(id).under(OnUnknown.RETRY));
		lapse(id);
		acquire(ask(id).under(OnUnknown.HOLD));
		lapse(id);

		IdempotencyRecord record = refused(ask(id));

		assertThat(record.policy()).isEqualTo(OnUnknown.HOLD);
	}

	@Test
	void takeoverBringsItsOwnLease() {
		RecordId id = newId();
		acquire(id);
		lapse(id);

		acquire(ask(id).leasedFor(Duration.ofMinutes(10)));

		IdempotencyRecord record = found(id);
		assertThat(record.leaseUntil()).isCloseTo(record.claimedAt().plus(Duration.ofMinutes(10)),
				within(MILLI, ChronoUnit.MILLIS));
		assertThat(record.expiresAt()).isCloseTo(record.leaseUntil().plus(ABANDONED_TTL),
				within(MILLI, ChronoUnit.MILLIS));
	}

	@ParameterizedTest
	@EnumSource(names = { "RETRY", "HOLD" })
	void failedRecordIsTakenOverAtOnce(OnUnknown policy) {
		RecordId id = newId();
		Lease old = acquire(ask(id).under(policy)).lease();
		this.store.release(old, new Release.Failed(note()));

		ClaimResult.Acquired acquired = acquire(ask(id));

		assertThat(acquired.lease().fence()).isEqualTo(old.fence() + 1);
		assertThat(acquired.attempt()).isEqualTo(2);
		assertThat(found(id).live()).isTrue();
		assertThat(found(id).failure()).isNull();
	}

	@ParameterizedTest
	@EnumSource(names = { "RETRY", "HOLD" })
	void unknownRecordIsNotTakenOver(OnUnknown policy) {
		RecordId id = newId();
		Lease lease = acquire(ask(id).under(policy)).lease();
		this.store.release(lease, new Release.Unknown(note()));
		lapse(id);

		IdempotencyRecord record = refused(ask(id));

		assertThat(record.unknown()).isTrue();
		assertThat(record.status()).isEqualTo(RecordStatus.UNKNOWN);
	}

	@Test
	void completedRecordIsNotTakenOver() {
		RecordId id = newId();
		Asking asking = ask(id);
		Lease lease = acquire(asking).lease();
		this.store.complete(lease, StoredOutcome.noValue(), TTL);
		lapse(id);

		assertThat(refused(ask(id)).status()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(refused(asking).status()).isEqualTo(RecordStatus.COMPLETED);
	}

	@ParameterizedTest
	@EnumSource
	void recordThatExpiredStartsAnew(State state) {
		RecordId id = newId();
		Lease old = reach(state, id, null);
		expire(id);

		ClaimResult.Acquired acquired = acquire(ask(id));

		assertThat(acquired.attempt()).isEqualTo(1);
		assertThat(acquired.lease().fence()).isGreaterThan(old.fence());
		IdempotencyRecord record = found(id);
		assertThat(record.status()).isEqualTo(RecordStatus.IN_PROGRESS);
		assertThat(record.outcome()).isNull();
		assertThat(record.failure()).isNull();
	}

	@Test
	void fenceGrowsByOneWithEachTakeoverAndAttemptsAreCounted() {
		RecordId id = newId();
		Lease lease = acquire(id);

		for (int attempt = 2; attempt <= 6; attempt++) {
			if (attempt % 2 == 0) {
				lapse(id);
			}
			else {
				this.store.release(lease, new Release.Failed(note()));
			}
			ClaimResult.Acquired next = acquire(ask(id));
			assertThat(next.attempt()).isEqualTo(attempt);
			assertThat(next.lease().fence()).isEqualTo(lease.fence() + 1);
			lease = next.lease();
		}
	}

	@Test
	void fenceNeverFallsWhileRecordsComeAndGo() {
		RecordId id = newId();
		long fence = 0;

		for (int round = 0; round < 5; round++) {
			Lease first = acquire(id);
			assertThat(first.fence()).isGreaterThan(fence);
			this.store.release(first, new Release.Failed(note()));
			Lease second = acquire(id);
			assertThat(second.fence()).isGreaterThan(first.fence());
			fence = second.fence();
			if (round % 2 == 0) {
				this.store.complete(second, StoredOutcome.noValue(), TTL);
				expire(id);
			}
			else {
				this.store.release(second, new Release.Forget());
			}
		}
	}

	@Test
	void recordsWithDifferentIdsKnowNothingOfEachOther() {
		byte[] digest = newId().toBytes();
		RecordId one = RecordId.of(digest);
		digest[RecordId.LENGTH - 1] ^= 1;
		RecordId other = RecordId.of(digest);
		Lease lease = acquire(one);

		acquire(other);
		this.store.complete(lease, StoredOutcome.noValue(), TTL);

		assertThat(found(one).status()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(found(other).status()).isEqualTo(RecordStatus.IN_PROGRESS);
	}

	@Test
	void idsMayHaveZerosAndHighBitsAnywhere() {
		byte[] digest = newId().toBytes();
		digest[0] = 0;
		digest[1] = (byte) 0xFF;
		digest[RecordId.LENGTH - 1] = 0;
		RecordId id = RecordId.of(digest);

		acquire(id);

		assertThat(found(id).id()).isEqualTo(id);
	}

	@Test
	void ownerTokensKeepAll128Bits() {
		RecordId id = newId();

		acquire(ask(id).as(new UUID(Long.MIN_VALUE, -1)));

		assertThat(found(id).owner()).isEqualTo(new UUID(Long.MIN_VALUE, -1));
		refused(ask(id).as(new UUID(Long.MIN_VALUE, -2)));
		acquire(ask(id).as(new UUID(Long.MIN_VALUE, -1)));
	}

	// Fingerprints

	@ParameterizedTest(name = "{0}: recorded {1}, asked {2}")
	@MethodSource("fingerprintsOnEveryPath")
	void fingerprintDecidesWhoTakesOver(State state, @Nullable Fingerprint recorded, @Nullable Fingerprint asked) {
		RecordId id = newId();
		Lease lease = reach(state, id, recorded);
		boolean matching = recorded == null || asked == null || recorded.equals(asked);

		ClaimResult result = this.store.claim(ask(id).with(asked).request());

		if (state.claimable && matching) {
			assertThat(result).isInstanceOf(ClaimResult.Acquired.class);
			assertThat(found(id).fence()).isEqualTo(lease.fence() + 1);
		}
		else {
			assertThat(result).isInstanceOf(ClaimResult.Occupied.class);
			assertThat(((ClaimResult.Occupied) result).record().fingerprint()).isEqualTo(recorded);
			assertThat(found(id).fence()).isEqualTo(lease.fence());
		}
	}

	static Stream<Arguments> fingerprintsOnEveryPath() {
		return Arrays.stream(State.values())
			.flatMap((state) -> Stream.of(Arguments.of(state, PAY_10, PAY_10), Arguments.of(state, PAY_10, PAY_11),
					Arguments.of(state, null, PAY_10), Arguments.of(state, PAY_10, null),
					Arguments.of(state, null, null)));
	}

	@ParameterizedTest
	@EnumSource
	void fingerprintOfAnExpiredRecordDoesNotCount(State state) {
		RecordId id = newId();
		reach(state, id, PAY_10);
		expire(id);

		acquire(ask(id).with(PAY_11));

		assertThat(found(id).fingerprint()).isEqualTo(PAY_11);
	}

	@ParameterizedTest
	@EnumSource
	void claimWithAnotherFingerprintChangesNothing(State state) {
		RecordId id = newId();
		reach(state, id, PAY_10);
		IdempotencyRecord before = found(id);

		refused(ask(id).with(PAY_11));

		assertUnchanged(before);
	}

	@Test
	void takeoverRecordsTheFingerprintThatWasMissing() {
		RecordId id = newId();
		acquire(ask(id));
		lapse(id);

		acquire(ask(id).with(PAY_10));

		assertThat(found(id).fingerprint()).isEqualTo(PAY_10);
		lapse(id);
		refused(ask(id).with(PAY_11));
	}

	// Completion

	@ParameterizedTest(name = "{0}")
	@MethodSource("outcomes")
	void outcomeComesBackAsItWent(String what, StoredOutcome outcome) {
		RecordId id = newId();
		Lease lease = acquire(id);

		assertThat(this.store.complete(lease, outcome, TTL)).isTrue();

		assertOutcome(found(id), outcome);
		assertOutcome(refused(ask(id)), outcome);
	}

	static Stream<Arguments> outcomes() {
		byte[] everyByte = new byte[512];
		for (int i = 0; i < everyByte.length; i++) {
			everyByte[i] = (byte) i;
		}
		byte[] mebibyte = new byte[1024 * 1024];
		new Random(42).nextBytes(mebibyte);
		byte[] text = "{\"name\":\"Zoë \u2603 \uD83D\uDE00\",\"n\":1}".getBytes(StandardCharsets.UTF_8);
		return Stream.of(Arguments.of("text", StoredOutcome.value(text)),
				Arguments.of("empty value", StoredOutcome.value(new byte[0])),
				Arguments.of("one zero byte", StoredOutcome.value(new byte[1])),
				Arguments.of("every byte", StoredOutcome.value(everyByte)),
				Arguments.of("1 MiB", StoredOutcome.value(mebibyte)), Arguments.of("no value", StoredOutcome.noValue()),
				Arguments.of("failure", StoredOutcome.failure(text)),
				Arguments.of("empty failure", StoredOutcome.failure(new byte[0])),
				Arguments.of("binary failure", StoredOutcome.failure(everyByte)),
				Arguments.of("unavailable", StoredOutcome.unavailable()));
	}

	@Test
	void completionKeepsWhatTheClaimRecorded() {
		RecordId id = newId();
		Lease lease = acquire(ask(id).with(PAY_10).under(OnUnknown.HOLD)).lease();
		IdempotencyRecord before = found(id);

		this.store.complete(lease, StoredOutcome.noValue(), TTL);

		IdempotencyRecord record = found(id);
		assertThat(record.fingerprint()).isEqualTo(PAY_10);
		assertThat(record.policy()).isEqualTo(OnUnknown.HOLD);
		assertThat(record.owner()).isEqualTo(lease.owner());
		assertThat(record.fence()).isEqualTo(lease.fence());
		assertThat(record.attempt()).isEqualTo(1);
		assertThat(record.claimedAt()).isCloseTo(before.claimedAt(), within(1, ChronoUnit.MICROS));
		assertThat(record.failure()).isNull();
		assertThat(record.live()).isFalse();
		assertThat(record.unknown()).isFalse();
	}

	@ParameterizedTest
	@MethodSource("retentions")
	void completedRecordIsKeptForItsTtlFromCompletion(Duration ttl) {
		RecordId id = newId();
		Lease lease = acquire(id);
		elapse(id, Duration.ofSeconds(10));

		Instant before = found(id).readAt();
		this.store.complete(lease, StoredOutcome.noValue(), ttl);

		IdempotencyRecord record = found(id);
		assertThat(record.expiresAt()).isBetween(before.plus(ttl).minusMillis(MILLI),
				record.readAt().plus(ttl).plusMillis(MILLI));
		elapse(id, ttl.minusSeconds(15));
		assertThat(found(id).status()).isEqualTo(RecordStatus.COMPLETED);
		elapse(id, Duration.ofSeconds(16));
		assertThat(this.store.find(id)).isEmpty();
	}

	static Stream<Duration> retentions() {
		return Stream.of(LEASE.minusSeconds(5), TTL, Duration.ofDays(400));
	}

	@Test
	void completionMayBeSentTwiceAndTheFirstOutcomeStays() {
		RecordId id = newId();
		Lease lease = acquire(id);
		StoredOutcome first = StoredOutcome.value(new byte[] { 1 });
		this.store.complete(lease, first, TTL);
		IdempotencyRecord before = found(id);

		boolean again = this.store.complete(lease, StoredOutcome.value(new byte[] { 2 }), TTL.plusHours(9));

		assertThat(again).isTrue();
		assertOutcome(found(id), first);
		assertUnchanged(before);
	}

	@Test
	void completionSentTwiceIsTrueAfterTheLeaseToo() {
		RecordId id = newId();
		Lease lease = acquire(id);
		this.store.complete(lease, StoredOutcome.noValue(), TTL);
		lapse(id);

		assertThat(this.store.complete(lease, StoredOutcome.noValue(), TTL)).isTrue();
	}

	@ParameterizedTest
	@EnumSource(names = { "RETRY", "HOLD" })
	void lateOwnerCompletesWhileNobodyTookOver(OnUnknown policy) {
		RecordId id = newId();
		Lease lease = acquire(ask(id).under(policy)).lease();
		lapse(id);

		assertThat(this.store.complete(lease, StoredOutcome.noValue(), TTL)).isTrue();

		assertThat(found(id).status()).isEqualTo(RecordStatus.COMPLETED);
	}

	@Test
	void ownerCompletesLateWhatItLeftAsUnknown() {
		RecordId id = newId();
		Lease lease = acquire(id);
		this.store.release(lease, new Release.Unknown(note()));

		assertThat(this.store.complete(lease, StoredOutcome.value(new byte[] { 7 }), TTL)).isTrue();

		assertOutcome(found(id), StoredOutcome.value(new byte[] { 7 }));
		assertThat(found(id).failure()).isNull();
	}

	@Test
	void completionNeedsARecord() {
		Lease lease = new Lease(newId(), UUID.randomUUID(), 1);

		assertThat(this.store.complete(lease, StoredOutcome.noValue(), TTL)).isFalse();

		assertThat(this.store.find(lease.id())).isEmpty();
	}

	@Test
	void completionOfAForgottenRecordIsRefused() {
		Lease lease = acquire(newId());
		this.store.release(lease, new Release.Forget());

		assertThat(this.store.complete(lease, StoredOutcome.noValue(), TTL)).isFalse();

		assertThat(this.store.find(lease.id())).isEmpty();
	}

	@Test
	void completionAfterGivingUpIsRefused() {
		Lease lease = acquire(newId());
		this.store.release(lease, new Release.Failed(note()));

		assertThat(this.store.complete(lease, StoredOutcome.noValue(), TTL)).isFalse();

		assertThat(found(lease.id()).status()).isEqualTo(RecordStatus.FAILED);
	}

	// Every verb of an owner

	@ParameterizedTest
	@EnumSource
	void verbOfAnotherOwnerIsRefused(Verb verb) {
		Lease lease = acquire(newId());
		IdempotencyRecord before = found(lease.id());

		boolean mine = verb.apply(this.store, new Lease(lease.id(), UUID.randomUUID(), lease.fence()));

		assertThat(mine).isFalse();
		assertUnchanged(before);
	}

	@ParameterizedTest
	@EnumSource
	void verbWithAnotherFenceIsRefused(Verb verb) {
		Lease lease = acquire(newId());
		IdempotencyRecord before = found(lease.id());

		boolean earlier = verb.apply(this.store, new Lease(lease.id(), lease.owner(), lease.fence() - 1));
		boolean later = verb.apply(this.store, new Lease(lease.id(), lease.owner(), lease.fence() + 1));

		assertThat(earlier).isFalse();
		assertThat(later).isFalse();
		assertUnchanged(before);
	}

	@ParameterizedTest
	@EnumSource
	void verbOfALateOwnerAppliesWhileNobodyTookOver(Verb verb) {
		Lease lease = acquire(newId());
		lapse(lease.id());

		assertThat(verb.apply(this.store, lease)).isTrue();
	}

	@ParameterizedTest
	@EnumSource
	void verbMayBeSentTwice(Verb verb) {
		Lease lease = acquire(newId());

		boolean first = verb.apply(this.store, lease);
		boolean second = verb.apply(this.store, lease);

		assertThat(first).isTrue();
		assertThat(second).isTrue();
	}

	@ParameterizedTest
	@EnumSource
	void staleOwnerIsRefusedAfterATakeover(Verb verb) {
		RecordId id = newId();
		Lease stale = acquire(id);
		lapse(id);
		acquire(id);
		IdempotencyRecord before = found(id);

		assertThat(verb.apply(this.store, stale)).isFalse();

		assertUnchanged(before);
	}

	@ParameterizedTest
	@EnumSource
	void staleOwnerIsRefusedAfterItsSuccessorCompleted(Verb verb) {
		RecordId id = newId();
		Lease stale = acquire(id);
		lapse(id);
		StoredOutcome outcome = StoredOutcome.value(new byte[] { 2 });
		this.store.complete(acquire(id), outcome, TTL);
		IdempotencyRecord before = found(id);

		assertThat(verb.apply(this.store, stale)).isFalse();

		assertUnchanged(before);
		assertOutcome(found(id), outcome);
	}

	@ParameterizedTest
	@EnumSource
	void verbResentAfterATakeoverIsRefused(Verb verb) {
		RecordId id = newId();
		Lease stale = acquire(id);
		this.store.release(stale, new Release.Failed(note()));
		acquire(id);
		IdempotencyRecord before = found(id);

		assertThat(verb.apply(this.store, stale)).isFalse();

		assertUnchanged(before);
	}

	@ParameterizedTest
	@EnumSource
	void verbOnAnExpiredRecordFindsNone(Verb verb) {
		RecordId id = newId();
		Lease lease = acquire(id);
		expire(id);

		assertThat(verb.apply(this.store, lease)).isEqualTo(verb == Verb.FORGET);

		assertThat(this.store.find(id)).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void verbOfTheOwnerBeforeAnExpiryIsRefused(Verb verb) {
		RecordId id = newId();
		Lease stale = acquire(id);
		expire(id);
		acquire(id);
		IdempotencyRecord before = found(id);

		assertThat(verb.apply(this.store, stale)).isFalse();

		assertUnchanged(before);
	}

	@ParameterizedTest
	@EnumSource
	void verbOfALateOwnerIsRefusedOnceAnOperatorDecided(Verb verb) {
		RecordId id = newId();
		Lease late = acquire(ask(id).under(OnUnknown.HOLD)).lease();
		lapse(id);
		this.store.resolve(id, late.fence(), new Resolution.RunAgain());
		IdempotencyRecord before = found(id);

		assertThat(verb.apply(this.store, late)).isFalse();

		assertUnchanged(before);
	}

	@ParameterizedTest
	@EnumSource(names = "COMPLETE", mode = EnumSource.Mode.EXCLUDE)
	void verbAfterCompletionIsRefused(Verb verb) {
		Lease lease = acquire(newId());
		this.store.complete(lease, StoredOutcome.value(new byte[] { 1 }), TTL);
		IdempotencyRecord before = found(lease.id());

		assertThat(verb.apply(this.store, lease)).isFalse();

		assertUnchanged(before);
	}

	// Release

	@Test
	void forgottenRecordIsGone() {
		RecordId id = newId();
		Lease lease = acquire(ask(id).with(PAY_10)).lease();

		assertThat(this.store.release(lease, new Release.Forget())).isTrue();

		assertThat(this.store.find(id)).isEmpty();
		ClaimResult.Acquired next = acquire(ask(id).with(PAY_11));
		assertThat(next.attempt()).isEqualTo(1);
		assertThat(next.lease().fence()).isGreaterThan(lease.fence());
	}

	@Test
	void forgettingWhatIsNotThereIsTrue() {
		assertThat(this.store.release(new Lease(newId(), UUID.randomUUID(), 1), new Release.Forget())).isTrue();
	}

	@Test
	void forgettingDoesNotRemoveTheSuccessor() {
		RecordId id = newId();
		Lease lease = acquire(id);
		this.store.release(lease, new Release.Forget());
		acquire(id);
		IdempotencyRecord before = found(id);

		assertThat(this.store.release(lease, new Release.Forget())).isFalse();

		assertUnchanged(before);
	}

	@Test
	void forgettingAfterGivingUpKeepsTheFailedRecord() {
		Lease lease = acquire(newId());
		this.store.release(lease, new Release.Failed(note()));

		assertThat(this.store.release(lease, new Release.Forget())).isFalse();

		assertThat(found(lease.id()).status()).isEqualTo(RecordStatus.FAILED);
	}

	@ParameterizedTest
	@EnumSource(names = { "FAIL", "FORGET" })
	void ownerSettlesLateWhatItLeftAsUnknown(Verb verb) {
		Lease lease = acquire(newId());
		this.store.release(lease, new Release.Unknown(note()));

		assertThat(verb.apply(this.store, lease)).isTrue();

		assertThat(acquire(ask(lease.id())).lease().owner()).isNotEqualTo(lease.owner());
	}

	@Test
	void failedRecordKeepsItsHistory() {
		RecordId id = newId();
		Lease lease = acquire(ask(id).with(PAY_10)).lease();
		IdempotencyRecord before = found(id);

		this.store.release(lease, new Release.Failed(note()));

		IdempotencyRecord record = found(id);
		assertThat(record.status()).isEqualTo(RecordStatus.FAILED);
		assertThat(record.fingerprint()).isEqualTo(PAY_10);
		assertThat(record.owner()).isEqualTo(lease.owner());
		assertThat(record.fence()).isEqualTo(lease.fence());
		assertThat(record.attempt()).isEqualTo(1);
		assertThat(record.claimedAt()).isEqualTo(before.claimedAt());
		assertThat(record.outcome()).isNull();
		assertThat(record.live()).isFalse();
		assertThat(record.lapsed()).isFalse();
		assertThat(record.unknown()).isFalse();
	}

	@ParameterizedTest
	@EnumSource(names = { "FAIL", "LEAVE_UNKNOWN" })
	void recordWithoutOutcomeIsKeptForAudit(Verb verb) {
		RecordId id = newId();
		Lease lease = acquire(id);
		elapse(id, ABANDONED_TTL);
		Instant before = found(id).readAt();

		verb.apply(this.store, lease);

		IdempotencyRecord record = found(id);
		assertThat(record.expiresAt()).isBetween(before.plus(LEASE).plus(ABANDONED_TTL).minusMillis(MILLI),
				record.readAt().plus(LEASE).plus(ABANDONED_TTL).plusMillis(MILLI));
		elapse(id, LEASE.plus(ABANDONED_TTL).minusSeconds(15));
		assertThat(found(id).status()).isEqualTo(record.status());
		elapse(id, Duration.ofSeconds(16));
		assertThat(this.store.find(id)).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(names = { "FAIL", "LEAVE_UNKNOWN" })
	void reasonIsKept(Verb verb) {
		assumeTrue(keepsFailureNotes(), "the store keeps no reasons");
		Lease lease = acquire(newId());

		verb.apply(this.store, lease);

		assertThat(found(lease.id()).failure()).isEqualTo(note());
	}

	@ParameterizedTest
	@MethodSource("notes")
	void reasonsOfAnyShapeAreKept(FailureNote note) {
		assumeTrue(keepsFailureNotes(), "the store keeps no reasons");
		Lease lease = acquire(newId());

		this.store.release(lease, new Release.Failed(note));

		FailureNote kept = Objects.requireNonNull(found(lease.id()).failure());
		assertThat(kept.type()).isNotEmpty();
		assertThat(note.type()).startsWith(kept.type());
		assertThat(kept.type().length()).isGreaterThanOrEqualTo(Math.min(200, note.type().length()));
		if (note.message() == null) {
			assertThat(kept.message()).isNull();
		}
		else {
			assertThat(note.message()).startsWith(kept.message());
			assertThat(kept.message()).hasSizeGreaterThanOrEqualTo(Math.min(200, note.message().length()));
		}
	}

	static Stream<FailureNote> notes() {
		return Stream.of(new FailureNote("a.B", null), new FailureNote("a.B", "x"),
				new FailureNote("a.B", "line\nbreak, \"quotes\", 'more' \\ and \u2603 \uD83D\uDE00"),
				new FailureNote("a." + "B".repeat(3000), "m".repeat(100_000)),
				new FailureNote("a.B", "\u00e9".repeat(5000)));
	}

	@Test
	void unknownRecordWaitsForAnOperator() {
		RecordId id = newId();
		Lease lease = acquire(id);

		assertThat(this.store.release(lease, new Release.Unknown(note()))).isTrue();

		IdempotencyRecord record = found(id);
		assertThat(record.status()).isEqualTo(RecordStatus.UNKNOWN);
		assertThat(record.unknown()).isTrue();
		assertThat(record.live()).isFalse();
		assertThat(record.fence()).isEqualTo(lease.fence());
	}

	@Test
	void failedRecordDoesNotBecomeUnknown() {
		Lease lease = acquire(newId());
		this.store.release(lease, new Release.Failed(note()));

		assertThat(this.store.release(lease, new Release.Unknown(note()))).isFalse();

		assertThat(found(lease.id()).status()).isEqualTo(RecordStatus.FAILED);
	}

	@ParameterizedTest
	@EnumSource(names = { "FAIL", "LEAVE_UNKNOWN", "RENEW" })
	void verbThatNeedsARecordIsRefusedWithoutOne(Verb verb) {
		Lease lease = new Lease(newId(), UUID.randomUUID(), 1);

		assertThat(verb.apply(this.store, lease)).isFalse();

		assertThat(this.store.find(lease.id())).isEmpty();
	}

	// Renewal

	@Test
	void renewalLetsTheLeaseRunFromNow() {
		RecordId id = newId();
		Lease lease = acquire(id);
		elapse(id, Duration.ofSeconds(10));
		IdempotencyRecord before = found(id);

		assertThat(this.store.renew(lease, LEASE)).isTrue();

		IdempotencyRecord record = found(id);
		assertThat(record.leaseUntil()).isBetween(before.readAt().plus(LEASE).minusMillis(MILLI),
				record.readAt().plus(LEASE).plusMillis(MILLI));
		assertThat(record.expiresAt()).isCloseTo(record.leaseUntil().plus(ABANDONED_TTL),
				within(MILLI, ChronoUnit.MILLIS));
		assertThat(record.claimedAt()).isEqualTo(before.claimedAt());
		assertThat(record.fence()).isEqualTo(lease.fence());
		assertThat(record.attempt()).isEqualTo(1);
	}

	@Test
	void renewalMayBeForAnotherTimeThanTheClaim() {
		RecordId id = newId();
		Lease lease = acquire(id);

		this.store.renew(lease, Duration.ofMinutes(10));

		IdempotencyRecord record = found(id);
		assertThat(record.leaseRemaining()).isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10).plusMillis(MILLI));
		assertThat(record.expiresAt()).isCloseTo(record.leaseUntil().plus(ABANDONED_TTL),
				within(MILLI, ChronoUnit.MILLIS));
		elapse(id, Duration.ofMinutes(9));
		refused(ask(id));
	}

	@Test
	void renewedRecordLapsesAfterAll() {
		RecordId id = newId();
		Lease lease = acquire(id);
		this.store.renew(lease, LEASE);
		lapse(id);

		assertThat(acquire(ask(id)).lease().fence()).isEqualTo(lease.fence() + 1);
	}

	@Test
	void lapsedOwnerRenewsWhileNobodyTookOver() {
		RecordId id = newId();
		Lease lease = acquire(id);
		lapse(id);

		assertThat(this.store.renew(lease, LEASE)).isTrue();

		assertThat(found(id).live()).isTrue();
		refused(ask(id));
	}

	@Test
	void recordRenewedForLongerThanItsFirstExpiryStaysThere() {
		RecordId id = newId();
		Lease lease = acquire(id);
		for (int i = 0; i < 3; i++) {
			elapse(id, ABANDONED_TTL);
			assertThat(this.store.renew(lease, LEASE)).isTrue();
		}

		assertThat(this.store.complete(lease, StoredOutcome.noValue(), TTL)).isTrue();
	}

	@ParameterizedTest
	@EnumSource(names = { "FAIL", "LEAVE_UNKNOWN", "FORGET" })
	void renewalAfterAReleaseIsRefused(Verb verb) {
		Lease lease = acquire(newId());
		verb.apply(this.store, lease);

		assertThat(this.store.renew(lease, LEASE)).isFalse();

		assertThat(this.store.find(lease.id()).filter(IdempotencyRecord::live)).isEmpty();
	}

	// Resolution

	@Test
	void liveRecordCannotBeResolved() {
		RecordId id = newId();
		Lease lease = acquire(ask(id).under(OnUnknown.HOLD)).lease();
		IdempotencyRecord before = found(id);

		assertThat(this.store.resolve(id, lease.fence(), new Resolution.RunAgain())).isFalse();
		assertThat(this.store.resolve(id, lease.fence(), new Resolution.Complete(StoredOutcome.noValue(), TTL)))
			.isFalse();

		assertUnchanged(before);
	}

	@ParameterizedTest
	@EnumSource(names = "LIVE", mode = EnumSource.Mode.EXCLUDE)
	void operatorRecordsAnOutcome(State state) {
		RecordId id = newId();
		Lease lease = reach(state, id, PAY_10);
		StoredOutcome outcome = StoredOutcome.value(new byte[] { 9 });
		IdempotencyRecord before = found(id);

		assertThat(this.store.resolve(id, lease.fence(), new Resolution.Complete(outcome, TTL))).isTrue();

		IdempotencyRecord record = refused(ask(id).with(PAY_10));
		assertOutcome(record, outcome);
		assertThat(record.fence()).isEqualTo(lease.fence() + 1);
		assertThat(record.attempt()).isEqualTo(before.attempt());
		assertThat(record.fingerprint()).isEqualTo(PAY_10);
		assertThat(record.failure()).isNull();
		assertThat(record.expiresAt()).isBetween(before.readAt().plus(TTL).minusMillis(MILLI),
				record.readAt().plus(TTL).plusMillis(MILLI));
		assertThat(Verb.COMPLETE.apply(this.store, lease)).isFalse();
	}

	@ParameterizedTest
	@EnumSource(names = "LIVE", mode = EnumSource.Mode.EXCLUDE)
	void operatorLetsTheWorkRunAgain(State state) {
		RecordId id = newId();
		Lease lease = reach(state, id, PAY_10);
		int attempt = found(id).attempt();

		assertThat(this.store.resolve(id, lease.fence(), new Resolution.RunAgain())).isTrue();

		IdempotencyRecord record = found(id);
		assertThat(record.status()).isEqualTo(RecordStatus.FAILED);
		assertThat(record.outcome()).isNull();
		assertThat(record.fence()).isEqualTo(lease.fence() + 1);
		assertThat(record.attempt()).isEqualTo(attempt);
		refused(ask(id).with(PAY_11));
		ClaimResult.Acquired acquired = acquire(ask(id).with(PAY_10));
		assertThat(acquired.lease().fence()).isEqualTo(lease.fence() + 2);
		assertThat(acquired.attempt()).isEqualTo(attempt + 1);
	}

	@Test
	void recordToRunAgainIsKeptAsLongAsAFailedOne() {
		RecordId id = newId();
		Lease lease = acquire(ask(id).under(OnUnknown.HOLD)).lease();
		elapse(id, ABANDONED_TTL);
		Instant before = found(id).readAt();

		this.store.resolve(id, lease.fence(), new Resolution.RunAgain());

		IdempotencyRecord record = found(id);
		assertThat(record.expiresAt()).isBetween(before.plus(LEASE).plus(ABANDONED_TTL).minusMillis(MILLI),
				record.readAt().plus(LEASE).plus(ABANDONED_TTL).plusMillis(MILLI));
	}

	@Test
	void decisionOnAnotherFenceIsRefused() {
		RecordId id = newId();
		Lease lease = reach(State.LAPSED_HOLD, id, null);
		IdempotencyRecord before = found(id);

		assertThat(this.store.resolve(id, lease.fence() - 1, new Resolution.RunAgain())).isFalse();
		assertThat(this.store.resolve(id, lease.fence() + 1, new Resolution.RunAgain())).isFalse();

		assertUnchanged(before);
	}

	@Test
	void secondDecisionOnTheSameFenceIsRefused() {
		RecordId id = newId();
		Lease lease = reach(State.UNKNOWN, id, null);
		this.store.resolve(id, lease.fence(), new Resolution.Complete(StoredOutcome.noValue(), TTL));

		assertThat(this.store.resolve(id, lease.fence(), new Resolution.RunAgain())).isFalse();

		assertOutcome(found(id), StoredOutcome.noValue());
	}

	@Test
	void nothingCannotBeResolved() {
		RecordId missing = newId();
		RecordId expired = newId();
		Lease lease = reach(State.UNKNOWN, expired, null);
		expire(expired);

		assertThat(this.store.resolve(missing, 1, new Resolution.RunAgain())).isFalse();
		assertThat(this.store.resolve(expired, lease.fence(), new Resolution.RunAgain())).isFalse();

		assertThat(this.store.find(missing)).isEmpty();
		assertThat(this.store.find(expired)).isEmpty();
	}

	// Reading

	@Test
	void recordThatNobodyClaimedIsNotFound() {
		assertThat(this.store.find(newId())).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void readingChangesNothing(State state) {
		RecordId id = newId();
		reach(state, id, PAY_10);
		IdempotencyRecord before = found(id);

		this.store.find(id);

		assertUnchanged(before);
	}

	@ParameterizedTest
	@EnumSource
	void expiredRecordIsNotFound(State state) {
		RecordId id = newId();
		reach(state, id, null);

		expire(id);

		assertThat(this.store.find(id)).isEmpty();
	}

	@Test
	void abandonedRecordIsFoundUntilItExpires() {
		RecordId id = newId();
		acquire(id);

		elapse(id, LEASE.plus(ABANDONED_TTL).minusSeconds(15));
		assertThat(found(id).lapsed()).isTrue();
		elapse(id, Duration.ofSeconds(16));
		assertThat(this.store.find(id)).isEmpty();
	}

	@Test
	void ageAndRemainingLeaseAreMeasuredByTheStoresTime() {
		RecordId id = newId();
		acquire(id);
		assertThat(found(id).age()).isLessThan(Duration.ofSeconds(10));

		elapse(id, Duration.ofSeconds(10));

		IdempotencyRecord record = found(id);
		assertThat(record.age()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(20));
		// A store may round the end of a lease up
		assertThat(record.leaseRemaining()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(20).plusMillis(MILLI));
		assertThat(record.age().plus(record.leaseRemaining())).isCloseTo(LEASE, Duration.ofMillis(MILLI));
		lapse(id);
		assertThat(found(id).leaseRemaining()).isZero();
	}

	@ParameterizedTest
	@EnumSource
	void timesAreNoFinerThanMicroseconds(State state) {
		RecordId id = newId();
		reach(state, id, null);

		IdempotencyRecord record = found(id);

		assertThat(List.of(record.claimedAt(), record.leaseUntil(), record.expiresAt(), record.readAt()))
			.allSatisfy((time) -> assertThat(time.getNano() % 1000).isZero());
	}

	// Purge

	@Test
	void purgeRemovesWhatExpiredInBatches() {
		purgeAll();
		for (State state : State.values()) {
			RecordId id = newId();
			reach(state, id, null);
			expire(id);
		}
		int expired = keepsExpiredRecords() ? State.values().length : 0;

		List<Integer> removed = new ArrayList<>();
		for (int batch = 0; batch < 5; batch++) {
			removed.add(this.store.purgeExpired(3));
		}

		assertThat(removed).allSatisfy((count) -> assertThat(count).isBetween(0, 3));
		assertThat(removed.stream().mapToInt(Integer::intValue).sum()).isEqualTo(expired);
		assertThat(this.store.purgeExpired(3)).isZero();
	}

	@Test
	void purgeNeverRemovesWhatHasNotExpired() {
		RecordId gone = newId();
		reach(State.COMPLETED, gone, null);
		expire(gone);
		List<RecordId> kept = new ArrayList<>();
		for (State state : State.values()) {
			RecordId id = newId();
			reach(state, id, null);
			kept.add(id);
		}

		purgeAll();

		assertThat(this.store.find(gone)).isEmpty();
		assertThat(kept).allSatisfy((id) -> assertThat(this.store.find(id)).isPresent());
	}

	@Test
	void purgeOfNothingRemovesNothing() {
		RecordId id = newId();
		reach(State.COMPLETED, id, null);
		expire(id);

		assertThat(this.store.purgeExpired(0)).isZero();
	}

	@Test
	void purgedKeyStartsAnewWithAHigherFence() {
		RecordId id = newId();
		Lease old = reach(State.FAILED_TWICE, id, null);
		expire(id);
		purgeAll();

		ClaimResult.Acquired acquired = acquire(ask(id));

		assertThat(acquired.attempt()).isEqualTo(1);
		assertThat(acquired.lease().fence()).isGreaterThan(old.fence());
	}

	// Many records

	@Test
	void claimsOfManyRecordsAreAnsweredInTheirOrder() {
		List<RecordId> ids = newIds(40);
		acquire(ids.get(3));
		Lease completed = acquire(ids.get(20));
		this.store.complete(completed, value("receipt"), TTL);
		List<ClaimRequest> requests = requests(ids);

		List<ClaimResult> results = this.store.claimAll(requests);

		assertThat(results).hasSameSizeAs(ids);
		for (int i = 0; i < ids.size(); i++) {
			if (i == 3 || i == 20) {
				assertThat(results.get(i)).isInstanceOf(ClaimResult.Occupied.class);
				assertThat(occupied(results.get(i)).id()).isEqualTo(ids.get(i));
			}
			else {
				ClaimResult.Acquired acquired = acquired(results.get(i));
				assertThat(acquired.attempt()).isEqualTo(1);
				assertThat(acquired.lease().id()).isEqualTo(ids.get(i));
				assertThat(acquired.lease().owner()).isEqualTo(requests.get(i).owner());
				assertThat(acquired.lease().fence()).isEqualTo(found(ids.get(i)).fence());
			}
		}
		assertThat(occupied(results.get(3)).live()).isTrue();
		assertThat(text(occupied(results.get(20)))).isEqualTo("receipt");
	}

	@Test
	void oneOfManyIsRecordedAsItWasAskedFor() {
		RecordId first = newId();
		RecordId second = newId();
		UUID owner = UUID.randomUUID();

		this.store.claimAll(List.of(ask(first).as(owner).with(PAY_10).under(OnUnknown.HOLD).request(),
				ask(second).leasedFor(LEASE.multipliedBy(3)).request()));

		IdempotencyRecord one = found(first);
		assertThat(one.status()).isEqualTo(RecordStatus.IN_PROGRESS);
		assertThat(one.policy()).isEqualTo(OnUnknown.HOLD);
		assertThat(one.fingerprint()).isEqualTo(PAY_10);
		assertThat(one.owner()).isEqualTo(owner);
		assertThat(Duration.between(one.claimedAt(), one.leaseUntil())).isCloseTo(LEASE, Duration.ofMillis(MILLI));
		assertThat(Duration.between(one.leaseUntil(), one.expiresAt())).isCloseTo(ABANDONED_TTL,
				Duration.ofMillis(MILLI));
		IdempotencyRecord other = found(second);
		assertThat(other.policy()).isEqualTo(OnUnknown.RETRY);
		assertThat(other.fingerprint()).isNull();
		assertThat(Duration.between(other.claimedAt(), other.leaseUntil())).isCloseTo(LEASE.multipliedBy(3),
				Duration.ofMillis(MILLI));
	}

	@Test
	void verbsOnNoRecordsAnswerNothing() {
		assertThat(this.store.claimAll(List.of())).isEmpty();
		assertThat(this.store.writeAll(List.of())).isEmpty();
		assertThat(this.store.renewAll(List.of(), LEASE)).isEmpty();
	}

	@Test
	void recordThatIsNamedTwiceIsRefusedAndNothingIsClaimed() {
		RecordId other = newId();
		RecordId id = newId();
		Lease lease = acquire(newId());
		Write forget = new Write.GivingBack(lease, new Release.Forget());

		assertThatIllegalArgumentException().isThrownBy(() -> this.store.claimAll(requests(List.of(other, id, id))));
		assertThatIllegalArgumentException().isThrownBy(() -> this.store.writeAll(List.of(forget, forget)));
		assertThatIllegalArgumentException().isThrownBy(() -> this.store.renewAll(List.of(lease, lease), LEASE));

		assertThat(this.store.find(other)).isEmpty();
		assertThat(found(lease.id()).live()).isTrue();
	}

	@Test
	void claimOfManyThatIsSentAgainGivesTheSameLeases() {
		List<ClaimRequest> requests = requests(newIds(10));

		List<ClaimResult> first = this.store.claimAll(requests);
		List<ClaimResult> again = this.store.claimAll(requests);

		assertThat(again).isEqualTo(first);
	}

	@Test
	void claimOfManyTakesOverWhatMayBeTakenOver() {
		Lease lapsed = acquire(newId());
		lapse(lapsed.id());
		Lease failed = acquire(newId());
		this.store.release(failed, new Release.Failed(note()));
		Lease held = acquire(ask(newId()).under(OnUnknown.HOLD)).lease();
		lapse(held.id());
		RecordId free = newId();

		List<ClaimResult> results = this.store.claimAll(requests(List.of(lapsed.id(), failed.id(), held.id(), free)));

		assertThat(acquired(results.get(0)).attempt()).isEqualTo(2);
		assertThat(acquired(results.get(0)).lease().fence()).isEqualTo(lapsed.fence() + 1);
		assertThat(acquired(results.get(1)).attempt()).isEqualTo(2);
		assertThat(acquired(results.get(1)).lease().fence()).isEqualTo(failed.fence() + 1);
		assertThat(occupied(results.get(2)).unknown()).isTrue();
		assertThat(acquired(results.get(3)).attempt()).isEqualTo(1);
		assertThat(this.store.complete(lapsed, StoredOutcome.noValue(), TTL)).isFalse();
		for (int i : new int[] { 0, 1, 3 }) {
			assertThat(this.store.complete(acquired(results.get(i)).lease(), StoredOutcome.noValue(), TTL)).isTrue();
		}
	}

	@Test
	void claimOfManyFollowsWhatExpired() {
		Lease expired = acquire(ask(newId()).with(PAY_10)).lease();
		expire(expired.id());

		List<ClaimResult> results = this.store
			.claimAll(List.of(ask(newId()).request(), ask(expired.id()).with(PAY_11).request()));

		assertThat(acquired(results.get(1)).attempt()).isEqualTo(1);
		assertThat(acquired(results.get(1)).lease().fence()).isGreaterThan(expired.fence());
		assertThat(found(expired.id()).fingerprint()).isEqualTo(PAY_11);
	}

	@Test
	void anotherFingerprintAmongManyTakesNothingOver() {
		Lease failed = acquire(ask(newId()).with(PAY_10)).lease();
		this.store.release(failed, new Release.Failed(note()));
		RecordId free = newId();

		List<ClaimResult> results = this.store
			.claimAll(List.of(ask(failed.id()).with(PAY_11).request(), ask(free).with(PAY_11).request()));

		assertThat(occupied(results.get(0)).fingerprint()).isEqualTo(PAY_10);
		assertThat(results.get(1)).isInstanceOf(ClaimResult.Acquired.class);
	}

	@Test
	void outcomesOfManyRecordsAreRecorded() {
		List<Lease> leases = leases(newIds(30));
		List<Write> writes = new ArrayList<>();
		for (int i = 0; i < leases.size(); i++) {
			StoredOutcome outcome = (i % 3 == 0) ? StoredOutcome.noValue() : value("receipt " + i);
			writes.add(new Write.Completion(leases.get(i), outcome, TTL.plusHours(i)));
		}

		List<Boolean> mine = this.store.writeAll(writes);

		assertThat(mine).hasSameSizeAs(leases).containsOnly(true);
		for (int i = 0; i < leases.size(); i++) {
			IdempotencyRecord record = found(leases.get(i).id());
			assertThat(record.status()).isEqualTo(RecordStatus.COMPLETED);
			assertThat(text(record)).isEqualTo((i % 3 == 0) ? null : "receipt " + i);
			assertThat(Duration.between(record.readAt(), record.expiresAt())).isCloseTo(TTL.plusHours(i),
					Duration.ofSeconds(10));
		}
	}

	@Test
	void writesToManyRecordsAreAnsweredInTheirOrder() {
		List<Lease> leases = leases(newIds(6));
		lapse(leases.get(1).id());
		Lease successor = acquire(leases.get(1).id());
		this.store.complete(leases.get(5), StoredOutcome.noValue(), TTL);
		List<Write> writes = List.of(new Write.Completion(leases.get(0), value("done"), TTL),
				new Write.Completion(leases.get(1), value("late"), TTL),
				new Write.GivingBack(leases.get(2), new Release.Failed(note())),
				new Write.GivingBack(leases.get(3), new Release.Unknown(note())),
				new Write.GivingBack(leases.get(4), new Release.Forget()),
				new Write.GivingBack(leases.get(5), new Release.Failed(note())));

		assertThat(this.store.writeAll(writes)).containsExactly(true, false, true, true, true, false);
		assertThat(this.store.writeAll(writes)).containsExactly(true, false, true, true, true, false);

		assertThat(text(found(leases.get(0).id()))).isEqualTo("done");
		assertThat(found(leases.get(1).id()).owner()).isEqualTo(successor.owner());
		assertThat(found(leases.get(2).id()).status()).isEqualTo(RecordStatus.FAILED);
		assertThat(found(leases.get(3).id()).status()).isEqualTo(RecordStatus.UNKNOWN);
		assertThat(this.store.find(leases.get(4).id())).isEmpty();
		assertThat(found(leases.get(5).id()).status()).isEqualTo(RecordStatus.COMPLETED);
	}

	@Test
	void notesOfManyFailuresAreKept() {
		assumeTrue(keepsFailureNotes(), "the store keeps no notes");
		List<Lease> leases = leases(newIds(2));
		FailureNote other = new FailureNote("java.lang.IllegalStateException", null);

		this.store.writeAll(List.of(new Write.GivingBack(leases.get(0), new Release.Failed(note())),
				new Write.GivingBack(leases.get(1), new Release.Failed(other))));

		assertThat(found(leases.get(0).id()).failure()).isEqualTo(note());
		assertThat(found(leases.get(1).id()).failure()).isEqualTo(other);
	}

	@Test
	void manyLeasesAreRenewed() {
		List<Lease> leases = leases(newIds(3));
		this.store.complete(leases.get(1), StoredOutcome.noValue(), TTL);

		List<Boolean> mine = this.store.renewAll(leases, LEASE.multipliedBy(4));

		assertThat(mine).containsExactly(true, false, true);
		IdempotencyRecord renewed = found(leases.get(2).id());
		assertThat(renewed.leaseRemaining()).isCloseTo(LEASE.multipliedBy(4), Duration.ofSeconds(10));
		assertThat(Duration.between(renewed.leaseUntil(), renewed.expiresAt())).isCloseTo(ABANDONED_TTL,
				Duration.ofMillis(MILLI));
	}

	private static List<RecordId> newIds(int count) {
		return Stream.generate(StoreFixture::newId).limit(count).toList();
	}

	private static List<ClaimRequest> requests(List<RecordId> ids) {
		return ids.stream().map((id) -> ask(id).request()).toList();
	}

	private List<Lease> leases(List<RecordId> ids) {
		return this.store.claimAll(requests(ids)).stream().map((result) -> acquired(result).lease()).toList();
	}

	private static ClaimResult.Acquired acquired(ClaimResult result) {
		assertThat(result).isInstanceOf(ClaimResult.Acquired.class);
		return (ClaimResult.Acquired) result;
	}

	private static IdempotencyRecord occupied(ClaimResult result) {
		assertThat(result).isInstanceOf(ClaimResult.Occupied.class);
		return ((ClaimResult.Occupied) result).record();
	}

	private static StoredOutcome value(String text) {
		return StoredOutcome.value(text.getBytes(StandardCharsets.UTF_8));
	}

	private static @Nullable String text(IdempotencyRecord record) {
		byte[] payload = Objects.requireNonNull(record.outcome()).payload();
		return (payload != null) ? new String(payload, StandardCharsets.UTF_8) : null;
	}

	// Signals

	@ParameterizedTest
	@EnumSource(names = "RENEW", mode = EnumSource.Mode.EXCLUDE)
	void waiterIsWokenWhenTheOwnerIsDone(Verb verb) {
		CompletionSignals signals = signals();
		AtomicInteger woken = new AtomicInteger();
		RecordId id = newId();

		try (Registration registration = signals.listen(id, woken::incrementAndGet)) {
			await().untilAsserted(() -> {
				settleBefore(id, verb);
				assertThat(woken).hasPositiveValue();
			});
		}
	}

	@Test
	void waiterIsNotWokenForAnotherRecordNorAfterItLeft() {
		CompletionSignals signals = signals();
		AtomicInteger elsewhere = new AtomicInteger();
		AtomicInteger left = new AtomicInteger();
		AtomicInteger woken = new AtomicInteger();
		RecordId id = newId();

		signals.listen(id, left::incrementAndGet).close();
		try (Registration other = signals.listen(newId(), elsewhere::incrementAndGet);
				Registration registration = signals.listen(id, woken::incrementAndGet)) {
			await().untilAsserted(() -> {
				settleBefore(id, Verb.FORGET);
				assertThat(woken).hasPositiveValue();
			});
		}

		assertThat(elsewhere).hasValue(0);
		assertThat(left).hasValue(0);
	}

	@Test
	void everyWaiterOfARecordIsWoken() {
		CompletionSignals signals = signals();
		AtomicInteger first = new AtomicInteger();
		AtomicInteger second = new AtomicInteger();
		RecordId id = newId();

		try (Registration one = signals.listen(id, first::incrementAndGet);
				Registration another = signals.listen(id, second::incrementAndGet)) {
			await().untilAsserted(() -> {
				settleBefore(id, Verb.FORGET);
				assertThat(first).hasPositiveValue();
				assertThat(second).hasPositiveValue();
			});
		}
	}

	private CompletionSignals signals() {
		CompletionSignals signals = this.store.signals();
		assumeFalse(signals == null, "the store sends no signals");
		return Objects.requireNonNull(signals);
	}

	/** Own the record once, and settle it before the eyes of a waiter. */
	private void settleBefore(RecordId id, Verb verb) {
		this.store.find(id).ifPresent((record) -> this.store.resolve(id, record.fence(), new Resolution.RunAgain()));
		Lease lease = acquire(id);
		refused(ask(id).waiting());
		assertThat(verb.apply(this.store, lease)).isTrue();
	}

	private void purgeAll() {
		int batch = 1000;
		while (this.store.purgeExpired(batch) == batch) {
			assertThat(keepsExpiredRecords()).isTrue();
		}
	}

	private void assertUnchanged(IdempotencyRecord before) {
		IdempotencyRecord now = found(before.id());
		assertThat(now).usingRecursiveComparison().ignoringFields("readAt", "expiresAt").isEqualTo(before);
		assertThat(now.expiresAt()).isCloseTo(before.expiresAt(), within(MILLI, ChronoUnit.MILLIS));
	}

	private static void assertOutcome(IdempotencyRecord record, StoredOutcome expected) {
		assertThat(record.status()).isEqualTo(RecordStatus.COMPLETED);
		StoredOutcome outcome = Objects.requireNonNull(record.outcome());
		assertThat(outcome.kind()).isEqualTo(expected.kind());
		assertThat(outcome.payload()).isEqualTo(expected.payload());
	}

	/** Bring a new record into a state and return the ticket of its last owner. */
	private Lease reach(State state, RecordId id, @Nullable Fingerprint fingerprint) {
		OnUnknown policy = (state == State.LAPSED_HOLD) ? OnUnknown.HOLD : OnUnknown.RETRY;
		Lease lease = acquire(ask(id).with(fingerprint).under(policy)).lease();
		switch (state) {
			case LIVE -> {
			}
			case COMPLETED -> Verb.COMPLETE.apply(this.store, lease);
			case FAILED -> Verb.FAIL.apply(this.store, lease);
			case FAILED_TWICE -> {
				Verb.FAIL.apply(this.store, lease);
				lease = acquire(ask(id).with(fingerprint)).lease();
				Verb.FAIL.apply(this.store, lease);
			}
			case UNKNOWN -> Verb.LEAVE_UNKNOWN.apply(this.store, lease);
			case LAPSED_RETRY, LAPSED_HOLD -> lapse(id);
		}
		return lease;
	}

	/**
	 * The states in which a claim may find a record.
	 */
	protected enum State {

		LIVE(false), COMPLETED(false), FAILED(true), FAILED_TWICE(true), UNKNOWN(false), LAPSED_RETRY(true),
		LAPSED_HOLD(false);

		private final boolean claimable;

		State(boolean claimable) {
			this.claimable = claimable;
		}

	}

	/**
	 * The verbs of an owner.
	 */
	protected enum Verb {

		COMPLETE {
			@Override
			boolean apply(IdempotencyStore store, Lease lease) {
				return store.complete(lease, StoredOutcome.value(new byte[] { 1 }), TTL);
			}
		},

		FAIL {
			@Override
			boolean apply(IdempotencyStore store, Lease lease) {
				return store.release(lease, new Release.Failed(note()));
			}
		},

		LEAVE_UNKNOWN {
			@Override
			boolean apply(IdempotencyStore store, Lease lease) {
				return store.release(lease, new Release.Unknown(note()));
			}
		},

		FORGET {
			@Override
			boolean apply(IdempotencyStore store, Lease lease) {
				return store.release(lease, new Release.Forget());
			}
		},

		RENEW {
			@Override
			boolean apply(IdempotencyStore store, Lease lease) {
				return store.renew(lease, LEASE);
			}
		};

		abstract boolean apply(IdempotencyStore store, Lease lease);

	}

}
