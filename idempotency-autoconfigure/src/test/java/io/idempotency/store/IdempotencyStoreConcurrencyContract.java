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

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import io.idempotency.OnUnknown;
import io.idempotency.store.ClaimResult.Acquired;
import io.idempotency.store.ClaimResult.Occupied;
import io.idempotency.store.CompletionSignals.Registration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

/**
 * What every {@link IdempotencyStore} has to do when many threads ask at the same moment,
 * as tests. Used like {@link IdempotencyStoreContract}, with the same methods to
 * implement. A barrier releases the contenders of a race, and each race is run many
 * times; the store has to serve eight threads at once. Time never passes during a race.
 */
public abstract class IdempotencyStoreConcurrencyContract extends StoreFixture {

	private static final int THREADS = 8;

	private static final int RACES = 20;

	private final ExecutorService executor = Executors.newFixedThreadPool(THREADS);

	@AfterEach
	void stopTheThreads() throws InterruptedException {
		this.executor.shutdownNow();
		assertThat(this.executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
	}

	@RepeatedTest(RACES)
	void oneClaimantOfManyAcquires() {
		RecordId id = newId();

		List<ClaimResult> results = raceToClaim(id);

		Acquired winner = onlyWinner(results);
		assertThat(winner.attempt()).isEqualTo(1);
		assertThat(results).filteredOn(Occupied.class::isInstance)
			.allSatisfy((result) -> assertOwnedBy(((Occupied) result).record(), winner.lease()));
		assertOwnedBy(found(id), winner.lease());
	}

	@RepeatedTest(RACES)
	void oneClaimantTakesOverALapsedRecord() {
		RecordId id = newId();
		Lease old = acquire(id);
		lapse(id);

		Acquired winner = onlyWinner(raceToClaim(id));

		assertTakenOver(winner, old);
	}

	@RepeatedTest(RACES)
	void oneClaimantTakesOverAFailedRecord() {
		RecordId id = newId();
		Lease old = acquire(id);
		this.store.release(old, new Release.Failed(note()));

		Acquired winner = onlyWinner(raceToClaim(id));

		assertTakenOver(winner, old);
	}

	@RepeatedTest(RACES)
	void oneClaimantFollowsAnExpiredRecord() {
		RecordId id = newId();
		Lease old = acquire(id);
		this.store.complete(old, StoredOutcome.noValue(), TTL);
		expire(id);

		Acquired winner = onlyWinner(raceToClaim(id));

		assertThat(winner.lease().fence()).isGreaterThan(old.fence());
		assertThat(winner.attempt()).isEqualTo(1);
		assertOwnedBy(found(id), winner.lease());
	}

	@RepeatedTest(RACES)
	void nobodyTakesOverALapsedRecordUnderHold() {
		RecordId id = newId();
		Lease old = acquire(ask(id).under(OnUnknown.HOLD)).lease();
		lapse(id);

		List<ClaimResult> results = raceToClaim(id);

		assertThat(results).allMatch(Occupied.class::isInstance);
		assertOwnedBy(found(id), old);
	}

	@RepeatedTest(RACES)
	void claimSentManyTimesAtOnceGivesOneLease() {
		ClaimRequest request = ask(newId()).request();

		List<ClaimResult> results = race((i) -> this.store.claim(request));

		assertThat(results).allMatch(Acquired.class::isInstance);
		assertThat(new HashSet<>(results)).hasSize(1);
	}

	@RepeatedTest(RACES)
	void completionSentManyTimesAtOnceLeavesOneOutcome() {
		Lease lease = acquire(newId());

		List<Boolean> results = race(
				(i) -> this.store.complete(lease, StoredOutcome.value(new byte[] { (byte) i }), TTL));

		assertThat(results).containsOnly(true);
		byte[] first = Objects.requireNonNull(found(lease.id()).outcome()).payload();
		this.store.complete(lease, StoredOutcome.value(new byte[2]), TTL);
		assertThat(Objects.requireNonNull(found(lease.id()).outcome()).payload()).isEqualTo(first).hasSize(1);
	}

	@RepeatedTest(RACES)
	void completionAndTakeoverExcludeEachOther() {
		RecordId id = newId();
		Lease late = acquire(id);
		lapse(id);

		Duel<Boolean, ClaimResult> duel = duel(() -> this.store.complete(late, StoredOutcome.noValue(), TTL),
				() -> this.store.claim(ask(id).request()));

		if (duel.one()) {
			assertThat(duel.other()).isInstanceOf(Occupied.class);
			assertThat(found(id).status()).isEqualTo(RecordStatus.COMPLETED);
			assertOwnedBy(found(id), late);
		}
		else {
			assertTakenOver(duel.other(), late);
		}
	}

	@RepeatedTest(RACES)
	void renewalAndTakeoverExcludeEachOther() {
		RecordId id = newId();
		Lease late = acquire(id);
		lapse(id);

		Duel<Boolean, ClaimResult> duel = duel(() -> this.store.renew(late, LEASE),
				() -> this.store.claim(ask(id).request()));

		if (duel.one()) {
			assertThat(duel.other()).isInstanceOf(Occupied.class);
			assertThat(found(id).live()).isTrue();
			assertOwnedBy(found(id), late);
		}
		else {
			assertTakenOver(duel.other(), late);
		}
	}

	@RepeatedTest(RACES)
	void takeoverFollowsWhetherOrNotTheLateOwnerFailedFirst() {
		RecordId id = newId();
		Lease late = acquire(id);
		lapse(id);

		Duel<Boolean, ClaimResult> duel = duel(() -> this.store.release(late, new Release.Failed(note())),
				() -> this.store.claim(ask(id).request()));

		assertTakenOver(duel.other(), late);
	}

	@RepeatedTest(RACES)
	void forgettingNeverRemovesWhatSomebodyElseClaimed() {
		RecordId id = newId();
		Lease lease = acquire(id);

		List<@Nullable ClaimResult> results = race((i) -> {
			if (i == 0) {
				assertThat(this.store.release(lease, new Release.Forget())).isTrue();
				return null;
			}
			return this.store.claim(ask(id).request());
		});

		List<Acquired> winners = winners(results);
		assertThat(winners).hasSizeLessThanOrEqualTo(1);
		assertThat(this.store.find(id).isPresent()).isEqualTo(!winners.isEmpty());
		winners.forEach((winner) -> {
			assertThat(winner.lease().fence()).isGreaterThan(lease.fence());
			assertOwnedBy(found(id), winner.lease());
		});
	}

	@RepeatedTest(RACES)
	void renewalNeverBringsACompletedRecordBack() {
		Lease lease = acquire(newId());

		Duel<Boolean, Boolean> duel = duel(() -> this.store.complete(lease, StoredOutcome.noValue(), TTL),
				() -> this.store.renew(lease, Duration.ofDays(10)));

		assertThat(duel.one()).isTrue();
		IdempotencyRecord record = found(lease.id());
		assertThat(record.status()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(record.expiresAt()).isBefore(record.readAt().plus(TTL).plusSeconds(1));
	}

	@RepeatedTest(RACES)
	void completionAndFailureOfOneOwnerExcludeEachOther() {
		Lease lease = acquire(newId());

		Duel<Boolean, Boolean> duel = duel(() -> this.store.complete(lease, StoredOutcome.noValue(), TTL),
				() -> this.store.release(lease, new Release.Failed(note())));

		assertThat(duel.one()).isNotEqualTo(duel.other());
		assertThat(found(lease.id()).status()).isEqualTo(duel.one() ? RecordStatus.COMPLETED : RecordStatus.FAILED);
	}

	@RepeatedTest(RACES)
	void decisionStandsAgainstALateOwner() {
		RecordId id = newId();
		Lease late = acquire(ask(id).under(OnUnknown.HOLD)).lease();
		lapse(id);

		Duel<Boolean, Boolean> duel = duel(() -> this.store.resolve(id, late.fence(), new Resolution.RunAgain()),
				() -> this.store.complete(late, StoredOutcome.noValue(), TTL));

		assertThat(duel.one()).isTrue();
		IdempotencyRecord record = found(id);
		assertThat(record.status()).isEqualTo(RecordStatus.FAILED);
		assertThat(record.fence()).isEqualTo(late.fence() + 1);
		assertThat(record.outcome()).isNull();
	}

	@RepeatedTest(RACES)
	void decisionAndTakeoverExcludeEachOther() {
		RecordId id = newId();
		Lease late = acquire(id);
		lapse(id);

		Duel<Boolean, ClaimResult> duel = duel(
				() -> this.store.resolve(id, late.fence(), new Resolution.Complete(StoredOutcome.noValue(), TTL)),
				() -> this.store.claim(ask(id).request()));

		if (duel.one()) {
			assertThat(duel.other()).isInstanceOf(Occupied.class);
			assertThat(found(id).status()).isEqualTo(RecordStatus.COMPLETED);
			assertThat(found(id).fence()).isEqualTo(late.fence() + 1);
		}
		else {
			assertTakenOver(duel.other(), late);
		}
	}

	@RepeatedTest(RACES)
	void oneOfManyOperatorsDecides() {
		RecordId id = newId();
		Lease lease = acquire(id);
		this.store.release(lease, new Release.Unknown(note()));

		List<Boolean> results = race((i) -> this.store.resolve(id, lease.fence(), new Resolution.RunAgain()));

		assertThat(results).containsOnlyOnce(true);
		assertThat(found(id).fence()).isEqualTo(lease.fence() + 1);
	}

	@RepeatedTest(RACES)
	void purgeNeverRemovesWhatFollowedAnExpiredRecord() {
		RecordId id = newId();
		acquire(id);
		expire(id);

		Duel<Integer, ClaimResult> duel = duel(() -> this.store.purgeExpired(1000),
				() -> this.store.claim(ask(id).request()));

		Acquired winner = onlyWinner(List.of(duel.other()));
		assertOwnedBy(found(id), winner.lease());
	}

	@RepeatedTest(RACES)
	void purgesAtTheSameTimeRemoveEachRecordOnce() {
		purgeAll();
		int records = 40;
		for (int i = 0; i < records; i++) {
			RecordId id = newId();
			acquire(id);
			expire(id);
		}

		List<Integer> removed = race((i) -> this.store.purgeExpired(4));

		assertThat(removed).allSatisfy((count) -> assertThat(count).isBetween(0, 4));
		int sum = removed.stream().mapToInt(Integer::intValue).sum() + purgeAll();
		assertThat(sum).isEqualTo(keepsExpiredRecords() ? records : 0);
	}

	@Test
	void waitersOfManyThreadsAreWoken() {
		CompletionSignals signals = this.store.signals();
		assumeFalse(signals == null, "the store sends no signals");
		RecordId id = newId();
		List<CountDownLatch> woken = Stream.generate(() -> new CountDownLatch(1)).limit(THREADS).toList();
		List<Registration> registrations = race(
				(i) -> Objects.requireNonNull(signals).listen(id, woken.get(i)::countDown));

		// A registration may take effect a moment later, so the owner may have to repeat
		await().untilAsserted(() -> {
			Lease lease = acquire(id);
			race((i) -> this.store.claim(ask(id).waiting().request()));
			assertThat(this.store.release(lease, new Release.Forget())).isTrue();
			assertThat(woken).allMatch((latch) -> latch.getCount() == 0);
		});

		registrations.forEach(Registration::close);
	}

	@Test
	void stormOverFewKeysHasOneOwnerAtATime() {
		List<Slot> slots = Stream.generate(Slot::new).limit(3).toList();

		List<Integer> won = race((thread) -> {
			int acquired = 0;
			for (int i = 0; i < 60; i++) {
				acquired += slots.get(ThreadLocalRandom.current().nextInt(slots.size())).claimAndRelease();
			}
			return acquired;
		});

		assertThat(won.stream().mapToInt(Integer::intValue).sum()).isPositive();
		assertThat(slots).allSatisfy((slot) -> assertThat(slot.broken).isEmpty());
	}

	@Test
	void stormOfTakeoversGivesEachFenceToOneOwner() {
		RecordId id = newId();
		List<Lease> history = new ArrayList<>(List.of(acquire(id)));

		for (int round = 0; round < 30; round++) {
			lapse(id);
			Lease current = history.get(history.size() - 1);
			List<@Nullable ClaimResult> results = race((i) -> {
				switch (i) {
					case 0 -> this.store.renew(current, LEASE);
					case 1 -> this.store.release(current, new Release.Failed(note()));
					case 2 -> assertThat(history.subList(0, history.size() - 1)).noneMatch(this::writes);
					default -> {
						return this.store.claim(ask(id).request());
					}
				}
				return null;
			});
			List<Acquired> winners = winners(results);
			assertThat(winners).hasSizeLessThanOrEqualTo(1);
			winners.forEach((winner) -> {
				assertThat(winner.lease().fence()).isEqualTo(current.fence() + 1);
				assertThat(winner.attempt()).isEqualTo(history.size() + 1);
				history.add(winner.lease());
			});
			assertOwnedBy(found(id), history.get(history.size() - 1));
		}

		assertThat(history).hasSizeGreaterThan(1);
	}

	@RepeatedTest(RACES)
	void overlappingClaimsInOppositeOrdersGiveEachRecordToOne() {
		List<RecordId> ids = Stream.generate(StoreFixture::newId).limit(60).toList();

		List<List<ClaimResult>> results = race((i) -> this.store.claimAll(overlap(ids, i)));

		List<Acquired> winners = winners(results.stream().flatMap(List::stream).toList());
		assertThat(winners).extracting((winner) -> winner.lease().id()).containsExactlyInAnyOrderElementsOf(ids);
		winners.forEach((winner) -> assertOwnedBy(found(winner.lease().id()), winner.lease()));
	}

	@RepeatedTest(RACES)
	void overlappingTakeoversInOppositeOrdersGiveEachRecordToOne() {
		List<RecordId> ids = Stream.generate(StoreFixture::newId).limit(30).toList();
		List<Lease> old = ids.stream().map(this::acquire).toList();
		this.store.writeAll(old.stream().map(IdempotencyStoreConcurrencyContract::failed).toList());

		List<List<ClaimResult>> results = race((i) -> this.store.claimAll(overlap(ids, i)));

		List<Acquired> winners = winners(results.stream().flatMap(List::stream).toList());
		assertThat(winners).extracting((winner) -> winner.lease().id()).containsExactlyInAnyOrderElementsOf(ids);
		assertThat(winners).extracting(Acquired::attempt).containsOnly(2);
	}

	@Test
	void stormOfOverlappingBatchesHasOneOwnerPerRecordAndEnds() {
		List<RecordId> ids = Stream.generate(StoreFixture::newId).limit(40).toList();
		List<Lease> won = new CopyOnWriteArrayList<>();

		race((thread) -> {
			for (int round = 0; round < 12; round++) {
				List<Lease> mine = winners(this.store.claimAll(overlap(ids, thread + round))).stream()
					.map(Acquired::lease)
					.toList();
				won.addAll(mine);
				assertThat(this.store.renewAll(mine, LEASE)).doesNotContain(false);
				assertThat(this.store.writeAll(mine.stream().map(IdempotencyStoreConcurrencyContract::failed).toList()))
					.doesNotContain(false);
			}
			return 0;
		});

		assertThat(won).extracting(Lease::id).containsAll(ids);
		assertThat(won).extracting((lease) -> List.of(lease.id(), lease.fence())).doesNotHaveDuplicates();
	}

	/**
	 * Two thirds of the records, others for each contender, every other one backwards.
	 */
	private static List<ClaimRequest> overlap(List<RecordId> ids, int contender) {
		List<RecordId> mine = new ArrayList<>();
		for (int i = 0; i < ids.size(); i++) {
			if (i % 3 != contender % 3) {
				mine.add(ids.get(i));
			}
		}
		if (contender % 2 == 1) {
			Collections.reverse(mine);
		}
		return mine.stream().map((id) -> ask(id).request()).toList();
	}

	private static Write failed(Lease lease) {
		return new Write.GivingBack(lease, new Release.Failed(note()));
	}

	@RepeatedTest(RACES)
	void stepsDoneAtTheSameMomentAreAllKept() {
		RecordId id = newId();
		Lease lease = acquire(id);

		List<Boolean> recorded = race((i) -> this.store.checkpoint(lease, "step-" + i, StoredOutcome.noValue()));

		assertThat(recorded).containsOnly(true);
		lapse(id);
		assertThat(acquire(ask(id)).checkpoints()).hasSize(THREADS);
	}

	@RepeatedTest(RACES)
	void stepOfALapsedOwnerIsEitherSeenByItsSuccessorOrRefused() {
		RecordId id = newId();
		Lease late = acquire(id);
		lapse(id);

		Duel<Boolean, ClaimResult> duel = duel(() -> this.store.checkpoint(late, "charge", StoredOutcome.noValue()),
				() -> this.store.claim(ask(id).request()));

		boolean seen = onlyWinner(List.of(duel.other())).checkpoints().containsKey("charge");
		assertThat(seen).isEqualTo(duel.one());
	}

	private boolean writes(Lease lease) {
		return this.store.complete(lease, StoredOutcome.noValue(), TTL) || this.store.renew(lease, LEASE)
				|| this.store.release(lease, new Release.Failed(note()))
				|| this.store.release(lease, new Release.Forget());
	}

	private int purgeAll() {
		int all = 0;
		int removed;
		do {
			removed = this.store.purgeExpired(1000);
			all += removed;
		}
		while (removed == 1000);
		return all;
	}

	private List<ClaimResult> raceToClaim(RecordId id) {
		return race((i) -> this.store.claim(ask(id).request()));
	}

	/** Start as many contenders as there are threads at the same moment. */
	private <T> List<T> race(Contender<T> contender) {
		CyclicBarrier start = new CyclicBarrier(THREADS);
		List<Future<T>> running = new ArrayList<>();
		for (int i = 0; i < THREADS; i++) {
			int index = i;
			running.add(this.executor.submit(() -> {
				start.await(30, TimeUnit.SECONDS);
				return contender.run(index);
			}));
		}
		List<T> results = new ArrayList<>();
		running.forEach((future) -> results.add(result(future)));
		return results;
	}

	private <A, B> Duel<A, B> duel(Callable<A> one, Callable<B> other) {
		CyclicBarrier start = new CyclicBarrier(2);
		Future<A> first = this.executor.submit(() -> {
			start.await(30, TimeUnit.SECONDS);
			return one.call();
		});
		Future<B> second = this.executor.submit(() -> {
			start.await(30, TimeUnit.SECONDS);
			return other.call();
		});
		return new Duel<>(result(first), result(second));
	}

	private static <T> T result(Future<T> future) {
		try {
			return future.get(60, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new AssertionError("A contender failed", ex);
		}
	}

	private static List<Acquired> winners(List<? extends @Nullable ClaimResult> results) {
		return results.stream().filter(Acquired.class::isInstance).map(Acquired.class::cast).toList();
	}

	private static Acquired onlyWinner(List<? extends ClaimResult> results) {
		List<Acquired> winners = winners(results);
		assertThat(winners).hasSize(1);
		return winners.get(0);
	}

	private void assertTakenOver(ClaimResult result, Lease old) {
		Acquired winner = onlyWinner(List.of(result));
		assertThat(winner.lease().fence()).isEqualTo(old.fence() + 1);
		assertThat(winner.attempt()).isEqualTo(2);
		IdempotencyRecord record = found(old.id());
		assertThat(record.live()).isTrue();
		assertThat(record.outcome()).isNull();
		assertOwnedBy(record, winner.lease());
	}

	private static void assertOwnedBy(IdempotencyRecord record, Lease lease) {
		assertThat(record.owner()).isEqualTo(lease.owner());
		assertThat(record.fence()).isEqualTo(lease.fence());
	}

	private interface Contender<T> {

		T run(int index) throws Exception;

	}

	private record Duel<A, B>(A one, B other) {

	}

	/**
	 * One key of a storm, and what its owners noticed. Only the owner writes here, so
	 * that two owners at a time would show.
	 */
	private final class Slot {

		private final RecordId id = newId();

		private final AtomicReference<@Nullable Lease> owner = new AtomicReference<>();

		private final List<String> broken = new CopyOnWriteArrayList<>();

		private volatile long lastFence;

		private int claimAndRelease() {
			if (!(IdempotencyStoreConcurrencyContract.this.store
				.claim(ask(this.id).request()) instanceof Acquired acquired)) {
				return 0;
			}
			Lease lease = acquired.lease();
			check(this.owner.compareAndSet(null, lease), "two owners at a time");
			check(lease.fence() > this.lastFence, "the fence did not grow");
			this.lastFence = lease.fence();
			check(IdempotencyStoreConcurrencyContract.this.store.renew(lease, LEASE), "a live owner did not renew");
			check(this.owner.compareAndSet(lease, null), "two owners at a time");
			Release how = ThreadLocalRandom.current().nextBoolean() ? new Release.Forget() : new Release.Failed(note());
			check(IdempotencyStoreConcurrencyContract.this.store.release(lease, how), "a live owner did not release");
			return 1;
		}

		private void check(boolean holds, String otherwise) {
			if (!holds) {
				this.broken.add(otherwise);
			}
		}

	}

}
