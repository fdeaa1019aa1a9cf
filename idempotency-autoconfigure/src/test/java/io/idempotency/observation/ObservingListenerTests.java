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

package io.idempotency.observation;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.OperationSettings;
import io.idempotency.engine.OperationSpec;
import io.idempotency.engine.StepOutcome;
import io.idempotency.engine.Work;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.test.MutableClock;
import io.micrometer.observation.tck.ObservationContextAssert;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

@Timeout(30)
@ExtendWith(OutputCaptureExtension.class)
class ObservingListenerTests {

	private static final String KEY = "order-4711-secret";

	private final TestObservationRegistry registry = TestObservationRegistry.create();

	private final IdempotencyStore store = new MemoryIdempotencyStore();

	private final IdempotencyEngine engine = new IdempotencyEngine(
			new Jackson3OutcomeCodec(JsonMapper.builder().build()), List.of(new ObservingListener(this.registry)),
			false);

	private final Logger engineLog = (Logger) LoggerFactory.getLogger(IdempotencyEngine.class);

	@BeforeEach
	void logAsInProduction() {
		this.engineLog.setLevel(Level.INFO);
	}

	@AfterEach
	void close() {
		this.engineLog.setLevel(null);
		this.engine.close();
	}

	@Test
	void firstRunIsExecuted() throws Throwable {
		execute(call(), () -> "done");

		assertObserved("executed", "memory");
	}

	@Test
	void duplicateIsReplayed() throws Throwable {
		execute(call(), () -> "done");
		this.registry.clear();

		execute(call(), () -> "again");

		assertObserved("replayed", "memory");
	}

	@Test
	void duplicateIsLoggedOnlyForDebuggingByHashAndAgeAndNeverByItsKey(CapturedOutput output) throws Throwable {
		execute(call(), () -> "done");
		execute(call(), () -> "again");
		assertThat(output).doesNotContain("Duplicate");

		this.engineLog.setLevel(Level.DEBUG);
		execute(call(), () -> "again");

		assertThat(output)
			.containsPattern("DEBUG .*Duplicate of operation 'charge', key hash " + call().id().shortForm()
					+ ": answered by the run that began \\d+ ms ago")
			.doesNotContain(KEY);
	}

	@Test
	void stepIsCountedByItsNameAndOutcome() {
		new ObservingListener(this.registry).step(call(), "mail", StepOutcome.RETRIED);

		TestObservationRegistryAssert.assertThat(this.registry)
			.hasObservationWithNameEqualTo("idempotency.step")
			.that()
			.hasBeenStopped()
			.hasLowCardinalityKeyValue("operation", "charge")
			.hasLowCardinalityKeyValue("store", "memory")
			.hasLowCardinalityKeyValue("step", "mail")
			.hasLowCardinalityKeyValue("outcome", "retried");
	}

	@Test
	void concurrentDuplicateIsWaitedOrRejected() throws Throwable {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		CompletableFuture<?> owner = CompletableFuture.runAsync(() -> sneaky(() -> execute(call(), () -> {
			begun.countDown();
			release.await();
			return "done";
		})));
		begun.await();
		assertThatExceptionOfType(IdempotencyInProgressException.class)
			.isThrownBy(() -> execute(call(spec(this.store, OnConcurrent.REJECT, OnUnknown.RETRY), null), () -> "x"));
		assertObserved("rejected", "memory");
		this.registry.clear();
		CompletableFuture<Thread> waiting = new CompletableFuture<>();
		CompletableFuture<?> waiter = CompletableFuture.runAsync(() -> {
			waiting.complete(Thread.currentThread());
			sneaky(() -> execute(call(), () -> "x"));
		});
		Thread thread = waiting.get(5, TimeUnit.SECONDS);
		await().until(() -> List.of(thread.getStackTrace())
			.stream()
			.anyMatch((frame) -> frame.getMethodName().equals("awaitLanding")));

		release.countDown();
		waiter.get(10, TimeUnit.SECONDS);
		owner.get(10, TimeUnit.SECONDS);

		assertObserved("waited", "memory");
	}

	@Test
	void otherRequestUnderTheKeyIsAMismatch() throws Throwable {
		OperationSpec spec = spec(this.store, OnConcurrent.WAIT, OnUnknown.RETRY);
		execute(call(spec, new byte[] { 1 }), () -> "done");
		this.registry.clear();

		assertThatExceptionOfType(IdempotencyKeyMismatchException.class)
			.isThrownBy(() -> execute(call(spec, new byte[] { 2 }), () -> "x"));

		assertObserved("mismatch", "memory");
	}

	@Test
	void failureOfTheWorkIsFailedWithItsError() {
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> execute(call(), () -> {
			throw new IOException("gateway");
		}));

		assertObserved("failed", "memory");
		TestObservationRegistryAssert.assertThat(this.registry)
			.hasObservationWithNameEqualTo("idempotency.call")
			.that()
			.hasError();
	}

	@Test
	void heldFailureIsUnknownToTheNext() {
		GuardedCall call = call(spec(this.store, OnConcurrent.WAIT, OnUnknown.HOLD), null);
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> execute(call, () -> {
			throw new IOException("gateway");
		}));
		this.registry.clear();

		assertThatExceptionOfType(IdempotencyOutcomeUnknownException.class).isThrownBy(() -> execute(call, () -> "x"));

		assertObserved("outcome-unknown", "memory");
	}

	@Test
	void failureOfTheStoreIsAStoreError() {
		IdempotencyStore down = (IdempotencyStore) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { IdempotencyStore.class }, (proxy, method, arguments) -> switch (method.getName()) {
					case "name" -> "down";
					case "hashCode" -> 1;
					case "equals" -> proxy == arguments[0];
					default -> throw new IllegalStateException("The store is down");
				});

		assertThatExceptionOfType(IdempotencyStoreUnavailableException.class)
			.isThrownBy(() -> execute(call(spec(down, OnConcurrent.WAIT, OnUnknown.RETRY), null), () -> "x"));

		assertObserved("store-error", "down");
	}

	@Test
	void leaseThatIsLostAtTheEndOfTheWorkIsObserved() {
		MutableClock time = new MutableClock(Instant.now());
		GuardedCall call = call(spec(new MemoryIdempotencyStore(time), OnConcurrent.WAIT, OnUnknown.RETRY), null);

		assertThatExceptionOfType(IdempotencyLeaseLostException.class).isThrownBy(() -> execute(call, () -> {
			time.advance(call.spec().lease());
			takeOver(call);
			return "late";
		}));

		assertIncident("idempotency.lease.lost").doesNotHaveError();
	}

	@Test
	void recordingThatFailedIsObservedWithItsCause() throws Throwable {
		IllegalStateException down = new IllegalStateException("The store is down");
		GuardedCall call = call(spec(failing("complete", down), OnConcurrent.WAIT, OnUnknown.RETRY), null);

		execute(call, () -> "done");

		assertIncident("idempotency.recording.failed").hasError(down);
	}

	@Test
	void workSeesTheObservationAndTheCallerDoesNot() throws Throwable {
		execute(call(), () -> {
			assertThat(this.registry.getCurrentObservation()).isNotNull();
			return "done";
		});

		assertThat(this.registry.getCurrentObservation()).isNull();
	}

	private ObservationContextAssert<?> assertIncident(String name) {
		return TestObservationRegistryAssert.assertThat(this.registry)
			.hasObservationWithNameEqualTo(name)
			.that()
			.hasBeenStarted()
			.hasBeenStopped()
			.hasLowCardinalityKeyValue("operation", "charge")
			.hasLowCardinalityKeyValue("store", "memory")
			.hasHighCardinalityKeyValue("key.hash", call().id().shortForm());
	}

	private static void takeOver(GuardedCall call) {
		OperationSpec spec = call.spec();
		assertThat(
				spec.store()
					.claim(new ClaimRequest(call.id(), spec.name(), UUID.randomUUID(), null, OnUnknown.RETRY,
							spec.lease(), spec.abandonedTtl(), spec.ttl(), false)))
			.isInstanceOf(ClaimResult.Acquired.class);
	}

	private IdempotencyStore failing(String verb, RuntimeException failure) {
		return (IdempotencyStore) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { IdempotencyStore.class }, (proxy, method, arguments) -> {
					if (method.getName().equals(verb)) {
						throw failure;
					}
					return method.invoke(this.store, arguments);
				});
	}

	private void assertObserved(String outcome, String store) {
		TestObservationRegistryAssert.assertThat(this.registry)
			.hasAnObservation((observation) -> observation.hasNameEqualTo("idempotency.call")
				.hasContextualNameEqualTo("idempotent charge")
				.hasLowCardinalityKeyValue("operation", "charge")
				.hasLowCardinalityKeyValue("store", store)
				.hasLowCardinalityKeyValue("outcome", outcome)
				.hasHighCardinalityKeyValue("key.hash", call().id().shortForm())
				.doesNotHaveHighCardinalityKeyValue("key", KEY));
	}

	private @Nullable Object execute(GuardedCall call, Work work) throws Throwable {
		return this.engine.execute(call, () -> {
			return work.run();
		});
	}

	private GuardedCall call() {
		return call(spec(this.store, OnConcurrent.WAIT, OnUnknown.RETRY), null);
	}

	private static GuardedCall call(OperationSpec spec, byte @Nullable [] request) {
		Fingerprint fingerprint = (request != null) ? Fingerprint.of(Arrays.copyOf(request, 32)) : null;
		return GuardedCall.of(spec, "", KEY, fingerprint, Instant.now(), GuardedCall.KEEP_ALL);
	}

	private static OperationSpec spec(IdempotencyStore store, OnConcurrent onConcurrent, OnUnknown onUnknown) {
		OperationSettings settings = OperationSettings.builder()
			.waitTimeout(Duration.ofSeconds(10))
			.onConcurrent(onConcurrent)
			.onUnknown(onUnknown)
			.build();
		return OperationSpec.of("charge", String.class, false, settings, store);
	}

	private static void sneaky(ThrowingCallable call) {
		try {
			call.call();
		}
		catch (Throwable ex) {
			throw new IllegalStateException(ex);
		}
	}

}
