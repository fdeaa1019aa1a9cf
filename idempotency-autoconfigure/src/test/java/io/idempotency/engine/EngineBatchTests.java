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
package io.idempotency.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import io.idempotency.BatchAnswer;
import io.idempotency.BatchAnswers;
import io.idempotency.Idempotency;
import io.idempotency.IdempotencyBatch;
import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.PartialFailureException;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.key.Canonicalizer;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.Write;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.test.ForwardingStore;
import io.idempotency.test.MutableClock;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for batches, by the facade, over two instances that share a store.
 */
class EngineBatchTests {

	private final MutableClock clock = new MutableClock(Instant.parse("2026-03-02T10:00:00Z"));

	private final MemoryIdempotencyStore memory = new MemoryIdempotencyStore(this.clock);

	private final CountingStore store = new CountingStore(this.memory);

	private final List<String> told = new CopyOnWriteArrayList<>();

	private final IdempotencyEngine engine = engine();

	private final IdempotencyEngine otherEngine = engine();

	private final Idempotency idempotency = facade(this.engine, this.store, OperationSettings.UNSET);

	private final Idempotency otherInstance = facade(this.otherEngine, this.store, OperationSettings.UNSET);

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final List<List<Integer>> worked = new CopyOnWriteArrayList<>();

	@AfterEach
	void close() throws InterruptedException {
		this.threads.shutdownNow();
		this.engine.close();
		this.otherEngine.close();
		assertThat(this.threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void workSeesJustTheNewItemsAndAnswersComeInOrder() {
		this.idempotency.call("notify", 2).execute(String.class, () -> "two before");

		BatchAnswers<String> answers = batch(3, 2, 1).execute(String.class, this::notified);

		assertThat(answers.values()).containsExactly("sent 3", "two before", "sent 1");
		assertThat(answers).extracting(BatchAnswer::replayed).containsExactly(false, true, false);
		assertThat(this.worked).containsExactly(List.of(3, 1));
		assertThat(this.store.claimed).containsExactly(3);
		assertThat(this.store.written).containsExactly(2);
		assertThat(batch(1, 2, 3).execute(String.class, this::notified).values()).containsExactly("sent 1",
				"two before", "sent 3");
		assertThat(this.worked).hasSize(1);
	}

	@Test
	void singleCallGetsTheAnswerOfABatch() {
		batch(1, 2).execute(String.class, this::notified);

		assertThat(this.idempotency.call("notify", 2).execute(String.class, () -> "again")).isEqualTo("sent 2");
	}

	@Test
	void nothingIsAskedForNoItems() {
		assertThat(batch().execute(String.class, this::notified)).isEmpty();
		assertThat(this.worked).isEmpty();
		assertThat(this.store.claimed).isEmpty();
	}

	@Test
	void keyThatIsNamedTwiceIsWorkedOnOnce() {
		BatchAnswers<String> answers = batch(1, 2, 1).execute(String.class, this::notified);

		assertThat(answers.values()).containsExactly("sent 1", "sent 2", "sent 1");
		assertThat(answers).extracting(BatchAnswer::replayed).containsExactly(false, false, true);
		assertThat(this.worked).containsExactly(List.of(1, 2));
	}

	@Test
	void otherFingerprintIsAMismatchAlsoWithinTheList() {
		this.idempotency.call("notify", "a").fingerprint("A").execute(String.class, () -> "first");

		BatchAnswers<String> answers = this.idempotency.batch("notify")
			.keys(List.of("aX", "bB", "bC"), (item) -> item.substring(0, 1))
			.fingerprint((item) -> item.substring(1))
			.execute(String.class, (items) -> items);

		assertThat(answers.get(0).failure()).isInstanceOf(IdempotencyKeyMismatchException.class);
		assertThat(answers.get(1).value()).isEqualTo("bB");
		assertThat(answers.get(2).failure()).isInstanceOf(IdempotencyKeyMismatchException.class);
		assertThat(answers.failures()).containsOnlyKeys(0, 2);
		assertThatExceptionOfType(IdempotencyKeyMismatchException.class).isThrownBy(answers::values);
	}

	@Test
	void partialFailureReleasesOnlyWhatFailed() {
		IllegalStateException bounced = new IllegalStateException("bounced");

		BatchAnswers<String> answers = batch(1, 2, 3).execute(String.class, (items) -> {
			throw new PartialFailureException(List.of("sent 1", "", "sent 3"), Map.of(1, bounced));
		});

		assertThat(answers.get(0).value()).isEqualTo("sent 1");
		assertThat(answers.get(1).failure()).isSameAs(bounced);
		assertThat(answers.get(2).value()).isEqualTo("sent 3");
		assertThat(batch(1, 2, 3).execute(String.class, this::notified).values()).containsExactly("sent 1", "sent 2",
				"sent 3");
		assertThat(this.worked).containsExactly(List.of(2));
	}

	@Test
	void itemsThatAreDoneOneByOneFailOneByOneAndKnowTheirKey() {
		List<String> keys = new ArrayList<>();

		BatchAnswers<Integer> answers = batch(1, 2, 3).executeEach(Integer.class, (item) -> {
			keys.add(IdempotencyContext.current().orElseThrow().key());
			if (item == 2) {
				throw new java.io.IOException("bounced");
			}
			return item * 10;
		});

		assertThat(keys).containsExactly("1", "2", "3");
		assertThat(answers.get(0).value()).isEqualTo(10);
		assertThat(answers.get(1).failure()).isInstanceOf(java.io.IOException.class);
		assertThat(answers.get(2).value()).isEqualTo(30);
		assertThat(this.store.written).containsExactly(3);
	}

	@Test
	void workThatThrowsGivesEachItemBack() {
		IllegalStateException down = new IllegalStateException("mail server");

		BatchAnswers<?> answers = batch(1, 2).run((items) -> {
			throw down;
		});

		assertThat(answers).extracting(BatchAnswer::failure).containsExactly(down, down);
		assertThat(batch(1, 2).execute(String.class, this::notified).values()).hasSize(2);
		assertThat(this.worked).containsExactly(List.of(1, 2));
	}

	@Test
	void listOfAnotherLengthIsAFailureOfAll() {
		BatchAnswers<String> answers = batch(1, 2).execute(String.class, (items) -> List.of("one"));

		assertThat(answers)
			.allSatisfy((answer) -> assertThat(answer.failure()).hasMessageContaining("1 results for 2 items"));
		assertThatIllegalStateException().isThrownBy(() -> answers.get(0).get()).withMessageContaining("no result");
	}

	@Test
	void failureThatIsRememberedIsTheAnswerOfItsItem() {
		Supplier<BatchAnswers<String>> batch = () -> batch(1, 2).rememberFailures(UnsupportedOperationException.class)
			.executeEach(String.class, (item) -> {
				this.worked.add(List.of(item));
				if (item == 1) {
					throw new UnsupportedOperationException("no such address");
				}
				return "sent";
			});

		batch.get();
		BatchAnswers<String> again = batch.get();

		assertThat(again.get(0).failure()).isInstanceOf(UnsupportedOperationException.class)
			.hasMessage("no such address");
		assertThat(again.get(1).value()).isEqualTo("sent");
		assertThat(this.worked).containsExactly(List.of(1), List.of(2));
	}

	@Test
	void failedItemIsHeldWhereItsOutcomeIsNotKnown() {
		batch(1, 2).onUnknown(OnUnknown.HOLD)
			.safeToRetry(IllegalArgumentException.class)
			.executeEach(String.class, (item) -> {
				throw (item == 1) ? new IllegalStateException("timed out") : new IllegalArgumentException();
			});

		BatchAnswers<String> again = batch(1, 2).execute(String.class, this::notified);

		assertThat(again.get(0).failure()).isInstanceOf(IdempotencyOutcomeUnknownException.class);
		assertThat(again.get(1).value()).isEqualTo("sent 2");
	}

	@Test
	void resultThatIsNotToBeKeptIsForgotten() {
		batch(1, 2).unless((result) -> "sent 1".equals(result)).execute(String.class, this::notified);
		batch(1, 2).execute(String.class, this::notified);

		assertThat(this.worked).containsExactly(List.of(1, 2), List.of(1));
	}

	@Test
	void batchesThatOverlapInOppositeOrdersNeverWaitForEachOther() throws Exception {
		List<Integer> items = IntStream.range(0, 60).boxed().toList();
		Map<Integer, AtomicInteger> runs = new ConcurrentHashMap<>();
		List<Future<List<String>>> running = new ArrayList<>();
		CountDownLatch start = new CountDownLatch(1);
		for (int i = 0; i < 8; i++) {
			Idempotency instance = (i % 2 == 0) ? this.idempotency : this.otherInstance;
			List<Integer> mine = new ArrayList<>(items.subList(i * 3, 40 + i * 2));
			if (i % 4 < 2) {
				Collections.reverse(mine);
			}
			running.add(this.threads.submit(() -> {
				start.await();
				return instance.batch("notify").keys(mine, (item) -> item).execute(String.class, (newItems) -> {
					newItems
						.forEach((item) -> runs.computeIfAbsent(item, (key) -> new AtomicInteger()).incrementAndGet());
					return newItems.stream().map((item) -> "sent " + item).toList();
				}).values();
			}));
		}

		start.countDown();

		for (Future<List<String>> each : running) {
			assertThat(each.get(20, TimeUnit.SECONDS)).allMatch((answer) -> answer.startsWith("sent"));
		}
		assertThat(runs.values()).allSatisfy((count) -> assertThat(count).hasValue(1));
	}

	@Test
	void whatIsBeingWorkedOnElsewhereIsWaitedForWhenAllElseIsSettled() throws Exception {
		for (Idempotency owner : List.of(this.idempotency, this.otherInstance)) {
			this.worked.clear();
			String operation = (owner == this.idempotency) ? "notify-here" : "notify-there";
			CountDownLatch owned = new CountDownLatch(1);
			CountDownLatch free = new CountDownLatch(1);
			Future<String> single = this.threads.submit(() -> owner.call(operation, 2).execute(String.class, () -> {
				owned.countDown();
				free.await();
				return "by another";
			}));
			owned.await();

			Future<List<String>> batch = this.threads.submit(() -> this.idempotency.batch(operation)
				.keys(List.of(1, 2, 3), (item) -> item)
				.execute(String.class, this::notified)
				.values());
			await().until(() -> !this.worked.isEmpty());
			assertThat(this.idempotency.call(operation, 3).execute(String.class, () -> "new")).isEqualTo("sent 3");
			free.countDown();

			assertThat(batch.get(10, TimeUnit.SECONDS)).containsExactly("sent 1", "by another", "sent 3");
			assertThat(single.get()).isEqualTo("by another");
			assertThat(this.worked).containsExactly(List.of(1, 3));
		}
	}

	@Test
	void whatBecomesFreeIsWorkedOnInAnotherTurn() throws Exception {
		CountDownLatch owned = new CountDownLatch(1);
		CountDownLatch free = new CountDownLatch(1);
		Future<String> single = this.threads
			.submit(() -> this.otherInstance.call("notify", 2).execute(String.class, () -> {
				owned.countDown();
				free.await();
				throw new IllegalStateException("failed elsewhere");
			}));
		owned.await();

		Future<List<String>> batch = this.threads
			.submit(() -> batch(1, 2, 3).execute(String.class, this::notified).values());
		await().until(() -> !this.worked.isEmpty());
		free.countDown();

		assertThat(batch.get(10, TimeUnit.SECONDS)).containsExactly("sent 1", "sent 2", "sent 3");
		assertThat(this.worked).containsExactly(List.of(1, 3), List.of(2));
		assertThat(single).failsWithin(Duration.ofSeconds(5));
	}

	@Test
	void whoDoesNotWaitIsToldWhatIsInProgress() throws Exception {
		CountDownLatch owned = new CountDownLatch(1);
		CountDownLatch free = new CountDownLatch(1);
		Future<?> here = this.threads.submit(() -> own(this.idempotency, 1, owned, free));
		owned.await();
		CountDownLatch ownedThere = new CountDownLatch(1);
		Future<?> there = this.threads.submit(() -> own(this.otherInstance, 2, ownedThere, free));
		ownedThere.await();

		BatchAnswers<String> answers = batch(1, 2, 3).onConcurrent(OnConcurrent.REJECT)
			.execute(String.class, this::notified);

		assertThat(answers.get(0).failure()).isInstanceOf(IdempotencyInProgressException.class);
		assertThat(answers.get(1).failure()).isInstanceOf(IdempotencyInProgressException.class);
		assertThat(answers.get(2).value()).isEqualTo("sent 3");
		assertThat(batch(1, 2, 4).onConcurrent(OnConcurrent.SKIP).run(this::notified).values()).containsExactly(null,
				null, null);
		assertThat(this.worked).endsWith(List.of(4));
		free.countDown();
		here.get();
		there.get();
	}

	@Test
	void waitIsCountedOnceForTheWholeBatch() throws Exception {
		Idempotency impatient = facade(this.engine, this.store,
				OperationSettings.builder().waitTimeout(Duration.ofMillis(200)).build());
		CountDownLatch free = new CountDownLatch(1);
		List<Future<?>> owners = new ArrayList<>();
		for (int i = 1; i <= 20; i++) {
			int key = i;
			CountDownLatch owned = new CountDownLatch(1);
			owners.add(this.threads.submit(() -> own(this.otherInstance, key, owned, free)));
			owned.await();
		}
		this.store.claims.set(0);

		BatchAnswers<String> answers = impatient.batch("notify")
			.keys(IntStream.rangeClosed(1, 20).boxed().toList(), (item) -> item)
			.execute(String.class, this::notified);

		assertThat(answers)
			.allSatisfy((answer) -> assertThat(answer.failure()).isInstanceOf(IdempotencyInProgressException.class));
		free.countDown();
		for (Future<?> owner : owners) {
			owner.get();
		}
		assertThat(this.store.claimed).containsExactly(20, 19);
	}

	@Test
	void moreThanAThousandItemsAreWorkedOnInTurns() {
		List<Integer> items = IntStream.range(0, 2500).boxed().toList();

		assertThat(this.idempotency.batch("notify")
			.keys(items, (item) -> item)
			.execute(String.class, this::notified)
			.values()).hasSize(2500).endsWith("sent 2499");

		assertThat(this.worked).extracting(List::size).containsExactly(1000, 1000, 500);
	}

	@Test
	void noContextIsCurrentInWorkOnSeveralKeysButACallToItselfIsRefused() {
		BatchAnswers<String> answers = batch(1, 2).execute(String.class, (items) -> {
			assertThat(IdempotencyContext.current()).isEmpty();
			assertThatIllegalStateException().isThrownBy(() -> batch(5, 2).execute(String.class, this::notified))
				.withMessageContaining("calls itself");
			return notified(items);
		});

		assertThat(answers.values()).hasSize(2);
		assertThat(IdempotencyContext.current()).isEmpty();
	}

	@Test
	void claimWithoutAnAnswerIsSentAgain() {
		this.store.failAfterClaims = 1;

		assertThat(batch(1, 2).execute(String.class, this::notified).values()).hasSize(2);

		assertThat(this.store.claimed).containsExactly(2, 2);
	}

	@Test
	void nothingRunsWithoutAStoreUnlessItMay() {
		this.store.failAfterClaims = 100;
		Idempotency proceeding = facade(this.engine, this.store,
				OperationSettings.builder().onStoreFailure(OnStoreFailure.PROCEED).build());

		BatchAnswers<String> refused = batch(1, 2).execute(String.class, this::notified);
		List<String> unprotected = proceeding.batch("proceed")
			.keys(List.of(1, 2), (item) -> item)
			.execute(String.class, this::notified)
			.values();

		assertThat(refused).allSatisfy(
				(answer) -> assertThat(answer.failure()).isInstanceOf(IdempotencyStoreUnavailableException.class));
		assertThat(unprotected).containsExactly("sent 1", "sent 2");
		assertThat(this.worked).containsExactly(List.of(1, 2));
		assertThat(this.told).contains("store-error", "unprotected");
	}

	@Test
	void outcomesThatCouldNotBeRecordedAreRecordedLater() {
		this.store.failWrites = 1;

		assertThat(batch(1, 2).execute(String.class, this::notified).values()).containsExactly("sent 1", "sent 2");

		await().untilAsserted(() -> assertThat(this.idempotency.call("notify", 2).execute(String.class, () -> "again"))
			.isEqualTo("sent 2"));
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void storeThatFailsIsToldOnceForTheWholeBatch(CapturedOutput output) {
		this.store.failCompletions = true;
		this.store.failWrites = 1;
		Idempotency hurried = facade(this.engine, this.store,
				OperationSettings.builder().lease(Duration.ofMillis(300)).build());

		hurried.batch("hurry").keys(List.of(1, 2, 3, 4, 5), (item) -> item).execute(String.class, this::notified);

		assertThat(output.getAll().lines()).filteredOn((line) -> line.contains("could not be recorded"))
			.singleElement(as(InstanceOfAssertFactories.STRING))
			.containsPattern("operation 'hurry', 5 keys, hashes \\w{8}, \\w{8}, \\w{8} and others could");
		await().untilAsserted(() -> assertThat(output.getAll()).contains("is not recorded"));
		assertThat(output.getAll().lines()).filteredOn((line) -> line.contains("is not recorded"))
			.singleElement(as(InstanceOfAssertFactories.STRING))
			.contains("operation 'hurry', 5 keys");
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void workWithoutProtectionIsToldOnceForTheWholeBatch(CapturedOutput output) {
		this.store.failAfterClaims = 100;
		Idempotency proceeding = facade(this.engine, this.store,
				OperationSettings.builder().onStoreFailure(OnStoreFailure.PROCEED).build());

		proceeding.batch("proceed").keys(List.of(1, 2), (item) -> item).execute(String.class, this::notified);

		assertThat(output.getAll().lines()).filteredOn((line) -> line.contains("without protection"))
			.singleElement(as(InstanceOfAssertFactories.STRING))
			.containsPattern("operation 'proceed', 2 keys, hashes \\w{8}, \\w{8} failed");
	}

	@Test
	void itemThatAnotherTookOverGetsTheRecordedAnswer() {
		BatchAnswers<String> answers = batch(1, 2).execute(String.class, (items) -> {
			this.clock.advance(Duration.ofMinutes(1));
			this.threads.submit(() -> this.otherInstance.call("notify", 2).execute(String.class, () -> "taken over"))
				.get();
			this.clock.advance(Duration.ofMillis(1));
			return notified(items);
		});

		assertThat(answers.values()).containsExactly("sent 1", "taken over");
		assertThat(answers.get(1).replayed()).isTrue();
	}

	@Test
	void itemThatAnotherIsStillAtIsLost() throws Exception {
		CountDownLatch owned = new CountDownLatch(1);
		CountDownLatch free = new CountDownLatch(1);
		List<Future<?>> owner = new ArrayList<>();

		BatchAnswers<String> answers = batch(1, 2).execute(String.class, (items) -> {
			this.clock.advance(Duration.ofMinutes(1));
			owner.add(this.threads.submit(() -> own(this.otherInstance, 2, owned, free)));
			owned.await();
			return notified(items);
		});

		assertThat(answers.get(0).value()).isEqualTo("sent 1");
		assertThat(answers.get(1).failure()).isInstanceOf(IdempotencyLeaseLostException.class);
		free.countDown();
		owner.get(0).get();
	}

	@Test
	void leasesOfLongWorkAreRenewedTogether() {
		Idempotency shortLeased = facade(this.engine, this.store,
				OperationSettings.builder().lease(Duration.ofMillis(150)).build());

		shortLeased.batch("notify").keys(List.of(1, 2, 3), (item) -> item).execute(String.class, (items) -> {
			await().until(() -> this.store.renewed.size() > 1);
			return notified(items);
		});

		assertThat(this.store.renewed).containsOnly(3);
		assertThat(this.store.written).containsExactly(3);
	}

	@Test
	void secondOfASkippedKeyIsSkippedToo() throws Exception {
		CountDownLatch owned = new CountDownLatch(1);
		CountDownLatch free = new CountDownLatch(1);
		Future<?> there = this.threads.submit(() -> own(this.otherInstance, 2, owned, free));
		owned.await();

		BatchAnswers<?> answers = batch(2, 2).onConcurrent(OnConcurrent.SKIP).run(this::notified);
		free.countDown();
		there.get();

		assertThat(answers).extracting(BatchAnswer::replayed).containsExactly(false, false);
		assertThat(this.told).contains("skipped").doesNotContain("replayed");
	}

	@Test
	void listenersAreToldOfEachKey() {
		batch(1, 2, 1).execute(String.class, this::notified);
		batch(2, 3).executeEach(String.class, (item) -> {
			throw new IllegalStateException();
		});

		assertThat(this.told).containsExactlyInAnyOrder("executed", "executed", "replayed", "replayed", "failed");
	}

	private void own(Idempotency instance, int key, CountDownLatch owned, CountDownLatch free) {
		try {
			instance.call("notify", key).run(() -> {
				owned.countDown();
				free.await();
			});
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private IdempotencyBatch.Items<Integer> batch(Integer... items) {
		return this.idempotency.batch("notify").keys(List.of(items), (item) -> item);
	}

	private List<String> notified(List<Integer> items) {
		this.worked.add(List.copyOf(items));
		return items.stream().map((item) -> "sent " + item).toList();
	}

	private IdempotencyEngine engine() {
		IdempotencyListener listener = new IdempotencyListener() {

			@Override
			public Observed callStarted(GuardedCall call) {
				return new Observed() {

					@Override
					public void ended(CallOutcome outcome, Throwable error) {
						EngineBatchTests.this.told.add(outcome.tag());
					}

				};
			}

		};
		return new IdempotencyEngine(new Jackson3OutcomeCodec(JsonMapper.builder().build()), List.of(listener), true);
	}

	private Idempotency facade(IdempotencyEngine engine, IdempotencyStore store, OperationSettings global) {
		return new EngineIdempotency(engine, new Operations(global, new HashMap<>(), (name) -> store),
				new Canonicalizer(), this.clock);
	}

	/** Notes how many records each verb on many was for. */
	private static final class CountingStore extends ForwardingStore {

		private final List<Integer> claimed = new CopyOnWriteArrayList<>();

		private final List<Integer> written = new CopyOnWriteArrayList<>();

		private final List<Integer> renewed = new CopyOnWriteArrayList<>();

		private final AtomicInteger claims = new AtomicInteger();

		private volatile int failAfterClaims;

		private volatile int failWrites;

		private volatile boolean failCompletions;

		CountingStore(IdempotencyStore delegate) {
			super(delegate);
		}

		@Override
		public ClaimResult claim(ClaimRequest request) {
			this.claims.incrementAndGet();
			return super.claim(request);
		}

		@Override
		public List<ClaimResult> claimAll(List<ClaimRequest> requests) {
			this.claimed.add(requests.size());
			List<ClaimResult> results = super.claimAll(requests);
			if (this.failAfterClaims-- > 0) {
				throw new IllegalStateException("the answer did not arrive");
			}
			return results;
		}

		@Override
		public List<Boolean> writeAll(List<Write> writes) {
			this.written.add(writes.size());
			if (this.failWrites-- > 0) {
				throw new IllegalStateException("the store is down");
			}
			return super.writeAll(writes);
		}

		@Override
		public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
			if (this.failCompletions) {
				throw new IllegalStateException("the store is down");
			}
			return super.complete(lease, outcome, ttl);
		}

		@Override
		public List<Boolean> renewAll(List<Lease> leases, Duration extension) {
			this.renewed.add(leases.size());
			return super.renewAll(leases, extension);
		}

	}

}
