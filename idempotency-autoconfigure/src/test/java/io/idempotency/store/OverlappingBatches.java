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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

import io.idempotency.Idempotency;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.engine.EngineIdempotency;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.OperationSettings;
import io.idempotency.engine.Operations;
import io.idempotency.key.Canonicalizer;
import io.idempotency.test.ForwardingStore;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * 10,000 keys, each asked for by eight threads 500 at a time: half of the threads begin
 * at one end, half at the other, and each at an offset of its own, so that no two batches
 * are the same and those of two threads name their keys in opposite orders.
 */
public final class OverlappingBatches {

	private static final int KEYS = 10_000;

	private static final int BATCH = 500;

	private static final int THREADS = 8;

	private final AtomicIntegerArray worked = new AtomicIntegerArray(KEYS);

	private final AtomicInteger turns = new AtomicInteger();

	private final RoundTrips trips;

	private OverlappingBatches(IdempotencyStore store) {
		this.trips = new RoundTrips(store);
	}

	/**
	 * Ask for all keys, and expect that each is worked on once and that a batch claims
	 * and completes by the verbs for many, once each time that its work is called.
	 * @param store where the keys are
	 * @return how often the store was asked for something
	 * @throws Exception if a batch failed
	 */
	public static int areWorkedOnOnce(IdempotencyStore store) throws Exception {
		OverlappingBatches batches = new OverlappingBatches(store);
		batches.askForAll();

		for (int key = 0; key < KEYS; key++) {
			assertThat(batches.worked.get(key)).as("key %s", key).isOne();
		}
		assertThat(batches.trips.single).hasValue(0);
		assertThat(batches.trips.writes).hasValue(batches.turns.get());
		return batches.trips.claims.get() + batches.trips.writes.get();
	}

	private void askForAll() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try (IdempotencyEngine engine = new IdempotencyEngine(new Jackson3OutcomeCodec(JsonMapper.builder().build()),
				List.of(), false)) {
			Idempotency idempotency = new EngineIdempotency(engine,
					new Operations(OperationSettings.builder().waitTimeout(Duration.ofMinutes(1)).build(), Map.of(),
							(name) -> this.trips),
					new Canonicalizer(), InstantSource.system());
			List<Callable<Void>> all = IntStream.range(0, THREADS)
				.<Callable<Void>>mapToObj((thread) -> () -> ask(idempotency, thread))
				.toList();
			for (Future<Void> each : threads.invokeAll(all)) {
				each.get();
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	private Void ask(Idempotency idempotency, int thread) {
		List<Integer> keys = new ArrayList<>(IntStream.range(0, KEYS).boxed().toList());
		Collections.rotate(keys, thread * 61);
		if (thread % 2 == 0) {
			Collections.reverse(keys);
		}
		for (int from = 0; from < KEYS; from += BATCH) {
			List<Integer> asked = keys.subList(from, from + BATCH);
			List<Integer> answers = idempotency.batch("notify")
				.keys(asked, (key) -> key)
				.execute(Integer.class, this::work)
				.values();
			assertThat(answers).isEqualTo(asked);
		}
		return null;
	}

	private List<Integer> work(List<Integer> newKeys) {
		this.turns.incrementAndGet();
		newKeys.forEach(this.worked::incrementAndGet);
		return newKeys;
	}

	/** Counts what is asked of the store. */
	private static final class RoundTrips extends ForwardingStore {

		private final IdempotencyStore store;

		private final AtomicInteger single = new AtomicInteger();

		private final AtomicInteger claims = new AtomicInteger();

		private final AtomicInteger writes = new AtomicInteger();

		RoundTrips(IdempotencyStore store) {
			super(store);
			this.store = store;
		}

		@Override
		public ClaimResult claim(ClaimRequest request) {
			this.single.incrementAndGet();
			return super.claim(request);
		}

		@Override
		public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
			this.single.incrementAndGet();
			return super.complete(lease, outcome, ttl);
		}

		@Override
		public List<ClaimResult> claimAll(List<ClaimRequest> requests) {
			this.claims.incrementAndGet();
			return this.store.claimAll(requests);
		}

		@Override
		public List<Boolean> writeAll(List<Write> writes) {
			this.writes.incrementAndGet();
			return this.store.writeAll(writes);
		}

	}

}
