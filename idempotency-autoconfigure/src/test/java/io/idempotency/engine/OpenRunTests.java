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

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.TransactionMode;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.store.sql.SqlTestDatabase;
import io.idempotency.test.MutableClock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What an edge can rely on that opens a call, does the work by itself and ends the run:
 * the same whether it waits for the store or not.
 */
@Timeout(60)
@ParameterizedClass
@EnumSource
class OpenRunTests {

	private static final Duration LEASE = Duration.ofSeconds(30);

	private static final StoredOutcome FIRST = outcome("first");

	private static final StoredOutcome SECOND = outcome("second");

	private final MutableClock time = new MutableClock(Instant.parse("2026-03-01T12:00:00Z"));

	private final FaultyStore store = new FaultyStore(new MemoryIdempotencyStore(this.time));

	private final DrivenStore driven = new DrivenStore(this.store);

	private final List<String> told = new CopyOnWriteArrayList<>();

	@Parameter
	private Way way;

	private final IdempotencyEngine engine = newEngine();

	private final ExecutorService threads = Executors.newCachedThreadPool();

	@AfterEach
	void close() {
		this.threads.shutdownNow();
		this.engine.close();
		this.driven.close();
	}

	@Test
	void recordedOutcomeAnswersLaterCallers() {
		begin(call("k")).record(FIRST);
		this.time.advance(Duration.ofSeconds(3));

		Opening second = open(call("k"));

		assertThat(second).isEqualTo(new Opening.Recorded(FIRST, Duration.ofSeconds(3)));
	}

	@Test
	void recordedOutcomeIsKeptForTheTimeOfResultsAndARememberedOneForThatOfFailures() {
		begin(call("result")).record(FIRST);
		begin(call("failure")).remember(SECOND);

		assertThat(recorded(call("failure"))).isEqualTo(SECOND);
		this.time.advance(Duration.ofSeconds(60));

		assertThat(recorded(call("result"))).isEqualTo(FIRST);
		assertThat(open(call("failure"))).isInstanceOf(Opening.Begun.class);
	}

	@Test
	void failedRunIsRunAgainByTheNextClaim() {
		begin(call("k")).fail(new IOException("gateway"));

		OwnRun second = begin(call("k"));

		assertThat(second.context().attempt()).isEqualTo(2);
		second.record(SECOND);
		assertThat(recorded(call("k"))).isEqualTo(SECOND);
	}

	@Test
	void underHoldAFailedRunIsUnknownUnlessTheFailureProvesThatItHadNoEffect() {
		OperationSettings hold = OperationSettings.builder()
			.onUnknown(OnUnknown.HOLD)
			.safeToRetry(List.of(IOException.class))
			.build();
		begin(call("thrown", hold)).fail(new IllegalStateException("half done"));
		begin(call("nothing known", hold)).fail(null);
		begin(call("refused", hold)).fail(new IOException("refused"));

		assertThatExceptionOfType(IdempotencyOutcomeUnknownException.class)
			.isThrownBy(() -> open(call("thrown", hold)));
		assertThatExceptionOfType(IdempotencyOutcomeUnknownException.class)
			.isThrownBy(() -> open(call("nothing known", hold)));
		assertThat(begin(call("refused", hold)).context().attempt()).isEqualTo(2);
	}

	@Test
	void forgottenRunLeavesNothing() {
		GuardedCall call = call("k");

		begin(call).forget();

		assertThat(this.store.find(call.id())).isEmpty();
		assertThat(begin(call).context().attempt()).isEqualTo(1);
	}

	@Test
	void firstEndingCounts() {
		OwnRun run = begin(call("k"));

		assertThat(run.record(FIRST)).isNull();
		run.fail(new IOException("late"));
		run.forget();
		assertThat(run.remember(SECOND)).isNull();
		assertThat(run.record(SECOND)).isNull();
		run.letGo();

		assertThat(recorded(call("k"))).isEqualTo(FIRST);
		assertThat(this.store.completions).hasValue(1);
	}

	@Test
	void endingsOfManyThreadsAreOneEnding() throws Exception {
		OwnRun run = begin(call("k"));
		CyclicBarrier together = new CyclicBarrier(8);
		List<Future<?>> endings = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			boolean records = i % 2 == 0;
			endings.add(this.threads.submit(() -> {
				together.await();
				if (records) {
					run.record(FIRST);
				}
				else {
					run.fail(null);
				}
				return null;
			}));
		}
		for (Future<?> ending : endings) {
			ending.get(10, TimeUnit.SECONDS);
		}

		RecordStatus status = status(call("k"));
		assertThat(status).isIn(RecordStatus.COMPLETED, RecordStatus.FAILED);
		assertThat(this.store.completions).hasValue((status == RecordStatus.COMPLETED) ? 1 : 0);
		assertThat(this.told).containsExactly("started",
				(status == RecordStatus.COMPLETED) ? "EXECUTED null" : "FAILED null");
	}

	@Test
	void lateOwnerGetsTheAnswerThatWasRecordedInstead() {
		OwnRun late = begin(call("k"));
		elsewhere((other) -> begin(other, call("k")).record(SECOND));

		Opening.Recorded instead = late.record(FIRST);

		assertThat(instead).isNotNull().extracting(Opening.Recorded::outcome).isEqualTo(SECOND);
		assertThat(recorded(call("k"))).isEqualTo(SECOND);
	}

	@Test
	void lateOwnerIsToldThatNobodyHasAnAnswerYet() {
		OwnRun late = begin(call("k"));
		elsewhere((other) -> {
			OwnRun owner = begin(other, call("k"));
			this.told.clear();

			assertThatExceptionOfType(IdempotencyLeaseLostException.class).isThrownBy(() -> late.record(FIRST))
				.withMessageContaining("was not recorded");

			assertThat(this.told).containsExactly("lease lost", "LEASE_LOST IdempotencyLeaseLostException");
			owner.record(SECOND);
		});
		assertThat(recorded(call("k"))).isEqualTo(SECOND);
	}

	@Test
	void lateOwnerDoesNotUndoTheRunOfAnother() {
		OwnRun failed = begin(call("failed"));
		OwnRun forgotten = begin(call("forgotten"));
		elsewhere((other) -> {
			begin(other, call("failed")).record(SECOND);
			begin(other, call("forgotten")).record(SECOND);
		});

		failed.fail(new IOException("late"));
		forgotten.forget();

		assertThat(recorded(call("failed"))).isEqualTo(SECOND);
		assertThat(recorded(call("forgotten"))).isEqualTo(SECOND);
	}

	@Test
	void callerKeepsItsAnswerWhenTheStoreFailsAndItIsRecordedLater() {
		OwnRun run = begin(call("k"));
		this.store.failCompletions = true;

		assertThat(run.record(FIRST)).isNull();

		assertThat(status(call("k"))).isEqualTo(RecordStatus.IN_PROGRESS);
		assertThat(this.told).containsExactly("started", "recording failed", "EXECUTED null");
		this.store.failCompletions = false;
		await().atMost(Duration.ofSeconds(10)).until(() -> status(call("k")) == RecordStatus.COMPLETED);
		assertThat(recorded(call("k"))).isEqualTo(FIRST);
	}

	@Test
	void leaseIsRenewedUntilTheRunIsLetGo() {
		OperationSettings shortly = OperationSettings.builder().lease(Duration.ofMillis(300)).build();
		OwnRun kept = begin(call("kept", shortly));
		OwnRun letGo = begin(call("let go", shortly));
		awaitRenewal(call("let go", shortly));

		letGo.letGo();

		Instant end = record(call("let go", shortly)).leaseUntil();
		awaitRenewal(call("kept", shortly));
		awaitRenewal(call("kept", shortly));
		assertThat(record(call("let go", shortly)).leaseUntil()).isEqualTo(end);
		kept.forget();
	}

	@Test
	void callersWhoWaitInThisJvmAreFreedByLettingGoAndGetTheAnswerOfTheEnd() throws Exception {
		OwnRun run = begin(call("k"));
		Future<StoredOutcome> waiter = waiter(call("k"));
		this.store.claims.set(0);

		run.letGo();

		await().atMost(Duration.ofSeconds(10)).until(() -> this.store.claims.get() > 0);
		assertThat(run.record(FIRST)).isNull();
		assertThat(waiter.get(10, TimeUnit.SECONDS)).isEqualTo(FIRST);
	}

	@Test
	void runThatWasLetGoIsTakenOverWhenItsLeaseLapses() {
		OwnRun run = begin(call("k"));
		run.letGo();
		this.time.advance(LEASE);

		OwnRun second = begin(call("k"));

		assertThat(second.context().attempt()).isEqualTo(2);
		second.record(SECOND);
		assertThat(run.record(FIRST)).isNotNull().extracting(Opening.Recorded::outcome).isEqualTo(SECOND);
	}

	@Test
	void callerWhoWaitsInThisJvmGetsTheRecordedAnswer() throws Exception {
		OwnRun run = begin(call("k"));
		Future<StoredOutcome> waiter = waiter(call("k"));

		run.record(FIRST);

		assertThat(waiter.get(10, TimeUnit.SECONDS)).isEqualTo(FIRST);
	}

	@Test
	void proceedLeavesTheWorkUnprotectedAndElseNothingRuns() {
		OperationSettings proceed = OperationSettings.builder().onStoreFailure(OnStoreFailure.PROCEED).build();
		this.store.failBefore.set(2);

		assertThat(open(call("k", proceed))).isEqualTo(new Opening.Unprotected());

		this.store.failBefore.set(2);
		assertThatExceptionOfType(IdempotencyStoreUnavailableException.class).isThrownBy(() -> open(call("k")));
		assertThat(this.told).containsExactly("started", "UNPROTECTED null", "started",
				"STORE_ERROR IdempotencyStoreUnavailableException");
	}

	@Test
	void anotherFingerprintIsRefusedDuringTheRunAndAfterIt() {
		OwnRun run = begin(call("k", print(1)));

		assertThatExceptionOfType(IdempotencyKeyMismatchException.class).isThrownBy(() -> open(call("k", print(2))));
		run.record(FIRST);
		assertThatExceptionOfType(IdempotencyKeyMismatchException.class).isThrownBy(() -> open(call("k", print(2))));
		assertThat(recorded(call("k", print(1)))).isEqualTo(FIRST);
	}

	@Test
	void callInATransactionThatTheStoreCanJoinIsRefused() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.h2()) {
			SqlIdempotencyStore records = SqlIdempotencyStore.on(database.pool()).build();
			records.schema().create();
			TransactionTemplate transaction = new TransactionTemplate(
					new DataSourceTransactionManager(database.pool()));

			assertThatIllegalStateException()
				.isThrownBy(() -> transaction.execute((status) -> open(call("k", separate(), records))))
				.withMessageContaining("inside a transaction")
				.withMessageContaining("Nothing ran");

			assertThat(begin(call("k", separate(), records)).context().attempt()).isEqualTo(1);
		}
	}

	@Test
	void workWithinARunSeesItsContext() throws Throwable {
		OwnRun run = begin(call("k"));

		Object seen = run.within(() -> IdempotencyContext.current().orElseThrow());

		assertThat(seen).isSameAs(run.context());
		assertThat(run.context().key()).isEqualTo("k");
		assertThat(run.context().attempt()).isEqualTo(1);
		assertThat(IdempotencyContext.current()).isEmpty();
	}

	@Test
	void failureWithinARunIsThrownAndDoesNotEndIt() {
		OwnRun run = begin(call("k"));
		IOException failure = new IOException("gateway");

		assertThatExceptionOfType(IOException.class).isThrownBy(() -> run.within(() -> {
			throw failure;
		})).isSameAs(failure);

		assertThat(IdempotencyContext.current()).isEmpty();
		assertThat(status(call("k"))).isEqualTo(RecordStatus.IN_PROGRESS);
		run.record(FIRST);
		assertThat(recorded(call("k"))).isEqualTo(FIRST);
	}

	@Test
	void workWithinARunThatOpensTheSameCallIsRefusedInsteadOfWaitingForItself() throws Throwable {
		OwnRun run = begin(call("k"));

		assertThatIllegalStateException().isThrownBy(() -> run.within(() -> open(call("k"))))
			.withMessageContaining("calls itself");

		run.within(() -> {
			begin(call("nested")).record(SECOND);
			return null;
		});
		run.record(FIRST);
		assertThat(recorded(call("nested"))).isEqualTo(SECOND);
	}

	@ParameterizedTest
	@MethodSource("endings")
	void listenersAreToldOnceHowARunEnded(Consumer<OwnRun> ending, String expected) {
		OwnRun run = begin(call("k"));
		assertThat(this.told).containsExactly("started");
		run.letGo();
		assertThat(this.told).containsExactly("started");

		ending.accept(run);
		run.record(SECOND);
		run.fail(null);

		assertThat(this.told).containsExactly("started", expected);
	}

	static Stream<Arguments> endings() {
		return Stream.of(ending("record", (run) -> run.record(FIRST), "EXECUTED null"),
				ending("remember", (run) -> run.remember(FIRST), "EXECUTED null"),
				ending("fail", (run) -> run.fail(new IOException()), "FAILED IOException"),
				ending("fail for an unknown reason", (run) -> run.fail(null), "FAILED null"),
				ending("forget", OwnRun::forget, "FORGOTTEN null"));
	}

	@Test
	void listenersAreToldOnceHowACallEndedThatGotNoRun() throws Exception {
		OwnRun run = begin(call("k"));
		this.told.clear();

		OperationSettings reject = OperationSettings.builder().onConcurrent(OnConcurrent.REJECT).build();
		assertThatExceptionOfType(IdempotencyInProgressException.class).isThrownBy(() -> open(call("k", reject)));
		Future<StoredOutcome> waiter = waiter(call("k"));
		run.record(FIRST);
		waiter.get(10, TimeUnit.SECONDS);
		recorded(call("k"));

		assertThat(this.told).startsWith("started", "REJECTED IdempotencyInProgressException", "started")
			.endsWith("started", "duplicate", "REPLAYED null")
			.containsOnlyOnce("EXECUTED null", "WAITED null")
			.hasSize(9);
	}

	private static Arguments ending(String name, Consumer<OwnRun> ending, String expected) {
		return arguments(named(name, ending), expected);
	}

	private OwnRun begin(GuardedCall call) {
		return begin(this.engine, call);
	}

	private OwnRun begin(IdempotencyEngine engine, GuardedCall call) {
		Opening opening = open(engine, call);
		assertThat(opening).isInstanceOf(Opening.Begun.class);
		return new OwnRun(((Opening.Begun) opening).run());
	}

	private Opening open(GuardedCall call) {
		return open(this.engine, call);
	}

	private Opening open(IdempotencyEngine engine, GuardedCall call) {
		return (this.way == Way.WAITING) ? engine.open(call) : join(engine.open(call, this.threads));
	}

	private static <T extends @Nullable Object> T join(CompletionStage<T> stage) {
		try {
			return stage.toCompletableFuture().get(50, TimeUnit.SECONDS);
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof RuntimeException failure) ? failure : new IllegalStateException(ex);
		}
		catch (InterruptedException | TimeoutException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private StoredOutcome recorded(GuardedCall call) {
		Opening opening = open(call);
		assertThat(opening).isInstanceOf(Opening.Recorded.class);
		return ((Opening.Recorded) opening).outcome();
	}

	/** Somebody waits on another thread of this JVM. */
	private Future<StoredOutcome> waiter(GuardedCall call) {
		AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
		Future<StoredOutcome> waiter = this.threads.submit(() -> {
			thread.set(Thread.currentThread());
			return recorded(call);
		});
		await().until(() -> {
			Thread started = thread.get();
			return started != null && started.getState() == Thread.State.TIMED_WAITING;
		});
		return waiter;
	}

	/** The lease lapses, and another instance of the application opens calls. */
	private void elsewhere(Consumer<IdempotencyEngine> calls) {
		this.time.advance(LEASE);
		try (IdempotencyEngine other = new IdempotencyEngine(codec(), List.of(), false)) {
			calls.accept(other);
		}
	}

	/** Time passes, so that the next renewal moves the end of the lease. */
	private void awaitRenewal(GuardedCall call) {
		Instant end = record(call).leaseUntil();
		this.time.advance(Duration.ofMillis(1));
		await().atMost(Duration.ofSeconds(10)).until(() -> record(call).leaseUntil().isAfter(end));
	}

	private RecordStatus status(GuardedCall call) {
		return record(call).status();
	}

	private IdempotencyRecord record(GuardedCall call) {
		return this.store.find(call.id()).orElseThrow();
	}

	private GuardedCall call(String key) {
		return call(key, OperationSettings.UNSET);
	}

	private GuardedCall call(String key, OperationSettings settings) {
		return call(key, settings, records());
	}

	private GuardedCall call(String key, OperationSettings settings, IdempotencyStore records) {
		return call(key, settings, records, null);
	}

	private GuardedCall call(String key, Fingerprint fingerprint) {
		return call(key, OperationSettings.UNSET, records(), fingerprint);
	}

	private GuardedCall call(String key, OperationSettings settings, IdempotencyStore records,
			@Nullable Fingerprint fingerprint) {
		OperationSettings merged = settings
			.over(OperationSettings.builder().lease(LEASE).waitTimeout(Duration.ofSeconds(20)).build());
		OperationSpec spec = OperationSpec.of("charge", byte[].class, false, merged, records);
		return GuardedCall.of(spec, "", key, fingerprint, this.time.instant(), GuardedCall.KEEP_ALL);
	}

	private IdempotencyStore records() {
		return (this.way == Way.WITHOUT_WAITING) ? this.driven : this.store;
	}

	private static OperationSettings separate() {
		return OperationSettings.builder().transaction(TransactionMode.SEPARATE).build();
	}

	private static Fingerprint print(int value) {
		byte[] bytes = new byte[16];
		bytes[0] = (byte) value;
		return Fingerprint.of(bytes);
	}

	private static StoredOutcome outcome(String text) {
		return StoredOutcome.value(text.getBytes(StandardCharsets.UTF_8));
	}

	private static Jackson3OutcomeCodec codec() {
		return new Jackson3OutcomeCodec(JsonMapper.builder().build());
	}

	private IdempotencyEngine newEngine() {
		return new IdempotencyEngine(codec(), List.of(new Notes()), false);
	}

	/**
	 * Writes down what the engine tells.
	 */
	private final class Notes implements IdempotencyListener {

		private final List<String> told = OpenRunTests.this.told;

		@Override
		public Observed callStarted(GuardedCall call) {
			this.told.add("started");
			return new Observed() {

				@Override
				public void ended(CallOutcome outcome, @Nullable Throwable error) {
					Notes.this.told.add(outcome + " " + ((error != null) ? error.getClass().getSimpleName() : null));
				}

			};
		}

		@Override
		public void leaseLost(GuardedCall call) {
			this.told.add("lease lost");
		}

		@Override
		public void recordingFailed(GuardedCall call, Throwable cause) {
			this.told.add("recording failed");
		}

		@Override
		public void duplicate(GuardedCall call, Duration age) {
			this.told.add("duplicate");
		}

	}

	/**
	 * How the engine is asked.
	 */
	enum Way {

		/** By the calls that wait. */
		WAITING,

		/** By those that do not, with a store that can only block. */
		ON_THREADS,

		/** By those that do not, with a store that need not block. */
		WITHOUT_WAITING

	}

	/**
	 * A run that is ended the same way as it was opened.
	 */
	private final class OwnRun {

		private final OpenRun run;

		private OwnRun(OpenRun run) {
			this.run = run;
		}

		private Opening.@Nullable Recorded end(Ending ending) {
			return (OpenRunTests.this.way == Way.WAITING) ? this.run.end(ending)
					: join(this.run.end(ending, OpenRunTests.this.threads));
		}

		private Opening.@Nullable Recorded record(StoredOutcome outcome) {
			return end(Ending.recorded(outcome));
		}

		private Opening.@Nullable Recorded remember(StoredOutcome outcome) {
			return end(Ending.remembered(outcome));
		}

		private void fail(@Nullable Throwable failure) {
			end(Ending.failed(failure));
		}

		private void forget() {
			end(Ending.forgotten());
		}

		private void letGo() {
			this.run.letGo();
		}

		private IdempotencyContext context() {
			return this.run.context();
		}

		private @Nullable Object within(Work work) throws Throwable {
			return this.run.within(work);
		}

	}

}
