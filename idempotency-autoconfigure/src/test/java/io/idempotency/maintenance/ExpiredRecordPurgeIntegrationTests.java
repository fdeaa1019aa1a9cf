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

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.idempotency.OnUnknown;
import io.idempotency.key.Identity;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.FailureNote;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.Release;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.store.sql.SqlTestDatabase;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class ExpiredRecordPurgeIntegrationTests {

	private static final int BATCH = 10;

	private static final StoredOutcome OUTCOME = StoredOutcome.value("1".getBytes(StandardCharsets.UTF_8));

	private final List<Integer> batches = new CopyOnWriteArrayList<>();

	@ParameterizedTest
	@EnumSource
	void removesExpiredRecordsInBoundedBatchesAndKeepsTheOthers(SqlTestDatabase.Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			SqlIdempotencyStore store = database.store();
			for (int i = 0; i < 35; i++) {
				database.elapse(completed(store, "old-" + i, Duration.ofHours(1)), Duration.ofDays(3));
			}
			for (int i = 0; i < 5; i++) {
				database.elapse(completed(store, "kept-" + i, Duration.ofDays(30)), Duration.ofDays(3));
			}
			ExpiredRecordPurge purge = purge(store, Duration.ofMillis(10));

			purge.start();

			await().until(() -> this.batches.contains(0));
			purge.stop();
			assertThat(rows(database)).isEqualTo(5);
			assertThat(this.batches).startsWith(BATCH, BATCH, BATCH, 5);
			assertThat(this.batches.subList(4, this.batches.size())).containsOnly(0);
		}
	}

	@ParameterizedTest
	@EnumSource
	void severalInstancesRemoveEachRecordOnce(SqlTestDatabase.Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			SqlIdempotencyStore store = database.store();
			for (int i = 0; i < 60; i++) {
				database.elapse(completed(store, "old-" + i, Duration.ofHours(1)), Duration.ofDays(3));
			}
			List<ExpiredRecordPurge> purges = List.of(purge(store, Duration.ofMillis(5)),
					purge(store, Duration.ofMillis(5)), purge(store, Duration.ofMillis(5)));

			purges.forEach(ExpiredRecordPurge::start);

			await().until(() -> rows(database) == 0);
			await().until(() -> this.batches.stream().mapToInt(Integer::intValue).sum() == 60);
			purges.forEach(ExpiredRecordPurge::stop);
		}
	}

	/**
	 * The day of all records has come, so that only their expiry tells the ones that may
	 * be removed.
	 */
	@ParameterizedTest
	@EnumSource
	void severalInstancesRemoveNothingThatHasNotExpiredWhileCallsGoOn(SqlTestDatabase.Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			SqlIdempotencyStore store = database.store();
			for (int i = 0; i < 40; i++) {
				inEveryState(store, "old-" + i).forEach((lease) -> database.elapse(lease.id(), Duration.ofDays(9)));
			}
			List<Lease> kept = new ArrayList<>();
			for (int i = 0; i < 10; i++) {
				kept.addAll(inEveryState(store, "kept-" + i));
			}
			kept.forEach((lease) -> database.elapse(lease.id(), Duration.ofMinutes(30)));
			database.execute("UPDATE idempotency_record SET purge_day = 1");
			List<ExpiredRecordPurge> purges = Stream
				.generate(() -> purge(SqlIdempotencyStore.on(database.pool()).build(), Duration.ofMillis(2)))
				.limit(3)
				.toList();
			AtomicBoolean over = new AtomicBoolean();
			List<CompletableFuture<Integer>> traffic = IntStream.range(0, 3)
				.mapToObj((caller) -> CompletableFuture.supplyAsync(() -> calls(store, "caller-" + caller, over),
						(task) -> new Thread(task).start()))
				.toList();

			purges.forEach(ExpiredRecordPurge::start);

			await().atMost(Duration.ofSeconds(30)).until(() -> sum(this.batches) == 40 * 4);
			int rounds = this.batches.size();
			await().until(() -> this.batches.size() > rounds + 20);
			over.set(true);
			int calls = traffic.stream().mapToInt(CompletableFuture::join).sum();
			purges.forEach(ExpiredRecordPurge::stop);
			assertThat(calls).isPositive();
			assertThat(sum(this.batches)).isEqualTo(40 * 4);
			assertThat(rows(database)).isEqualTo(kept.size() + calls);
			assertThat(kept).allSatisfy(
					(lease) -> assertThat(store.find(lease.id()).orElseThrow().fence()).isEqualTo(lease.fence()));
		}
	}

	@ParameterizedTest
	@EnumSource
	void endsWithItsContext(SqlTestDatabase.Vendor vendor) throws Exception {
		// Other tests keep their contexts, and these have a purge, too
		Set<Thread> ofOthers = purgeThreads();
		try (SqlTestDatabase database = vendor.create()) {
			SqlIdempotencyStore store = database.store();
			GenericApplicationContext context = new GenericApplicationContext();
			context.registerBean(ExpiredRecordPurge.class, () -> purge(store, Duration.ofMillis(5)));
			context.refresh();
			ExpiredRecordPurge purge = context.getBean(ExpiredRecordPurge.class);
			await().until(() -> this.batches.size() > 2);
			assertThat(purge.isRunning()).isTrue();

			context.close();

			assertThat(purge.isRunning()).isFalse();
			await().until(() -> ofOthers.containsAll(purgeThreads()));
		}
	}

	private static Set<Thread> purgeThreads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("idempotency-purge"))
			.collect(Collectors.toSet());
	}

	private ExpiredRecordPurge purge(IdempotencyStore store, Duration interval) {
		return new ExpiredRecordPurge(() -> List.of(counted(store)), interval, BATCH, Duration.ofMillis(1));
	}

	private IdempotencyStore counted(IdempotencyStore store) {
		return (IdempotencyStore) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { IdempotencyStore.class }, (proxy, method, arguments) -> {
					try {
						Object result = method.invoke(store, arguments);
						if (method.getName().equals("purgeExpired")) {
							this.batches.add((Integer) result);
						}
						return result;
					}
					catch (InvocationTargetException ex) {
						throw ex.getTargetException();
					}
				});
	}

	/** Completed, failed, unknown, and abandoned by an owner that lives no more. */
	private static List<Lease> inEveryState(IdempotencyStore store, String key) {
		List<Lease> leases = Stream.of("completed", "failed", "unknown", "abandoned")
			.map((state) -> claim(store, key + "-" + state, Duration.ofHours(1)))
			.toList();
		FailureNote note = new FailureNote("java.io.IOException", null);
		assertThat(store.complete(leases.get(0), OUTCOME, Duration.ofHours(1))).isTrue();
		assertThat(store.release(leases.get(1), new Release.Failed(note))).isTrue();
		assertThat(store.release(leases.get(2), new Release.Unknown(note))).isTrue();
		return leases;
	}

	/** Call after call, each in progress for a moment. */
	private static int calls(IdempotencyStore store, String caller, AtomicBoolean over) {
		int calls = 0;
		while (!over.get()) {
			Lease lease = claim(store, caller + "-" + calls, Duration.ofHours(1));
			assertThat(store.renew(lease, Duration.ofSeconds(30))).isTrue();
			assertThat(store.complete(lease, OUTCOME, Duration.ofHours(1))).isTrue();
			calls++;
		}
		return calls;
	}

	private static int sum(List<Integer> batches) {
		return batches.stream().mapToInt(Integer::intValue).sum();
	}

	private static RecordId completed(IdempotencyStore store, String key, Duration ttl) {
		Lease lease = claim(store, key, ttl);
		assertThat(store.complete(lease, OUTCOME, ttl)).isTrue();
		return lease.id();
	}

	private static Lease claim(IdempotencyStore store, String key, Duration ttl) {
		ClaimRequest request = new ClaimRequest(Identity.of("", "purge", "", key), "purge", UUID.randomUUID(), null,
				OnUnknown.RETRY, Duration.ofSeconds(30), Duration.ofDays(1), ttl, false);
		return ((ClaimResult.Acquired) store.claim(request)).lease();
	}

	private static long rows(SqlTestDatabase database) {
		return database.number("SELECT count(*) FROM idempotency_record");
	}

}
