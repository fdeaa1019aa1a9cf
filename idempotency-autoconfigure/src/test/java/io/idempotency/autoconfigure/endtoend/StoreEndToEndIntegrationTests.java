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

package io.idempotency.autoconfigure.endtoend;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.autoconfigure.endtoend.Guarded.Receipt;
import io.idempotency.key.Identity;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordStatus;
import io.idempotency.test.servers.TcpProxy;
import io.idempotency.test.servers.TcpProxy.Fault;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What a guarded method promises, in instances of one application on one server: two that
 * reach it directly, and one through a network that fails.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class StoreEndToEndIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(15);

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final Instances instances = new Instances();

	private final String key = "key-" + UUID.randomUUID();

	private int keys;

	private final List<Held> held = new CopyOnWriteArrayList<>();

	private TcpProxy proxy;

	private ConfigurableApplicationContext one;

	private ConfigurableApplicationContext two;

	private ConfigurableApplicationContext remote;

	/** Return a proxy in front of the server. */
	abstract TcpProxy openProxy();

	/** Return the properties of an instance that reaches the server directly. */
	abstract String[] properties();

	/** Return those of one that reaches it through the proxy. */
	abstract String[] properties(TcpProxy proxy);

	/** Return the type of the store. */
	abstract Class<? extends IdempotencyStore> storeType();

	@BeforeAll
	void start() {
		this.proxy = openProxy();
		this.one = this.instances.start(properties());
		this.two = this.instances.start(properties());
		this.remote = this.instances.start(properties(this.proxy));
	}

	@AfterEach
	void repair() throws Exception {
		this.held.forEach(Held::release);
		this.proxy.resume();
		String probe = nextKey();
		await().atMost(BOUND).ignoreExceptions().until(() -> guarded(this.remote).charge(probe) != null);
	}

	@AfterAll
	void stop() {
		this.threads.shutdownNow();
		this.instances.close();
		this.proxy.close();
	}

	final Instances instances() {
		return this.instances;
	}

	final ConfigurableApplicationContext one() {
		return this.one;
	}

	final TcpProxy proxy() {
		return this.proxy;
	}

	final String nextKey() {
		return this.key + "-" + this.keys++;
	}

	static Guarded guarded(ConfigurableApplicationContext instance) {
		return instance.getBean(Guarded.class);
	}

	@Test
	void parallelCallersOfOneKeyGetTheAnswerOfOneRun() throws Exception {
		String key = nextKey();
		CyclicBarrier together = new CyclicBarrier(64);
		List<Future<Receipt>> answers = new ArrayList<>();
		for (int i = 0; i < 64; i++) {
			ConfigurableApplicationContext instance = (i % 2 == 0) ? this.one : this.two;
			answers.add(call(() -> {
				together.await();
				return guarded(instance).charge(key);
			}));
		}

		Receipt first = answers.get(0).get(30, TimeUnit.SECONDS);
		for (Future<Receipt> answer : answers) {
			assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(first);
		}
		assertThat(runs(key)).isEqualTo(1);
	}

	@Test
	void waiterInAnotherInstanceGetsTheAnswer() throws Exception {
		String key = nextKey();
		Held held = hold(key);
		Future<Receipt> owner = call(() -> guarded(this.one).charge(key));
		held.awaitBegun();
		CompletableFuture<Thread> waiting = new CompletableFuture<>();
		Future<Receipt> waiter = call(() -> {
			waiting.complete(Thread.currentThread());
			return guarded(this.two).charge(key);
		});
		awaitInside(waiting.get(5, TimeUnit.SECONDS), "tryAcquire");

		held.release();

		assertThat(waiter.get(10, TimeUnit.SECONDS)).isEqualTo(owner.get(10, TimeUnit.SECONDS));
		assertThat(runs(key)).isEqualTo(1);
	}

	@Test
	void workThreeTimesLongerThanItsLeaseRunsOnce() throws Exception {
		String key = nextKey();
		Held held = hold(key);
		Future<Receipt> owner = call(() -> guarded(this.one).chargeBriefly(key));
		held.awaitBegun();
		Future<Receipt> neighbour = call(() -> guarded(this.one).chargeBriefly(key));
		Future<Receipt> stranger = call(() -> guarded(this.two).chargeBriefly(key));

		await().atMost(BOUND).until(() -> record("charge-briefly", key).age().compareTo(Duration.ofSeconds(3)) > 0);
		assertThat(record("charge-briefly", key).live()).isTrue();
		held.release();

		Receipt answer = owner.get(10, TimeUnit.SECONDS);
		assertThat(neighbour.get(10, TimeUnit.SECONDS)).isEqualTo(answer);
		assertThat(stranger.get(10, TimeUnit.SECONDS)).isEqualTo(answer);
		assertThat(runs(key)).isEqualTo(1);
	}

	@Test
	void staleOwnerDoesNotOverwriteTheAnswerOfWhoeverTookOver() throws Exception {
		String key = nextKey();
		Held held = hold(key);
		Future<Receipt> stale = call(() -> guarded(this.remote).chargeBriefly(key));
		held.awaitBegun();
		loseServer();

		Receipt answer = guarded(this.two).chargeBriefly(key);
		findServer();
		held.release();

		assertThat(answer.run()).isEqualTo(2);
		assertThat(stale.get(30, TimeUnit.SECONDS)).isEqualTo(answer);
		assertThat(guarded(this.one).chargeBriefly(key)).isEqualTo(answer);
		assertThat(runs(key)).isEqualTo(2);
	}

	@Test
	void serverLostInMidCallCostsNeitherTheAnswerNorASecondRun() throws Exception {
		String key = nextKey();
		this.instances.script().during(key, (run) -> loseServer());

		long begin = System.nanoTime();
		Receipt answer = guarded(this.remote).charge(key);

		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(BOUND);
		assertThat(answer.run()).isEqualTo(1);
		assertThat(record("charge", key).live()).isTrue();
		Future<Receipt> duplicate = call(() -> guarded(this.two).charge(key));
		findServer();
		assertThat(duplicate.get(20, TimeUnit.SECONDS)).isEqualTo(answer);
		assertThat(record("charge", key).status()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(guarded(this.remote).charge(key)).isEqualTo(answer);
		assertThat(runs(key)).isEqualTo(1);
	}

	@Test
	void nothingRunsWithoutTheServer() throws Exception {
		String key = nextKey();
		loseServer();

		long begin = System.nanoTime();
		assertThatExceptionOfType(IdempotencyStoreUnavailableException.class)
			.isThrownBy(() -> guarded(this.remote).charge(key));

		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(BOUND);
		assertThat(runs(key)).isZero();
		findServer();
		await().atMost(BOUND).ignoreExceptions().until(() -> guarded(this.remote).charge(key).run() == 1);
		assertThat(runs(key)).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "record", "list", "amounts", "present", "absent", "color", "instant", "date", "shape",
			"nothing", "nil", "response", "nested" })
	void firstAnswerEqualsItsReplays(String method) {
		String key = nextKey();

		Object first = invoke(this.one, method, key);

		assertThat(invoke(this.one, method, key)).isEqualTo(first);
		assertThat(invoke(this.two, method, key)).isEqualTo(first);
		assertThat(runs(key)).isEqualTo(1);
	}

	@Test
	void futureEqualsItsReplays() throws Exception {
		String key = nextKey();

		Receipt first = guarded(this.one).future(key).get(10, TimeUnit.SECONDS);

		assertThat(guarded(this.one).future(key).get(10, TimeUnit.SECONDS)).isEqualTo(first);
		assertThat(guarded(this.two).future(key).get(10, TimeUnit.SECONDS)).isEqualTo(first);
		assertThat(runs(key)).isEqualTo(1);
	}

	final int runs(String key) {
		return this.instances.script().runs(key);
	}

	final IdempotencyRecord record(String operation, String key) {
		return this.one.getBean(storeType()).find(Identity.of("", operation, "", key)).orElseThrow();
	}

	final Future<Receipt> call(Callable<Receipt> call) {
		return this.threads.submit(call);
	}

	final void loseServer() {
		this.proxy.inject(Fault.CUT_REQUEST, "");
		this.proxy.cutAll();
	}

	final void findServer() {
		this.proxy.resume();
	}

	private Held hold(String key) {
		Held held = new Held();
		this.held.add(held);
		this.instances.script().during(key, (run) -> {
			if (run == 1) {
				held.begun.countDown();
				assertThat(held.released.await(60, TimeUnit.SECONDS)).isTrue();
			}
		});
		return held;
	}

	private static Object invoke(ConfigurableApplicationContext instance, String method, String key) {
		return ReflectionUtils.invokeMethod(ReflectionUtils.findMethod(Guarded.class, method, String.class),
				guarded(instance), key);
	}

	private static void awaitInside(Thread thread, String method) {
		await().atMost(BOUND)
			.until(() -> List.of(thread.getStackTrace())
				.stream()
				.anyMatch((frame) -> frame.getMethodName().equals(method)));
	}

	/** Work that has begun and waits for the test. */
	private static final class Held {

		private final CountDownLatch begun = new CountDownLatch(1);

		private final CountDownLatch released = new CountDownLatch(1);

		void awaitBegun() throws InterruptedException {
			assertThat(this.begun.await(10, TimeUnit.SECONDS)).isTrue();
		}

		void release() {
			this.released.countDown();
		}

	}

}
