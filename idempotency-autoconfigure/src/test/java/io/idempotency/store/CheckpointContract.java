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
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.idempotency.OnUnknown;
import io.idempotency.store.ClaimResult.Acquired;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What every {@link IdempotencyStore} has to do with the steps of an unfinished record, a
 * part of {@link IdempotencyStoreContract}.
 */
public abstract class CheckpointContract extends StoreFixture {

	private static final int MEGABYTE = 1 << 20;

	@Test
	void firstClaimHasNoCheckpoints() {
		assertThat(acquire(ask(newId())).checkpoints()).isEmpty();
	}

	@Test
	void takeoverOfALapsedRecordBringsItsCheckpointsInTheirOrder() {
		RecordId id = newId();
		Lease lease = acquire(id);

		assertThat(this.store.checkpoint(lease, "reserve", value("r-1"))).isTrue();
		assertThat(this.store.checkpoint(lease, "charge", StoredOutcome.noValue())).isTrue();
		assertThat(this.store.checkpoint(lease, "announce", StoredOutcome.unavailable())).isTrue();
		lapse(id);

		Map<String, StoredOutcome> checkpoints = acquire(ask(id)).checkpoints();
		assertThat(checkpoints.keySet()).containsExactly("reserve", "charge", "announce");
		assertSame(checkpoints.get("reserve"), value("r-1"));
		assertSame(checkpoints.get("charge"), StoredOutcome.noValue());
		assertSame(checkpoints.get("announce"), StoredOutcome.unavailable());
	}

	@Test
	void checkpointMayBeAFailureOrAnEmptyValue() {
		RecordId id = newId();
		Lease lease = acquire(id);

		this.store.checkpoint(lease, "empty", StoredOutcome.value(new byte[0]));
		this.store.checkpoint(lease, "failed", StoredOutcome.failure(new byte[] { 1, 0, -1 }));
		lapse(id);

		Map<String, StoredOutcome> checkpoints = acquire(ask(id)).checkpoints();
		assertSame(checkpoints.get("empty"), StoredOutcome.value(new byte[0]));
		assertSame(checkpoints.get("failed"), StoredOutcome.failure(new byte[] { 1, 0, -1 }));
	}

	@Test
	void takeoverOfAFailedRecordBringsItsCheckpoints() {
		RecordId id = newId();
		Lease lease = acquire(id);
		this.store.checkpoint(lease, "reserve", value("r-1"));

		assertThat(this.store.release(lease, new Release.Failed(note()))).isTrue();

		assertThat(found(id).failure()).isIn(note(), null);
		assertThat(acquire(ask(id)).checkpoints()).containsOnlyKeys("reserve");
	}

	@Test
	void checkpointsOfAllAttemptsComeTogether() {
		RecordId id = newId();
		Lease first = acquire(id);
		this.store.checkpoint(first, "reserve", value("r-1"));
		lapse(id);
		Lease second = acquire(id);
		this.store.checkpoint(second, "charge", value("c-1"));
		this.store.release(second, new Release.Failed(note()));

		Acquired third = acquire(ask(id));

		assertThat(third.attempt()).isEqualTo(3);
		assertThat(third.checkpoints().keySet()).containsExactly("reserve", "charge");
	}

	@Test
	void claimResentByItsOwnerBringsTheCheckpoints() {
		RecordId id = newId();
		UUID owner = UUID.randomUUID();
		Lease lease = acquire(ask(id).as(owner)).lease();
		this.store.checkpoint(lease, "reserve", value("r-1"));

		assertThat(acquire(ask(id).as(owner)).checkpoints()).containsOnlyKeys("reserve");
	}

	@Test
	void checkpointSentTwiceIsTrueAndTheFirstOneStands() {
		RecordId id = newId();
		Lease lease = acquire(id);

		assertThat(this.store.checkpoint(lease, "reserve", value("first"))).isTrue();
		assertThat(this.store.checkpoint(lease, "reserve", value("second"))).isTrue();
		lapse(id);

		assertSame(acquire(ask(id)).checkpoints().get("reserve"), value("first"));
	}

	@Test
	void checkpointOfAnotherOwnerIsRefused() {
		RecordId id = newId();
		Lease lease = acquire(id);

		assertThat(this.store.checkpoint(new Lease(id, UUID.randomUUID(), lease.fence()), "reserve", value("r")))
			.isFalse();
		assertThat(this.store.checkpoint(new Lease(id, lease.owner(), lease.fence() + 1), "reserve", value("r")))
			.isFalse();
		lapse(id);

		assertThat(acquire(ask(id)).checkpoints()).isEmpty();
	}

	@Test
	void checkpointOfAStaleOwnerIsRefused() {
		RecordId id = newId();
		Lease stale = acquire(id);
		lapse(id);
		Lease owner = acquire(id);

		assertThat(this.store.checkpoint(stale, "reserve", value("stale"))).isFalse();

		assertThat(this.store.checkpoint(owner, "reserve", value("owner"))).isTrue();
		lapse(id);
		assertSame(acquire(ask(id)).checkpoints().get("reserve"), value("owner"));
	}

	@ParameterizedTest
	@EnumSource(names = { "RETRY", "HOLD" })
	void lateOwnerCheckpointsWhileNobodyTookOver(OnUnknown policy) {
		RecordId id = newId();
		Lease lease = acquire(ask(id).under(policy)).lease();
		lapse(id);

		assertThat(this.store.checkpoint(lease, "reserve", value("late"))).isTrue();
	}

	@Test
	void checkpointNeedsARecordInProgress() {
		RecordId id = newId();
		assertThat(this.store.checkpoint(new Lease(id, UUID.randomUUID(), 1), "reserve", value("r"))).isFalse();

		Lease failed = acquire(id);
		this.store.release(failed, new Release.Failed(note()));
		assertThat(this.store.checkpoint(failed, "reserve", value("r"))).isFalse();

		Lease unknown = acquire(id);
		this.store.release(unknown, new Release.Unknown(note()));
		assertThat(this.store.checkpoint(unknown, "reserve", value("r"))).isFalse();

		this.store.complete(unknown, value("done"), TTL);
		assertThat(this.store.checkpoint(unknown, "reserve", value("r"))).isFalse();
		assertSame(found(id).outcome(), value("done"));
	}

	@Test
	void checkpointIsNoOutcomeAndNoNote() {
		RecordId id = newId();
		Lease lease = acquire(id);

		this.store.checkpoint(lease, "reserve", value("r-1"));

		IdempotencyRecord record = refused(ask(id));
		assertThat(record.live()).isTrue();
		assertThat(record.outcome()).isNull();
		assertThat(record.failure()).isNull();
		assertThat(found(id).outcome()).isNull();
		assertThat(found(id).failure()).isNull();
	}

	@Test
	void completionEndsTheCheckpoints() {
		RecordId id = newId();
		Lease lease = acquire(id);
		this.store.checkpoint(lease, "reserve", value("r-1"));

		assertThat(this.store.complete(lease, value("done"), TTL)).isTrue();

		assertSame(found(id).outcome(), value("done"));
		expire(id);
		assertThat(acquire(ask(id)).checkpoints()).isEmpty();
	}

	@Test
	void completionWithoutPayloadEndsTheCheckpoints() {
		RecordId id = newId();
		Lease lease = acquire(id);
		this.store.checkpoint(lease, "reserve", value("r-1"));

		assertThat(this.store.complete(lease, StoredOutcome.noValue(), TTL)).isTrue();

		assertSame(found(id).outcome(), StoredOutcome.noValue());
		this.store.resolve(id, found(id).fence(), new Resolution.RunAgain());
		assertThat(acquire(ask(id)).checkpoints()).isEmpty();
	}

	@Test
	void forgettingEndsTheCheckpoints() {
		RecordId id = newId();
		Lease lease = acquire(id);
		this.store.checkpoint(lease, "reserve", value("r-1"));

		assertThat(this.store.release(lease, new Release.Forget())).isTrue();

		assertThat(acquire(ask(id)).checkpoints()).isEmpty();
	}

	@Test
	void expiryEndsTheCheckpoints() {
		RecordId id = newId();
		Lease lease = acquire(id);
		this.store.checkpoint(lease, "reserve", value("r-1"));
		expire(id);

		assertThat(this.store.checkpoint(lease, "charge", value("c-1"))).isFalse();
		Acquired next = acquire(ask(id));

		assertThat(next.attempt()).isEqualTo(1);
		assertThat(next.checkpoints()).isEmpty();
	}

	@Test
	void checkpointsLiveAsLongAsTheirRenewedRecord() {
		RecordId id = newId();
		Lease lease = acquire(id);
		this.store.checkpoint(lease, "reserve", value("r-1"));
		elapse(id, LEASE.plus(ABANDONED_TTL).minusSeconds(5));

		assertThat(this.store.renew(lease, LEASE)).isTrue();
		elapse(id, LEASE.plusSeconds(10));

		assertThat(acquire(ask(id)).checkpoints()).containsOnlyKeys("reserve");
	}

	@Test
	void checkpointMovesNeitherLeaseNorExpiry() {
		RecordId id = newId();
		Lease lease = acquire(id);
		IdempotencyRecord before = found(id);

		this.store.checkpoint(lease, "reserve", value("r-1"));

		assertThat(found(id).leaseUntil()).isEqualTo(before.leaseUntil());
		assertThat(found(id).expiresAt()).isBetween(before.expiresAt().minusMillis(2),
				before.expiresAt().plusMillis(2));
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void unknownRecordKeepsItsCheckpointsUntilItRunsAgain(boolean settled) {
		RecordId id = newId();
		Lease lease = acquire(ask(id).under(OnUnknown.HOLD)).lease();
		this.store.checkpoint(lease, "reserve", value("r-1"));
		if (settled) {
			this.store.release(lease, new Release.Unknown(note()));
		}
		else {
			lapse(id);
		}

		assertThat(this.store.resolve(id, lease.fence(), new Resolution.RunAgain())).isTrue();

		assertThat(found(id).status()).isEqualTo(RecordStatus.FAILED);
		assertThat(acquire(ask(id)).checkpoints()).containsOnlyKeys("reserve");
	}

	@Test
	void unknownRecordThatFailedAfterAllKeepsItsCheckpoints() {
		RecordId id = newId();
		Lease lease = acquire(ask(id).under(OnUnknown.HOLD)).lease();
		this.store.checkpoint(lease, "reserve", value("r-1"));
		this.store.release(lease, new Release.Unknown(new FailureNote("not.Known", "a rather long message")));

		assertThat(this.store.release(lease, new Release.Failed(note()))).isTrue();

		assertThat(found(id).failure()).isIn(note(), null);
		assertThat(acquire(ask(id)).checkpoints()).containsOnlyKeys("reserve");
	}

	@Test
	void operatorsOutcomeEndsTheCheckpoints() {
		RecordId id = newId();
		Lease lease = acquire(ask(id).under(OnUnknown.HOLD)).lease();
		this.store.checkpoint(lease, "reserve", value("r-1"));
		lapse(id);

		assertThat(this.store.resolve(id, lease.fence(), new Resolution.Complete(value("decided"), TTL))).isTrue();

		assertSame(found(id).outcome(), value("decided"));
	}

	@ParameterizedTest
	@MethodSource
	void nameOfAStepMayBeAnyText(String step) {
		RecordId id = newId();
		Lease lease = acquire(id);

		assertThat(this.store.checkpoint(lease, step, value("v"))).isTrue();
		lapse(id);

		assertThat(acquire(ask(id)).checkpoints()).containsOnlyKeys(step);
	}

	static Stream<String> nameOfAStepMayBeAnyText() {
		return Stream.of(" ", "a/b:c", "'; --", "${table}", "null\0char", "Straße", "\uD83D\uDE80 launch", "\uFFFF",
				"x".repeat(Checkpoints.LONGEST_NAME), "\u4E16".repeat(Checkpoints.LONGEST_NAME));
	}

	@Test
	void namesThatDifferInCaseOrSpaceAreDifferentSteps() {
		RecordId id = newId();
		Lease lease = acquire(id);

		for (String step : new String[] { "email", "Email", "email ", " email" }) {
			this.store.checkpoint(lease, step, value(step));
		}
		lapse(id);

		assertThat(acquire(ask(id)).checkpoints()).containsOnlyKeys("email", "Email", "email ", " email");
	}

	@Test
	void manyStepsAndLargeResultsComeBack() {
		RecordId id = newId();
		Lease lease = acquire(id);
		byte[] large = new byte[2 * MEGABYTE];
		Arrays.fill(large, (byte) 0xFE);

		assertThat(this.store.checkpoint(lease, "large", StoredOutcome.value(large))).isTrue();
		IntStream.range(0, 50)
			.forEach((i) -> assertThat(this.store.checkpoint(lease, "step-" + i, value("v" + i))).isTrue());
		lapse(id);

		Map<String, StoredOutcome> checkpoints = acquire(ask(id)).checkpoints();
		assertThat(checkpoints).hasSize(51);
		assertThat(checkpoints.get("large").payload()).isEqualTo(large);
		assertSame(checkpoints.get("step-49"), value("v49"));
	}

	private static StoredOutcome value(String text) {
		return StoredOutcome.value(text.getBytes(StandardCharsets.UTF_8));
	}

	private static void assertSame(StoredOutcome actual, StoredOutcome expected) {
		assertThat(actual).isNotNull();
		assertThat(actual.kind()).isEqualTo(expected.kind());
		assertThat(actual.payload()).isEqualTo(expected.payload());
	}

}
