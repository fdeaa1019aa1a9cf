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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyKeyInvalidException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyKeyMissingException;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.IdempotencyResultUnavailableException;
import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.key.Window;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.test.MutableClock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class IdempotencyEngineTests {

	private static final Duration LEASE = Duration.ofSeconds(30);

	private final MutableClock time = new MutableClock(Instant.parse("2026-03-01T12:00:00Z"));

	private final FaultyStore store = new FaultyStore(new MemoryIdempotencyStore(this.time));

	private final IdempotencyEngine engine = newEngine();

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final AtomicInteger runs = new AtomicInteger();

	@AfterEach
	void close() {
		this.threads.shutdownNow();
		this.engine.close();
	}

	@Test
	void secondCallGetsTheFirstAnswerInOneRoundTrip() throws Throwable {
		Object first = charge(call("k"));
		this.store.claims.set(0);

		Object second = charge(call("k"));

		assertThat(second).isEqualTo(first).isNotSameAs(first);
		assertThat(this.runs).hasValue(1);
		assertThat(this.store.claims).hasValue(1);
		assertThat(this.store.completions).hasValue(1);
	}

	@Test
	void nullAndVoidAreAnswers() throws Throwable {
		this.engine.execute(call("k"), () -> {
			this.runs.incrementAndGet();
			return null;
		});

		Object second = charge(call("k"));

		assertThat(second).isNull();
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void otherKeyScopeAndOperationAreIndependent() throws Throwable {
		charge(call("k"));

		charge(call("k2"));
		charge(GuardedCall.of(spec(UnaryOperator.identity()), "tenant", "k", null, this.time.instant(),
				GuardedCall.KEEP_ALL));

		assertThat(this.runs).hasValue(3);
	}

	@Test
	void anotherFingerprintIsRefusedOnEveryPath() throws Throwable {
		charge(call("k", print(1)));

		assertThatExceptionOfType(IdempotencyKeyMismatchException.class).isThrownBy(() -> charge(call("k", print(2))))
			.withMessageContaining("operation 'charge'")
			.withMessageNotContaining("'k'");
		assertThat(charge(call("k", print(1)))).isNotNull();

		CountDownLatch release = new CountDownLatch(1);
		Future<@Nullable Object> running = start(call("busy", print(1)), release);
		assertThatExceptionOfType(IdempotencyKeyMismatchException.class)
			.isThrownBy(() -> charge(call("busy", print(2))));
		release.countDown();
		running.get(10, TimeUnit.SECONDS);
		assertThat(this.runs).hasValue(2);
	}

	@Test
	void failedAttemptWithAnotherFingerprintIsRefusedAndWithTheSameOneRunsAgain() throws Throwable {
		fail(call("k", print(1)), new IOException("gateway"));

		assertThatExceptionOfType(IdempotencyKeyMismatchException.class).isThrownBy(() -> charge(call("k", print(2))));
		Object answer = charge(call("k", print(1)));

		assertThat(answer).isEqualTo(new Receipt("r2", 2));
	}

	@Test
	void callersOfOneKeyInOneJvmShareOneClaim() throws Exception {
		CountDownLatch release = new CountDownLatch(1);
		Future<@Nullable Object> leader = start(call("k"), release);
		this.store.claims.set(0);
		List<Future<@Nullable Object>> followers = new ArrayList<>();
		for (int i = 0; i < 63; i++) {
			followers.add(this.threads.submit(() -> sneaky(() -> charge(call("k")))));
		}

		release.countDown();

		Object first = leader.get(10, TimeUnit.SECONDS);
		for (Future<@Nullable Object> follower : followers) {
			assertThat(follower.get(10, TimeUnit.SECONDS)).isEqualTo(first);
		}
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void followersThatWaitedForAFailureRunTheWorkThemselves() throws Exception {
		CountDownLatch started = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		Future<?> leader = this.threads.submit(() -> sneaky(() -> this.engine.execute(call("k"), () -> {
			started.countDown();
			release.await();
			throw new IOException("gateway");
		})));
		started.await();
		Future<@Nullable Object> follower = this.threads.submit(() -> sneaky(() -> charge(call("k"))));

		release.countDown();

		assertThat(follower.get(10, TimeUnit.SECONDS)).isEqualTo(new Receipt("r1", 2));
		assertThat(leader).failsWithin(Duration.ofSeconds(10));
	}

	@Test
	void rejectingCallerIsToldTheAgeOfTheOwner() throws Exception {
		CountDownLatch release = new CountDownLatch(1);
		Future<@Nullable Object> owner = start(call("k"), release);

		assertThatExceptionOfType(IdempotencyInProgressException.class)
			.isThrownBy(() -> charge(call("k", (settings) -> settings.over(OperationSettings.UNSET), true)))
			.satisfies((ex) -> assertThat(ex.getRetryAfter()).isPositive());

		release.countDown();
		owner.get(10, TimeUnit.SECONDS);
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void waiterOfAnotherInstanceIsWokenByTheStore() throws Exception {
		IdempotencyEngine other = newEngine();
		CountDownLatch release = new CountDownLatch(1);
		Future<@Nullable Object> owner = start(call("k"), release);
		Future<@Nullable Object> waiter = this.threads.submit(() -> sneaky(() -> other.execute(call("k"), this::work)));
		await().until(() -> this.store.claims.get() >= 3);

		release.countDown();

		assertThat(waiter.get(10, TimeUnit.SECONDS)).isEqualTo(owner.get(10, TimeUnit.SECONDS));
		assertThat(this.runs).hasValue(1);
		other.close();
	}

	@Test
	void waiterTakesOverWhenTheLeaseLapses() throws Throwable {
		abandon("k");
		this.time.advance(LEASE);

		Object answer = charge(call("k"));

		assertThat(answer).isEqualTo(new Receipt("r1", 2));
	}

	@Test
	void holdKeepsALapsedRunFromRunningAgainUntilResolved() throws Throwable {
		UnaryOperator<OperationSettings> hold = onUnknown(OnUnknown.HOLD);
		abandon("k", hold);
		this.time.advance(LEASE);

		assertThatExceptionOfType(IdempotencyOutcomeUnknownException.class)
			.isThrownBy(() -> charge(call("k", hold, false)))
			.withMessageContaining("resolve");
		assertThat(this.runs).hasValue(0);
	}

	@Test
	void thePolicyOfTheRecordDecidesNotThatOfTheCaller() throws Throwable {
		abandon("k", onUnknown(OnUnknown.HOLD));
		this.time.advance(LEASE);

		assertThatExceptionOfType(IdempotencyOutcomeUnknownException.class)
			.isThrownBy(() -> charge(call("k", onUnknown(OnUnknown.RETRY), false)));
	}

	@Test
	void underHoldAnUnlistedExceptionIsUnknownAndAListedOneRunsAgain() throws Throwable {
		UnaryOperator<OperationSettings> hold = (settings) -> OperationSettings.builder()
			.lease(LEASE)
			.onUnknown(OnUnknown.HOLD)
			.safeToRetry(List.of(IOException.class))
			.build();
		fail(call("a", hold, false), new IllegalArgumentException("half done"));
		fail(call("b", hold, false), new IOException("refused"));

		assertThatExceptionOfType(IdempotencyOutcomeUnknownException.class)
			.isThrownBy(() -> charge(call("a", hold, false)));
		assertThat(charge(call("b", hold, false))).isEqualTo(new Receipt("r3", 2));
	}

	@Test
	void rememberedFailureIsThrownAgainUntilItsShortRetentionEnds() throws Throwable {
		UnaryOperator<OperationSettings> remembering = remembering(IllegalArgumentException.class);
		fail(call("k", remembering, false), new IllegalArgumentException("declined"));

		assertThatExceptionOfType(IllegalArgumentException.class)
			.isThrownBy(() -> charge(call("k", remembering, false)))
			.withMessage("declined");
		this.time.advance(Duration.ofSeconds(60));
		charge(call("k", remembering, false));

		assertThat(this.runs).hasValue(2);
	}

	@Test
	void rememberedFailureThatCannotBeRebuiltKeepsItsNameAndMessage() throws Throwable {
		fail(call("k", remembering(Unbuildable.class), false), new Unbuildable());

		assertThatExceptionOfType(IdempotencyRememberedFailureException.class)
			.isThrownBy(() -> charge(call("k", remembering(Unbuildable.class), false)))
			.withMessage("unbuildable")
			.satisfies((ex) -> assertThat(ex.getFailureType()).isEqualTo(Unbuildable.class.getName()));
	}

	@Test
	void failureBeforeTheWorkBeganLeavesNoTrace() throws Throwable {
		GuardedCall call = call("k", print(1));

		assertThatExceptionOfType(IllegalArgumentException.class)
			.isThrownBy(() -> this.engine.execute(call, (innermost) -> {
				throw new IllegalArgumentException("invalid argument");
			}));

		assertThat(this.store.find(call.id())).isEmpty();
		assertThat(charge(call("k", print(2)))).isNotNull();
	}

	@Test
	void unlessReturnsAndForgets() throws Throwable {
		GuardedCall call = new GuardedCall(call("k").spec(), call("k").id(), "k", null, Duration.ofHours(1),
				(result) -> true);

		Object first = charge(call);
		Object second = charge(call);

		assertThat(first).isNotEqualTo(second);
		assertThat(this.store.find(call.id())).isEmpty();
	}

	@Test
	void claimWhoseAnswerWasLostIsFoundBySendingItAgain() throws Throwable {
		this.store.failAfter.set(1);

		Object answer = charge(call("k"));

		assertThat(answer).isEqualTo(new Receipt("r1", 1));
		assertThat(this.store.claims).hasValue(2);
	}

	@Test
	void storeThatDoesNotAnswerRunsNothing() {
		this.store.failBefore.set(2);

		assertThatExceptionOfType(IdempotencyStoreUnavailableException.class).isThrownBy(() -> charge(call("k")))
			.withMessageContaining("Nothing ran")
			.withCauseInstanceOf(IllegalStateException.class);
		assertThat(this.runs).hasValue(0);
	}

	@Test
	void appliedClaimWithoutAnswerIsGivenUpInTheBackground() throws Throwable {
		this.store.failAfter.set(2);
		GuardedCall call = call("k");

		assertThatExceptionOfType(IdempotencyStoreUnavailableException.class).isThrownBy(() -> charge(call));

		await().atMost(Duration.ofSeconds(10)).until(() -> this.store.find(call.id()).isEmpty());
		assertThat(charge(call)).isEqualTo(new Receipt("r1", 1));
	}

	@Test
	void takeoverThatIsGivenUpKeepsWhatIsKnownOfTheFailedAttempt() throws Throwable {
		GuardedCall call = call("k");
		fail(call, new IOException("refused"));
		this.store.failAfter.set(2);

		assertThatExceptionOfType(IdempotencyStoreUnavailableException.class).isThrownBy(() -> charge(call));

		await().atMost(Duration.ofSeconds(10))
			.until(() -> this.store.find(call.id())
				.filter((record) -> record.status() == RecordStatus.FAILED && record.attempt() == 2)
				.isPresent());
		assertThat(charge(call)).isEqualTo(new Receipt("r2", 3));
	}

	@Test
	void claimThatNeverArrivedIsGivenUpWithoutATrace() throws Throwable {
		GuardedCall call = call("k");
		fail(call, new IOException("refused"));
		IdempotencyRecord failed = this.store.find(call.id()).orElseThrow();
		this.store.failBefore.set(2);
		this.store.finds.set(0);

		assertThatExceptionOfType(IdempotencyStoreUnavailableException.class).isThrownBy(() -> charge(call));

		await().atMost(Duration.ofSeconds(20)).until(() -> this.store.finds.get() > 1);
		assertThat(this.store.find(call.id())).contains(failed);
	}

	@Test
	void proceedRunsWithoutTheStore() throws Throwable {
		this.store.failBefore.set(2);
		UnaryOperator<OperationSettings> proceed = (
				settings) -> OperationSettings.builder().onStoreFailure(OnStoreFailure.PROCEED).build();

		Object answer = charge(call("k", proceed, false));

		assertThat(answer).isNotNull();
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void callerWhoMayWaitWaitsForTheTransactionThatHoldsTheRecord() throws Throwable {
		this.store.locked.set(3);

		assertThat(charge(call("k"))).isNotNull();

		assertThat(this.store.claims).hasValue(4);
	}

	@Test
	void recordHeldByATransactionIsNoFailureOfTheStore() {
		this.store.locked.set(1);
		UnaryOperator<OperationSettings> proceedOrReject = (settings) -> OperationSettings.builder()
			.onStoreFailure(OnStoreFailure.PROCEED)
			.onConcurrent(OnConcurrent.REJECT)
			.build();

		assertThatExceptionOfType(IdempotencyInProgressException.class)
			.isThrownBy(() -> charge(call("k", proceedOrReject, false)))
			.withMessageContaining("in a transaction that has not ended");

		assertThat(this.runs).hasValue(0);
		assertThat(this.store.claims).hasValue(1);
	}

	@Test
	void storeThatDiesAtCompletionGivesTheRealAnswerAndIsToldLater() throws Throwable {
		this.store.failCompletions = true;
		GuardedCall call = call("k");

		Object answer = charge(call);

		assertThat(answer).isEqualTo(new Receipt("r1", 1));
		assertThat(this.store.find(call.id()).map(IdempotencyRecord::status)).contains(RecordStatus.IN_PROGRESS);
		this.store.failCompletions = false;
		await().atMost(Duration.ofSeconds(10))
			.until(() -> this.store.find(call.id()).map(IdempotencyRecord::status).get() == RecordStatus.COMPLETED);
		assertThat(charge(call)).isEqualTo(answer);
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void staleOwnerGetsTheAnswerThatWasRecordedInstead() throws Throwable {
		Object answer = this.engine.execute(call("k"), () -> {
			this.time.advance(LEASE);
			elsewhere(call("k"));
			return new Receipt("stale", 1);
		});

		assertThat(answer).isEqualTo(new Receipt("r1", 2));
		assertThat(charge(call("k"))).isEqualTo(answer);
	}

	@Test
	void staleOwnerWithoutARecordedAnswerIsToldSo() {
		assertThatExceptionOfType(IdempotencyLeaseLostException.class)
			.isThrownBy(() -> this.engine.execute(call("k"), () -> {
				this.time.advance(LEASE);
				abandon("k");
				return new Receipt("stale", 1);
			}));
	}

	@Test
	void resultThatCannotBeStoredDoesNotRunAgain() throws Throwable {
		OperationSpec spec = OperationSpec.of("charge", Cyclic.class, false, settings(), this.store);
		GuardedCall call = GuardedCall.of(spec, "", "k", null, this.time.instant(), GuardedCall.KEEP_ALL);
		Cyclic result = new Cyclic();

		Object answer = this.engine.execute(call, () -> result);

		assertThat(answer).isSameAs(result);
		assertThatExceptionOfType(IdempotencyResultUnavailableException.class).isThrownBy(() -> charge(call));
		assertThat(this.runs).hasValue(0);
	}

	@Test
	void resultThatCannotBeReadDoesNotRunAgain() throws Throwable {
		charge(call("k"));
		OperationSpec changed = OperationSpec.of("charge", Integer.class, false, settings(), this.store);

		assertThatExceptionOfType(IdempotencyResultUnavailableException.class).isThrownBy(
				() -> charge(GuardedCall.of(changed, "", "k", null, this.time.instant(), GuardedCall.KEEP_ALL)));
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void asynchronousResultIsRecordedWhenItIsThere() throws Throwable {
		CompletableFuture<@Nullable Object> work = new CompletableFuture<>();
		GuardedCall call = asyncCall("k");

		CompletableFuture<?> first = (CompletableFuture<?>) this.engine.execute(call, () -> work);
		assertThat(first).isNotDone();
		assertThat(this.store.find(call.id()).map(IdempotencyRecord::status)).contains(RecordStatus.IN_PROGRESS);
		work.complete(new Receipt("later", 1));

		assertThat(first).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(new Receipt("later", 1));
		CompletableFuture<?> second = (CompletableFuture<?>) this.engine.execute(call, () -> {
			throw new AssertionError("must not run");
		});
		assertThat(second).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(new Receipt("later", 1));
	}

	@Test
	void failedStageReleasesTheKey() throws Throwable {
		GuardedCall call = asyncCall("k");
		CompletableFuture<?> first = (CompletableFuture<?>) this.engine.execute(call, () -> {
			return CompletableFuture.failedFuture(new IOException("gateway"));
		});
		assertThat(first).failsWithin(Duration.ofSeconds(10))
			.withThrowableThat()
			.withCauseInstanceOf(IOException.class);

		CompletableFuture<?> second = (CompletableFuture<?>) this.engine.execute(call,
				() -> CompletableFuture.completedFuture(new Receipt("second", 2)));

		assertThat(second).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(new Receipt("second", 2));
	}

	@Test
	void callToItselfFailsAtOnceInsteadOfWaitingForItself() {
		assertThatIllegalStateException()
			.isThrownBy(() -> this.engine.execute(call("k"), () -> this.engine.execute(call("k"), this::work)))
			.withMessageContaining("calls itself");
		assertThat(this.runs).hasValue(0);
	}

	@Test
	void nestedOperationKeepsItsOwnIdentity() throws Throwable {
		Object answer = this.engine.execute(call("outer"), () -> this.engine.execute(call("inner"), this::work));

		assertThat(charge(call("inner"))).isEqualTo(answer);
		assertThat(charge(call("outer"))).isEqualTo(answer);
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void contextTellsKeyAttemptAndReplay() throws Throwable {
		fail(call("k"), new IOException("gateway"));

		IdempotencyContext.Answer<@Nullable Object> first = IdempotencyContext
			.capture(() -> sneaky(() -> charge(call("k"))));
		IdempotencyContext.Answer<@Nullable Object> second = IdempotencyContext
			.capture(() -> sneaky(() -> charge(call("k"))));

		assertThat(first.guarded()).isTrue();
		assertThat(first.replayed()).isFalse();
		assertThat(second.replayed()).isTrue();
		assertThat(second.value()).isEqualTo(first.value()).isEqualTo(new Receipt("r2", 2));
		assertThat(IdempotencyContext.current()).isEmpty();
	}

	@Test
	void windowIsPartOfTheIdentityAndRetentionCoversWhatIsLeftOfIt() throws Throwable {
		UnaryOperator<OperationSettings> daily = (
				settings) -> OperationSettings.builder().ttl(Duration.ofMinutes(1)).window(Window.parse("1d")).build();
		charge(call("report", daily, false));

		this.time.advance(Duration.ofHours(11));
		charge(call("report", daily, false));
		assertThat(this.runs).hasValue(1);

		this.time.advance(Duration.ofHours(1));
		charge(call("report", daily, false));
		assertThat(this.runs).hasValue(2);
	}

	@Test
	void missingBlankAndOverlongKeysAreRefused() {
		assertThatExceptionOfType(IdempotencyKeyMissingException.class).isThrownBy(() -> keyed(null));
		assertThatExceptionOfType(IdempotencyKeyMissingException.class).isThrownBy(() -> keyed("  "));
		assertThatExceptionOfType(IdempotencyKeyInvalidException.class).isThrownBy(() -> keyed("x".repeat(10_000)))
			.withMessageContaining("10000 characters");
	}

	private GuardedCall keyed(@Nullable String key) {
		return GuardedCall.of(spec(UnaryOperator.identity()), "", key, null, this.time.instant(), GuardedCall.KEEP_ALL);
	}

	private @Nullable Object charge(GuardedCall call) throws Throwable {
		return this.engine.execute(call, () -> {
			return work();
		});
	}

	private Receipt work() {
		int run = this.runs.incrementAndGet();
		return new Receipt("r" + run, IdempotencyContext.current().map(IdempotencyContext::attempt).orElse(0));
	}

	/** Another instance of the application makes the same call. */
	private void elsewhere(GuardedCall call) {
		IdempotencyEngine other = newEngine();
		assertThat(this.threads.submit(() -> sneaky(() -> other.execute(call, this::work))))
			.succeedsWithin(Duration.ofSeconds(10));
		other.close();
	}

	private void fail(GuardedCall call, Throwable failure) {
		assertThatExceptionOfType(Throwable.class).isThrownBy(() -> this.engine.execute(call, () -> {
			this.runs.incrementAndGet();
			throw failure;
		})).isSameAs(failure);
	}

	private Future<@Nullable Object> start(GuardedCall call, CountDownLatch release) throws InterruptedException {
		CountDownLatch started = new CountDownLatch(1);
		Future<@Nullable Object> running = this.threads.submit(() -> sneaky(() -> this.engine.execute(call, () -> {
			started.countDown();
			release.await();
			return work();
		})));
		assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();
		return running;
	}

	private void abandon(String key) {
		abandon(key, UnaryOperator.identity());
	}

	private void abandon(String key, UnaryOperator<OperationSettings> settings) {
		GuardedCall call = call(key, settings, false);
		Conversation conversation = new Conversation(call, null, System::nanoTime);
		this.store.claim(conversation.request(new UUID(7, this.store.claims.get())));
	}

	private GuardedCall call(String key) {
		return call(key, UnaryOperator.identity(), false);
	}

	private GuardedCall call(String key, Fingerprint fingerprint) {
		return GuardedCall.of(spec(UnaryOperator.identity()), "", key, fingerprint, this.time.instant(),
				GuardedCall.KEEP_ALL);
	}

	private GuardedCall call(String key, UnaryOperator<OperationSettings> settings, boolean reject) {
		OperationSettings rejecting = OperationSettings.builder()
			.onConcurrent(reject ? OnConcurrent.REJECT : null)
			.build();
		OperationSettings merged = rejecting.over(settings.apply(OperationSettings.UNSET));
		return GuardedCall.of(spec((base) -> merged.over(base)), "", key, null, this.time.instant(),
				GuardedCall.KEEP_ALL);
	}

	private GuardedCall asyncCall(String key) {
		OperationSpec spec = OperationSpec.of("charge", Receipt.class, true, settings(), this.store);
		return GuardedCall.of(spec, "", key, null, this.time.instant(), GuardedCall.KEEP_ALL);
	}

	private OperationSpec spec(UnaryOperator<OperationSettings> change) {
		return OperationSpec.of("charge", Receipt.class, false, change.apply(settings()), this.store);
	}

	private static OperationSettings settings() {
		return OperationSettings.builder().lease(LEASE).waitTimeout(Duration.ofSeconds(20)).build();
	}

	private static UnaryOperator<OperationSettings> onUnknown(OnUnknown policy) {
		return (settings) -> OperationSettings.builder().onUnknown(policy).build();
	}

	private static UnaryOperator<OperationSettings> remembering(Class<? extends Throwable> type) {
		return (settings) -> OperationSettings.builder().rememberFailures(List.of(type)).build();
	}

	private static Fingerprint print(int value) {
		byte[] bytes = new byte[16];
		bytes[0] = (byte) value;
		return Fingerprint.of(bytes);
	}

	private static IdempotencyEngine newEngine() {
		return new IdempotencyEngine(new Jackson3OutcomeCodec(JsonMapper.builder().build()), List.of(), false);
	}

	private static <T> T sneaky(ThrowingCallable<T> callable) {
		try {
			return callable.call();
		}
		catch (RuntimeException | Error ex) {
			throw ex;
		}
		catch (Throwable ex) {
			throw new IllegalStateException(ex);
		}
	}

	interface ThrowingCallable<T> {

		T call() throws Throwable;

	}

	record Receipt(String id, int attempt) {

	}

	static final class Cyclic {

		public Cyclic getSelf() {
			return this;
		}

	}

	@SuppressWarnings("serial")
	static final class Unbuildable extends RuntimeException {

		Unbuildable() {
			super("unbuildable");
		}

	}

}
