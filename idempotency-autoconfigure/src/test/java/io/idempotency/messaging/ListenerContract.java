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

package io.idempotency.messaging;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import io.idempotency.store.Lease;
import io.idempotency.store.Release;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * What holds for guarded listeners on any broker. A subclass brings the broker, and
 * listeners that hand what a message says to {@link ListenerWork}.
 */
@Timeout(120)
public abstract class ListenerContract {

	/** The name of the operation of each guarded listener. */
	public static final String OPERATION = "handle";

	/** What the message says behind which no other is sent. */
	static final String LAST = "last";

	/** The attempts that the broker is set up for. */
	protected static final int ATTEMPTS = 3;

	private @Nullable ConfigurableApplicationContext context;

	/**
	 * The listener of a test: one thread, and {@link #ATTEMPTS} attempts before a message
	 * is a dead letter.
	 */
	public enum Listener {

		/** Guarded by the key of its message. */
		GUARDED,

		/** The same without the guard. */
		UNGUARDED,

		/** Guarded, with a result of a primitive type. */
		ANSWERING,

		/** Guarded, and settles its message by itself. */
		MANUAL,

		/** Guarded, on four threads. */
		CONCURRENT

	}

	/**
	 * What a listener needs.
	 *
	 * @param sources its beans, and the auto-configurations of the broker
	 * @param properties of the application
	 */
	public record Setup(List<Class<?>> sources, List<String> properties) {

	}

	/**
	 * Tell how to start a listener.
	 * @param listener which one
	 * @return what it needs
	 */
	protected abstract Setup setup(Listener listener);

	/**
	 * Send a message to the listener.
	 * @param key the sender's key, if any
	 * @param id the message's id, if any
	 * @param value what it says
	 */
	protected abstract void send(@Nullable String key, @Nullable String id, String value);

	/**
	 * Stop the listener's container.
	 */
	protected abstract void stopContainer();

	/**
	 * Start the listener's container again.
	 */
	protected abstract void startContainer();

	/**
	 * Return how many messages the broker still has for the stopped container.
	 * @return the number of messages
	 */
	protected abstract int left();

	/**
	 * Return whether senders give messages their identity.
	 * @return whether there are message ids
	 */
	protected boolean messagesHaveIds() {
		return true;
	}

	@AfterEach
	final void close() {
		if (this.context != null) {
			work().gate.countDown();
			this.context.close();
		}
	}

	@Test
	void messageWithTheSameKeyIsSkippedAndSettled() {
		start(Listener.GUARDED);

		send("k-1", "id-1", "a");
		send("k-1", "id-2", "a");
		send("k-2", "id-3", "b");

		awaitSettled();
		assertThat(done()).containsExactly("a", "b");
	}

	@Test
	void messageWithTheSameIdIsSkippedWhereTheSenderGaveNoKey() {
		assumeThat(messagesHaveIds()).as("The broker has no message ids").isTrue();
		start(Listener.GUARDED);

		send(null, "id-1", "a");
		send(null, "id-1", "a");
		send(null, "id-2", "a");

		awaitSettled();
		assertThat(done()).containsExactly("a", "a");
	}

	@Test
	void keyOfTheSenderCountsMoreThanTheId() {
		start(Listener.GUARDED);

		send("k-1", "id-1", "a");
		send("k-2", "id-1", "b");

		awaitSettled();
		assertThat(done()).containsExactly("a", "b");
	}

	@Test
	void failedMessageIsDeliveredAgainAndRunsAgain() {
		start(Listener.GUARDED);
		work().failures.set(2);

		send("k-1", "id-1", "a");

		awaitSettled();
		assertThat(done()).containsExactly("a", "a", "a");
		assertThat(work().attempts).startsWith(1, 2, 3);
		assertThat(work().deadLetters).isEmpty();
	}

	@Test
	void stepOfAListenerIsDoneOnce() {
		start(Listener.GUARDED);
		work().failures.set(1);

		send("k-1", "id-1", ListenerWork.WITH_STEP);

		awaitSettled();
		assertThat(done()).containsExactly("step", ListenerWork.WITH_STEP, ListenerWork.WITH_STEP);
	}

	@Test
	void poisonIsADeadLetterAfterAsManyAttemptsAsWithoutTheGuard() {
		assertThat(attemptsOfPoison(Listener.UNGUARDED)).isEqualTo(ATTEMPTS);
		close();
		assertThat(attemptsOfPoison(Listener.GUARDED)).isEqualTo(ATTEMPTS);
	}

	private int attemptsOfPoison(Listener listener) {
		start(listener);
		work().failures.set(Integer.MAX_VALUE);
		send("k-1", "id-1", "a");
		await().untilAsserted(() -> assertThat(work().deadLetters).containsExactly("a"));
		awaitSettled();
		return done().size();
	}

	@Test
	void messageInProgressElsewhereIsDeliveredLaterWithoutCounting() {
		start(Listener.GUARDED);
		Lease lease = store().beginElsewhere("k-1", Duration.ofSeconds(60));

		send("k-1", "id-1", "a");
		await().untilAsserted(() -> assertThat(store().claims).hasValueGreaterThan(ATTEMPTS));
		store().endElsewhere(lease);

		awaitSettled();
		assertThat(done()).isEmpty();
		assertThat(work().deadLetters).isEmpty();
	}

	@Test
	void messageOfAnOwnerThatDiedRunsWhenItsLeaseEnds() {
		start(Listener.GUARDED);
		store().beginElsewhere("k-1", Duration.ofSeconds(1));

		send("k-1", "id-1", "a");

		awaitSettled();
		assertThat(done()).containsExactly("a");
		assertThat(work().attempts).startsWith(2);
	}

	@Test
	void messageForAListenerThatCannotReturnNothingIsHeldWithoutCounting() {
		start(Listener.ANSWERING);
		Lease lease = store().beginElsewhere("k-1", Duration.ofSeconds(60));

		send("k-1", "id-1", "a");
		await().untilAsserted(() -> assertThat(store().claims).hasValueGreaterThan(ATTEMPTS));
		assertThat(store().release(lease, new Release.Forget())).isTrue();

		awaitSettled();
		assertThat(done()).containsExactly("a");
		assertThat(work().deadLetters).isEmpty();
	}

	@Test
	void nothingIsLostOrCountedWhileTheStoreIsDown() {
		start(Listener.GUARDED);
		store().down = true;

		send("k-1", "id-1", "a");
		await().untilAsserted(() -> assertThat(store().claims).hasValueGreaterThan(ATTEMPTS));
		assertThat(work().values).isEmpty();
		store().down = false;

		awaitSettled();
		assertThat(done()).containsExactly("a");
		assertThat(work().deadLetters).isEmpty();
	}

	@Test
	void stoppedContainerGivesBackWhatItHolds() {
		start(Listener.GUARDED);
		Lease lease = store().beginElsewhere("k-1", Duration.ofSeconds(60));
		send("k-1", "id-1", "a");
		await().untilAsserted(() -> assertThat(store().claims).hasPositiveValue());

		long begun = System.nanoTime();
		stopContainer();

		assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(4));
		await().untilAsserted(() -> assertThat(left()).isOne());
		assertThat(store().release(lease, new Release.Forget())).isTrue();
		startContainer();
		awaitSettled();
		assertThat(done()).containsExactly("a");
		assertThat(work().deadLetters).isEmpty();
	}

	@Test
	void duplicateIsSettledWhereTheListenerWouldHaveDoneSo() {
		start(Listener.MANUAL);

		send("k-1", "id-1", "a");
		send("k-1", "id-1", "a");

		awaitSettled();
		assertThat(done()).containsExactly("a");
	}

	@Test
	void messageThatTheListenerGivesBackRunsAgain() {
		start(Listener.MANUAL);
		work().failures.set(2);

		send("k-1", "id-1", "a");

		awaitSettled();
		assertThat(done()).containsExactly("a", "a", "a");
	}

	@Test
	void messageInProgressElsewhereIsSettledLaterByTheGuardOfAManualListener() {
		start(Listener.MANUAL);
		Lease lease = store().beginElsewhere("k-1", Duration.ofSeconds(60));

		send("k-1", "id-1", "a");
		await().untilAsserted(() -> assertThat(store().claims).hasValueGreaterThan(1));
		store().endElsewhere(lease);

		awaitSettled();
		assertThat(done()).isEmpty();
	}

	@Test
	void concurrentDuplicatesRunOnce() {
		start(Listener.CONCURRENT);
		List<String> keys = IntStream.range(0, 20).mapToObj((number) -> "k-" + number).toList();

		for (int copy = 0; copy < 5; copy++) {
			keys.forEach((key) -> send(key, key, key));
		}

		await().untilAsserted(() -> assertThat(done()).hasSize(keys.size()));
		awaitSettled();
		assertThat(done()).containsExactlyInAnyOrderElementsOf(keys);
	}

	/** Start the application. */
	protected final void start(Listener listener, String... properties) {
		Setup setup = setup(listener);
		this.context = new SpringApplicationBuilder(Application.class).sources(setup.sources().toArray(Class<?>[]::new))
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.properties("idempotency.store=switchedStore", "idempotency.lease=60s")
			.properties(Stream.concat(setup.properties().stream(), Stream.of(properties)).toArray(String[]::new))
			.run();
	}

	/** Return a bean of the application. */
	protected final <T> T bean(Class<T> type) {
		assertThat(this.context).isNotNull();
		return this.context.getBean(type);
	}

	protected final ListenerWork work() {
		return bean(ListenerWork.class);
	}

	final SwitchedStore store() {
		return bean(SwitchedStore.class);
	}

	/** Return what was worked on, without the last message. */
	protected final List<String> done() {
		return work().values.stream().filter((value) -> !value.equals(LAST)).toList();
	}

	/** Wait until the broker has no message left, whether ready or under way. */
	protected final void awaitSettled() {
		send(LAST, LAST, LAST);
		await().untilAsserted(() -> assertThat(work().values).contains(LAST));
		work().gate.countDown();
		stopContainer();
		await().untilAsserted(() -> assertThat(left()).isZero());
	}

	/** Begin to wait for something, with a limit. */
	protected static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(60));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ AopAutoConfiguration.class, IdempotencyAutoConfiguration.class,
			IdempotencyMessagingAutoConfiguration.class, JacksonAutoConfiguration.class })
	static class Application {

		@Bean
		ListenerWork listenerWork() {
			return new ListenerWork();
		}

		@Bean
		SwitchedStore switchedStore() {
			return new SwitchedStore();
		}

	}

}
