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

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.OnConcurrent;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.test.MutableClock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Who takes a thread to wait on, of those that open a call at a store that need not
 * block. That the answers are the same is a matter of {@link OpenRunTests}.
 */
@Timeout(60)
class OpeningWithoutThreadsTests {

	private static final Duration LEASE = Duration.ofSeconds(30);

	private static final StoredOutcome OUTCOME = StoredOutcome.value("done".getBytes(StandardCharsets.UTF_8));

	private final MutableClock time = new MutableClock(Instant.parse("2026-03-01T12:00:00Z"));

	private final FaultyStore store = new FaultyStore(new MemoryIdempotencyStore(this.time));

	private final DrivenStore driven = new DrivenStore(this.store);

	private final IdempotencyEngine engine = engine();

	private final IdempotencyEngine elsewhere = engine();

	private final ExecutorService pool = Executors.newCachedThreadPool();

	private final AtomicInteger threads = new AtomicInteger();

	@AfterEach
	void close() {
		this.pool.shutdownNow();
		this.engine.close();
		this.elsewhere.close();
		this.driven.close();
	}

	@Test
	void firstRunItsEndAndItsReplayTakeNone() throws Exception {
		end(begin("result"), Ending.recorded(OUTCOME));
		end(begin("failure"), Ending.remembered(OUTCOME));
		end(begin("failed"), Ending.failed(null));
		end(begin("forgotten"), Ending.forgotten());

		assertThat(get(open("result"))).isInstanceOf(Opening.Recorded.class);
		assertThat(get(open("failure"))).isInstanceOf(Opening.Recorded.class);
		assertThat(begin("failed").context().attempt()).isEqualTo(2);
		assertThat(begin("forgotten").context().attempt()).isOne();
		assertThat(this.threads).hasValue(0);
	}

	@Test
	void refusalTakesNone() {
		OpenRun run = begin("here");
		Opening there = this.elsewhere.open(call("there", OnConcurrent.REJECT, null));

		assertThat(open(call("here", OnConcurrent.REJECT, null))).failsWithin(10, TimeUnit.SECONDS)
			.withThrowableThat()
			.withCauseInstanceOf(IdempotencyInProgressException.class);
		assertThat(open(call("there", OnConcurrent.REJECT, null))).failsWithin(10, TimeUnit.SECONDS)
			.withThrowableThat()
			.withCauseInstanceOf(IdempotencyInProgressException.class);
		assertThat(open(call("here", OnConcurrent.WAIT, Fingerprint.of(new byte[16]))))
			.failsWithin(10, TimeUnit.SECONDS)
			.withThrowableThat()
			.withCauseInstanceOf(IdempotencyKeyMismatchException.class);

		assertThat(this.threads).hasValue(0);
		run.end(Ending.forgotten());
		((Opening.Begun) there).run().end(Ending.forgotten());
	}

	@Test
	void hundredsThatWaitForARunInThisJvmTakeNone() throws Exception {
		OpenRun run = begin("k");
		List<CompletableFuture<Opening>> waiting = new ArrayList<>();
		for (int i = 0; i < 500; i++) {
			waiting.add(open("k"));
		}
		assertThat(waiting).noneMatch(CompletableFuture::isDone);

		end(run, Ending.recorded(OUTCOME));

		for (CompletableFuture<Opening> each : waiting) {
			assertThat(get(each)).isInstanceOfSatisfying(Opening.Recorded.class,
					(recorded) -> assertThat(recorded.outcome()).isEqualTo(OUTCOME));
		}
		assertThat(this.threads).hasValue(0);
		assertThat(this.store.claims).hasValue(1);
	}

	@Test
	void oneOfThoseThatWaitRunsAfterAFailureAndTheOthersGetItsAnswer() throws Exception {
		OpenRun run = begin("k");
		List<CompletableFuture<Opening>> waiting = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			waiting.add(open("k"));
		}

		end(run, Ending.failed(null));
		await().until(() -> waiting.stream().anyMatch(CompletableFuture::isDone));
		List<CompletableFuture<Opening>> first = waiting.stream().filter(CompletableFuture::isDone).toList();
		assertThat(first).hasSize(1);
		end(((Opening.Begun) get(first.get(0))).run(), Ending.recorded(OUTCOME));

		waiting.removeAll(first);
		for (CompletableFuture<Opening> each : waiting) {
			assertThat(get(each)).isInstanceOf(Opening.Recorded.class);
		}
		assertThat(this.threads).hasValue(0);
	}

	@Test
	void waitForARunInThisJvmEndsWithTheTimeOfTheCaller() {
		OpenRun run = begin("k");

		assertThat(open(call("k", OnConcurrent.WAIT, null, Duration.ofMillis(200)))).failsWithin(10, TimeUnit.SECONDS)
			.withThrowableThat()
			.withCauseInstanceOf(IdempotencyInProgressException.class);

		assertThat(this.threads).hasValue(0);
		run.end(Ending.forgotten());
	}

	@Test
	void storeThatFailsTwiceTakesNone() {
		this.store.failBefore.set(2);

		assertThat(open("k")).failsWithin(10, TimeUnit.SECONDS)
			.withThrowableThat()
			.withCauseInstanceOf(IdempotencyStoreUnavailableException.class);

		assertThat(this.store.claims).hasValue(2);
		assertThat(this.threads).hasValue(0);
	}

	@Test
	void claimWithoutAnAnswerIsSentAgainUnderTheSameToken() {
		this.store.failAfter.set(1);

		assertThat(begin("k").context().attempt()).isOne();

		assertThat(this.store.claims).hasValue(2);
		assertThat(this.threads).hasValue(0);
	}

	@Test
	void storeThatFailsAtTheEndTakesNoneAndIsToldLater() throws Exception {
		OpenRun run = begin("k");
		this.store.failCompletions = true;

		assertThat(end(run, Ending.recorded(OUTCOME))).isNull();

		assertThat(this.threads).hasValue(0);
		this.store.failCompletions = false;
		await().atMost(Duration.ofSeconds(10))
			.until(() -> this.store.find(call("k", OnConcurrent.WAIT, null).id()).orElseThrow().outcome() != null);
	}

	@Test
	void waitForARunElsewhereTakesOne() throws Exception {
		OpenRun run = ((Opening.Begun) this.elsewhere.open(call("k", OnConcurrent.WAIT, null))).run();
		CompletableFuture<Opening> waiting = open("k");
		await().until(() -> this.threads.get() == 1);

		run.end(Ending.recorded(OUTCOME));

		assertThat(get(waiting)).isInstanceOf(Opening.Recorded.class);
		assertThat(this.threads).hasValue(1);
	}

	@Test
	void endThatMeetsARenewalTakesOne() throws Exception {
		this.store.hangBeforeRenewals = new CountDownLatch(1);
		OpenRun run = ((Opening.Begun) get(open(call("k", OnConcurrent.WAIT, null, LEASE, Duration.ofMillis(300)))))
			.run();
		await().until(() -> this.store.renewals.get() == 1);

		CompletableFuture<Opening.@Nullable Recorded> end = run.end(Ending.recorded(OUTCOME), this::onThread)
			.toCompletableFuture();

		assertThat(this.threads).hasValue(1);
		assertThat(end).isNotDone();
		this.store.hangBeforeRenewals.countDown();
		assertThat(end.get(10, TimeUnit.SECONDS)).isNull();
	}

	@Test
	void threadThatIsRefusedFailsTheCallAndNobodyWaitsForIt() throws Exception {
		OpenRun run = ((Opening.Begun) this.elsewhere.open(call("k", OnConcurrent.WAIT, null))).run();

		assertThat(this.engine.open(call("k", OnConcurrent.WAIT, null), (task) -> {
			throw new RejectedExecutionException();
		}).toCompletableFuture()).failsWithin(10, TimeUnit.SECONDS)
			.withThrowableThat()
			.withCauseInstanceOf(RejectedExecutionException.class);

		run.end(Ending.recorded(OUTCOME));
		assertThat(get(open("k"))).isInstanceOf(Opening.Recorded.class);
		assertThat(this.threads).hasValue(0);
	}

	private OpenRun begin(String key) {
		Opening opening = get(open(key));
		assertThat(opening).isInstanceOf(Opening.Begun.class);
		return ((Opening.Begun) opening).run();
	}

	private CompletableFuture<Opening> open(String key) {
		return open(call(key, OnConcurrent.WAIT, null));
	}

	private CompletableFuture<Opening> open(GuardedCall call) {
		return this.engine.open(call, this::onThread).toCompletableFuture();
	}

	private Opening.@Nullable Recorded end(OpenRun run, Ending ending) throws Exception {
		return run.end(ending, this::onThread).toCompletableFuture().get(10, TimeUnit.SECONDS);
	}

	private void onThread(Runnable task) {
		this.threads.incrementAndGet();
		this.pool.execute(task);
	}

	private static Opening get(CompletableFuture<Opening> opening) {
		assertThat(opening).succeedsWithin(10, TimeUnit.SECONDS);
		return opening.join();
	}

	private GuardedCall call(String key, OnConcurrent onConcurrent, @Nullable Fingerprint fingerprint) {
		return call(key, onConcurrent, fingerprint, Duration.ofSeconds(20));
	}

	private GuardedCall call(String key, OnConcurrent onConcurrent, @Nullable Fingerprint fingerprint,
			Duration waitTimeout) {
		return call(key, onConcurrent, (fingerprint != null) ? fingerprint : print(), waitTimeout, LEASE, this.driven);
	}

	private GuardedCall call(String key, OnConcurrent onConcurrent, @Nullable Fingerprint fingerprint,
			Duration waitTimeout, Duration lease) {
		return call(key, onConcurrent, (fingerprint != null) ? fingerprint : print(), waitTimeout, lease, this.driven);
	}

	private GuardedCall call(String key, OnConcurrent onConcurrent, Fingerprint fingerprint, Duration waitTimeout,
			Duration lease, IdempotencyStore records) {
		OperationSettings settings = OperationSettings.builder()
			.lease(lease)
			.waitTimeout(waitTimeout)
			.onConcurrent(onConcurrent)
			.build();
		OperationSpec spec = OperationSpec.of("charge", byte[].class, false, settings, records);
		return GuardedCall.of(spec, "", key, fingerprint, this.time.instant(), GuardedCall.KEEP_ALL);
	}

	private static Fingerprint print() {
		byte[] bytes = new byte[16];
		bytes[0] = 1;
		return Fingerprint.of(bytes);
	}

	private static IdempotencyEngine engine() {
		return new IdempotencyEngine(new Jackson3OutcomeCodec(JsonMapper.builder().build()), List.of(), false);
	}

}
