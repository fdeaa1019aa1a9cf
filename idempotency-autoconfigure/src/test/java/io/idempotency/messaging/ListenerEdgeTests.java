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

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

import io.idempotency.Idempotency;
import io.idempotency.IdempotencyKeyMissingException;
import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJmsAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import io.idempotency.engine.BatchResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link ListenerEdge}, with deliveries that come from no broker.
 */
class ListenerEdgeTests {

	private static final Recipient LISTENER = Recipient.of(Set.of("listener-on"));

	private static final Recipient TRANSACTIONAL = Recipient.of(Set.of("transactional-listener-on"));

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, IdempotencyAutoConfiguration.class,
				IdempotencyJmsAutoConfiguration.class, IdempotencyMessagingAutoConfiguration.class,
				JacksonAutoConfiguration.class))
		.withPropertyValues("idempotency.store=memory")
		.withBean(Listener.class)
		.withBean(CallingListener.class);

	@AfterEach
	void end() {
		Delivery.end();
	}

	@Test
	void keyOfASenderIsNeverTheIdentityOfAMessage() {
		this.runner.run((context) -> {
			Listener listener = context.getBean(Listener.class);
			new Delivered(new Received("message:orders-0@1", "orders-0@7")).begin();
			listener.on("forged");
			new Delivered(new Received("orders-0@1", "orders-0@8")).begin();
			listener.on("forged, too");

			new Delivered(new Received(null, "orders-0@1")).begin();
			listener.on("genuine");
			listener.on("repeated");

			assertThat(listener.work()).containsExactly("forged", "forged, too", "genuine");
		});
	}

	@Test
	void listenerThatIsCalledByAListenerDoesNotTakeItsMessage() {
		this.runner.run((context) -> {
			new Delivered(new Received("k-1", null), Recipient.of(Set.of("calling-listener-on", "listener-on")))
				.begin();

			assertThatExceptionOfType(IdempotencyKeyMissingException.class)
				.isThrownBy(() -> context.getBean(CallingListener.class).on("a"));

			assertThat(context.getBean(Listener.class).work()).isEmpty();
		});
	}

	@Test
	void listenerThatFailedTakesItsMessageAgain() {
		this.runner.run((context) -> {
			new Delivered(new Received("k-1", null)).begin();
			assertThatIllegalStateException().isThrownBy(() -> context.getBean(Listener.class).on("failing"));

			context.getBean(Listener.class).on("a");
			context.getBean(Listener.class).on("a");

			assertThat(context.getBean(Listener.class).work()).containsExactly("a");
		});
	}

	@Test
	void listenerThatIsCalledForEachMessageOfABatchDoesNotTakeTheBatch() {
		this.runner.run((context) -> {
			DeliveredBatch batch = new DeliveredBatch(new Received("k-1", null), new Received("k-2", null));
			batch.begin();

			assertThatExceptionOfType(IdempotencyKeyMissingException.class)
				.isThrownBy(() -> context.getBean(Listener.class).on("a"));

			assertThat(batch.settled).isFalse();
		});
	}

	@Test
	void listenerThatIsCalledByOneWithoutAGuardDoesNotTakeItsMessage() {
		this.runner.run((context) -> {
			new Delivered(new Received("k-1", null), Recipient.of(Set.of())).begin();

			assertThatExceptionOfType(IdempotencyKeyMissingException.class)
				.isThrownBy(() -> context.getBean(Listener.class).on("a"));

			assertThat(context.getBean(Listener.class).work()).isEmpty();
		});
	}

	@Test
	void listenerOfListsThatIsCalledForEachMessageOfABatchDoesNotTakeTheBatch() {
		this.runner.withBean(ListenerOfLists.class).run((context) -> {
			DeliveredBatch batch = new DeliveredBatch(new Received("k-1", null));
			batch.begin();

			assertThatExceptionOfType(IdempotencyKeyMissingException.class)
				.isThrownBy(() -> context.getBean(ListenerOfLists.class).on(List.of("a", "b")));

			assertThat(batch.settled).isFalse();
		});
	}

	@Test
	void listenerWhoseMessagesCannotBeCommittedFailed() {
		this.runner.run((context) -> {
			Listener listener = context.getBean(Listener.class);
			Delivered delivery = new Delivered(new Received("k-1", null));
			delivery.commitFailure = new IllegalStateException("on purpose");
			delivery.begin();
			assertThatIllegalStateException().isThrownBy(() -> listener.on("a"));
			delivery.commitFailure = null;

			listener.on("a");
			listener.on("a");

			assertThat(listener.work()).containsExactly("a", "a");
		});
	}

	@Test
	void listenerWhoseMessagesCannotBeCommittedFailedAlsoIfItsTransactionIsCommitted() {
		this.runner.withUserConfiguration(Transacted.class).run((context) -> {
			TransactionalListener listener = context.getBean(TransactionalListener.class);
			Delivered delivery = new Delivered(new Received("k-1", null), TRANSACTIONAL);
			delivery.commitFailure = new IllegalStateException("on purpose");
			delivery.begin();
			assertThatIllegalStateException().isThrownBy(() -> listener.on("a")).withMessage("on purpose");
			delivery.commitFailure = null;

			listener.on("a");
			listener.on("a");

			assertThat(listener.work()).containsExactly("a", "a");
			assertThat(delivery.commits).isEqualTo(1);
		});
	}

	/** The advice of transactions may stand outside of the guard. */
	@Test
	void nothingIsCommittedBeforeTheTransactionAroundTheListener() {
		this.runner.withUserConfiguration(TransactedOutside.class).run((context) -> {
			Delivered delivery = new Delivered(new Received("k-1", null), TRANSACTIONAL);
			delivery.begin();

			context.getBean(TransactionalListener.class).on("a");

			assertThat(context.getBean(TransactionalListener.class).work()).containsExactly("a");
			assertThat(delivery.commits).isZero();
		});
	}

	/** Handlers of exceptions between the listener and its container must not see it. */
	@Test
	void listenerThatHasToReturnSomethingEndsWithoutAnException() {
		this.runner.withBean(CountingListener.class).run((context) -> {
			CountingListener listener = context.getBean(CountingListener.class);
			Delivered delivery = new Delivered(new Received("k-1", null), Recipient.of(Set.of("counting-listener-on")));

			context.getBean(Idempotency.class).call("counting-listener-on", "k-1").run(() -> {
				Thread other = new Thread(() -> {
					delivery.begin();
					assertThatExceptionOfType(Postponed.class).isThrownBy(() -> listener.on("a"));
				});
				other.start();
				join(other);
			});

			assertThat(delivery.isPostponed()).isTrue();
		});
	}

	@Test
	void messageIsWorkedOnOnceForEachOfSeveralSubscriptions() {
		this.runner.run((context) -> {
			Listener listener = context.getBean(Listener.class);
			for (String subscription : List.of("one", "two", "one", "two")) {
				new Delivered(new Received("k-1", null), LISTENER.in(subscription)).begin();
				listener.on("k-1 in " + subscription);
				new Delivered(new Received(null, "orders-0@1"), LISTENER.in(subscription)).begin();
				listener.on("orders-0@1 in " + subscription);
			}

			assertThat(listener.work()).containsExactly("k-1 in one", "orders-0@1 in one", "k-1 in two",
					"orders-0@1 in two");
		});
	}

	private static void join(Thread thread) {
		try {
			thread.join();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static class CountingListener {

		@Idempotent
		@JmsListener(destination = "orders")
		public int on(String order) {
			return 1;
		}

	}

	static class ListenerOfLists {

		@Idempotent
		@JmsListener(destination = "orders")
		public void on(List<String> order) {
		}

	}

	static class CallingListener {

		private final Listener called;

		CallingListener(Listener called) {
			this.called = called;
		}

		@Idempotent
		@JmsListener(destination = "orders")
		public void on(String order) {
			this.called.on(order);
		}

	}

	static class Listener {

		private final List<String> work = new CopyOnWriteArrayList<>();

		@Idempotent
		@JmsListener(destination = "orders")
		public void on(String order) {
			if (order.equals("failing")) {
				throw new IllegalStateException("on purpose");
			}
			this.work.add(order);
		}

		List<String> work() {
			return this.work;
		}

	}

	static class TransactionalListener {

		private final List<String> work = new CopyOnWriteArrayList<>();

		@Idempotent
		@Transactional
		@JmsListener(destination = "orders")
		public void on(String order) {
			this.work.add(order);
		}

		List<String> work() {
			return this.work;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TransactionalBeans {

		@Bean
		TransactionalListener transactionalListener() {
			return new TransactionalListener();
		}

		@Bean
		PlatformTransactionManager transactionManager() {
			return new JdbcTransactionManager(
					new EmbeddedDatabaseBuilder().generateUniqueName(true).setType(EmbeddedDatabaseType.H2).build());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement
	@Import(TransactionalBeans.class)
	static class Transacted {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(order = 0)
	@Import(TransactionalBeans.class)
	static class TransactedOutside {

	}

	private static final class Delivered extends SingleDelivery {

		private @Nullable RuntimeException commitFailure;

		private int commits;

		private Delivered(ReceivedMessage message) {
			this(message, LISTENER);
		}

		private Delivered(ReceivedMessage message, Recipient recipient) {
			super(recipient, message);
		}

		@Override
		protected void calling(@Nullable Object[] arguments) {
		}

		@Override
		protected void called(boolean answers) {
			if (this.commitFailure != null) {
				throw this.commitFailure;
			}
			this.commits++;
		}

		@Override
		protected boolean postpones(Throwable failure) {
			postpone(failure);
			return true;
		}

		@Override
		protected void skipped(@Nullable Object[] arguments) {
		}

		@Override
		protected boolean givenBack() {
			return false;
		}

	}

	private static final class DeliveredBatch extends BatchDelivery {

		private final List<Received> messages;

		private boolean settled;

		private DeliveredBatch(Received... messages) {
			super(Recipient.of(Set.of("listener-of-batches-on")));
			this.messages = List.of(messages);
		}

		@Override
		protected List<Received> messages() {
			return this.messages;
		}

		@Override
		protected @Nullable Object narrowed(@Nullable Object argument, List<Integer> positions) {
			return argument;
		}

		@Override
		protected List<BatchResult> results(List<Integer> given, @Nullable Throwable failure) {
			return doneUpTo(given.size(), given.size(), null);
		}

		@Override
		protected @Nullable Throwable settle(List<@Nullable Throwable> failures, boolean called,
				@Nullable Object[] arguments) {
			this.settled = true;
			return null;
		}

	}

	private record Received(@Nullable String key, @Nullable String identity) implements ReceivedMessage {

		@Override
		public String destination() {
			return "orders";
		}

		@Override
		public @Nullable String header(String name) {
			return this.key;
		}

		@Override
		public @Nullable Object content() {
			return null;
		}

		@Override
		public Object nativeMessage() {
			return this;
		}

	}

}
