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

package io.idempotency.messaging.rabbit;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.idempotency.Idempotency;
import io.idempotency.Idempotent;
import io.idempotency.PartialFailureException;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyRabbitAutoConfiguration;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.test.servers.RabbitServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.amqp.core.BatchMessageListener;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.batch.BatchingStrategy;
import org.springframework.amqp.rabbit.batch.MessageBatch;
import org.springframework.amqp.rabbit.batch.SimpleBatchingStrategy;
import org.springframework.amqp.rabbit.config.ContainerCustomizer;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.amqp.rabbit.retry.MessageBatchRecoverer;
import org.springframework.amqp.rabbit.transaction.RabbitTransactionManager;
import org.springframework.amqp.support.converter.JacksonJsonMessageConverter;
import org.springframework.amqp.support.converter.MessageConverter;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.amqp.autoconfigure.RabbitAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What holds for guarded listeners of batches on any broker for AMQP 0-9-1. The container
 * starts when all messages are there, so that they come in one batch.
 */
@Timeout(120)
abstract class RabbitBatchListenerContract {

	private static final String KEY = "Idempotency-Key";

	private String queue = "";

	private int sent;

	private @Nullable ConfigurableApplicationContext context;

	abstract RabbitServer server();

	Map<String, Object> queueArguments() {
		return Map.of();
	}

	@BeforeEach
	void declareQueue() throws Exception {
		this.queue = RabbitServer.newName("batches");
		try (Connection connection = server().connect(); Channel channel = connection.createChannel()) {
			channel.queueDeclare(this.queue, true, false, false, queueArguments());
		}
	}

	@AfterEach
	void close() {
		if (this.context != null) {
			this.context.close();
		}
	}

	@ParameterizedTest
	@ValueSource(classes = { PayloadListener.class, MessageListener.class, MessagingListener.class })
	void listenerGetsTheMessagesThatWereNotDone(Class<?> listener) {
		Work work = start(List.of(), listener);

		send("k-1", "a").send("k-2", "b").send("k-1", "a");
		begin();
		awaitSettled(work, List.of("a", "b"));
		send("k-2", "b").send("k-3", "c").send("k-1", "a");
		begin();

		awaitSettled(work, List.of("a", "b"), List.of("c"));
	}

	@Test
	void messageThatFailsDoesNotUndoItsNeighbours() {
		Work work = start(retries(3), PayloadListener.class);
		work.failNext("b", 2);

		send("k-1", "a").send("k-2", "b").send("k-3", "c").send("k-1", "a");
		begin();

		awaitSettled(work, List.of("a", "b", "c"), List.of("b"), List.of("b"));
	}

	@Test
	void batchThatFailsAsAWholeRunsAgainAsAWhole() {
		Work work = start(retries(3), PayloadListener.class);
		work.failures.set(2);

		send("k-1", "a").send("k-2", "b");
		begin();

		awaitSettled(work, List.of("a", "b"), List.of("a", "b"), List.of("a", "b"));
	}

	@Test
	void messageInProgressElsewhereIsHeldAloneAndUncounted() {
		Work work = start(retries(1), PayloadListener.class, Recovery.class);
		Elsewhere elsewhere = holdElsewhere("k-2");

		send("k-1", "a").send("k-2", "b").send("k-3", "c");
		begin();
		await().untilAsserted(() -> assertThat(work.batches).containsExactly(List.of("a", "c")));
		elsewhere.end();
		send("k-4", "d");

		awaitSettled(work, List.of("a", "c"), List.of("d"));
		assertThat(work.recovered).isEmpty();
	}

	@Test
	void failureCountsThoughAnotherMessageIsInProgressElsewhere() {
		Work work = start(retries(3), PayloadListener.class, Recovery.class);
		Elsewhere elsewhere = holdElsewhere("k-2");
		work.failNext("c", Integer.MAX_VALUE);

		send("k-1", "a").send("k-2", "b").send("k-3", "c");
		begin();

		await().untilAsserted(() -> assertThat(work.recovered).containsExactly("a", "b", "c"));
		assertThat(work.batches).containsExactly(List.of("a", "c"), List.of("c"), List.of("c"));
		elsewhere.end();
	}

	@Test
	void stoppedContainerGivesBackWhatItHolds() {
		Work work = start(List.of(), PayloadListener.class);
		Elsewhere elsewhere = holdElsewhere("k-2");

		send("k-1", "a").send("k-2", "b");
		begin();
		await().untilAsserted(() -> assertThat(work.batches).containsExactly(List.of("a")));
		container().stop();

		await().untilAsserted(() -> assertThat(left()).isEqualTo(2));
		elsewhere.end();
		send("k-3", "c");
		begin();
		awaitSettled(work, List.of("a"), List.of("c"));
	}

	@Test
	void messageWithoutAnyKeyDoesNotKeepItsNeighboursFromBeingDone() {
		Work work = start(retries(1), PayloadListener.class, Recovery.class);

		send("k-1", "a").send(null, "b").send("k-3", "c");
		begin();

		awaitSettled(work, List.of("a", "c"));
		assertThat(work.recovered).containsExactly("a", "b", "c");
	}

	@Test
	void messagesOfASendersBatchAreToldApart() {
		Work work = start(List.of(), PayloadListener.class);

		sendBatch("batch-1", "a", "b", "a");
		send("k-1", "c");
		sendBatch("batch-1", "a", "b", "a");
		begin();

		awaitSettled(work, List.of("a", "b", "a", "c"));
	}

	@Test
	void messageThatCannotBeConvertedDoesNotShiftTheOthers() {
		Work work = start(List.of(), JsonListener.class, Json.class);

		send("k-1", "application/json", "{\"id\": \"a\"}");
		begin();
		awaitSettled(work, List.of("a"));
		send("k-1", "application/json", "{\"id\": \"a\"}");
		send("k-2", "application/json", "{");
		send("k-3", "application/json", "{\"id\": \"c\"}");
		begin();

		await().untilAsserted(() -> assertThat(work.batches).containsExactly(List.of("a"), List.of("c")));
	}

	@Test
	void messageThatTheListenerGivesBackRunsAgain() {
		Work work = start(manual(), ManualListener.class);
		work.failNext("b", 1);

		send("k-1", "a").send("k-2", "b").send("k-3", "c").send("k-1", "a");
		begin();

		awaitSettled(work, List.of("a", "b", "c"), List.of("b"));
	}

	@Test
	void whatAListenerAcknowledgedBeforeItFailedIsDone() {
		Work work = start(Stream.concat(manual().stream(), retries(3).stream()).toList(), ManualListener.class);
		work.failures.set(1);

		send("k-1", "a").send("k-2", "b");
		begin();

		awaitSettled(work, List.of("a", "b"), List.of("b"));
	}

	@Test
	void acknowledgingAllIsNoWordAboutWhatIsInProgressElsewhere() {
		Work work = start(manual(), MultipleListener.class);
		Elsewhere elsewhere = holdElsewhere("k-2");

		send("k-1", "a").send("k-2", "b").send("k-3", "c");
		begin();
		await().untilAsserted(() -> assertThat(work.batches).containsExactly(List.of("a", "c")));
		container().stop();

		await().untilAsserted(() -> assertThat(left()).isOne());
		elsewhere.end();
		send("k-4", "d");
		begin();
		awaitSettled(work, List.of("a", "c"), List.of("d"));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void acknowledgmentOfASendersBatchStandsForThePartsThatWereDoneBefore(boolean later) throws Exception {
		Work work = start(manual(), LaterListener.class);
		LaterListener listener = bean(LaterListener.class);
		sendBatch("batch-1", "a", "b");
		begin();
		await().untilAsserted(() -> assertThat(work.batches).containsExactly(List.of("a", "b")));
		listener.acknowledge();
		listener.later = later;

		sendBatch("batch-1", "a", "b", "c");
		await().untilAsserted(() -> assertThat(work.batches).containsExactly(List.of("a", "b"), List.of("c")));
		if (later) {
			listener.acknowledge();
		}

		awaitSettled(work, List.of("a", "b"), List.of("c"));
	}

	@Test
	void listenerThatIsABeanIsGuarded() {
		Work work = start(List.of(), BeanListener.class, OwnContainer.class);

		send("k-1", "a").send("k-1", "a").send("k-2", "b");
		bean(SimpleMessageListenerContainer.class).start();

		await().untilAsserted(() -> assertThat(work.batches).containsExactly(List.of("a", "b")));
		bean(SimpleMessageListenerContainer.class).stop();
		await().untilAsserted(() -> assertThat(left()).isZero());
	}

	@ParameterizedTest
	@ValueSource(classes = { KeyedListener.class, AnsweringListener.class })
	void listenerThatCannotTakeBatchesIsRefused(Class<?> listener) {
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> start(List.of(), listener))
			.havingRootCause()
			.isInstanceOf(InvalidOperationException.class)
			.withMessageContaining("is a listener of batches");
	}

	@Test
	void batchesInTransactionsOfTheContainerAreRefused() {
		assertThatExceptionOfType(Exception.class)
			.isThrownBy(() -> start(List.of(), PayloadListener.class, Transactions.class))
			.havingRootCause()
			.isInstanceOf(InvalidOperationException.class)
			.withMessageContaining("transactions of RabbitTransactionManager");
	}

	Work start(List<String> properties, Class<?>... sources) {
		this.context = new SpringApplicationBuilder(Application.class).sources(sources)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.properties("spring.rabbitmq.host=" + server().host(), "spring.rabbitmq.port=" + server().port(),
					"spring.rabbitmq.username=" + server().user(), "spring.rabbitmq.password=" + server().password(),
					"spring.rabbitmq.listener.simple.consumer-batch-enabled=true",
					"spring.rabbitmq.listener.simple.batch-size=10",
					"spring.rabbitmq.listener.simple.auto-startup=false", "test.queue=" + this.queue,
					"idempotency.lease=60s", "idempotency.store=memory")
			.run(properties.stream().map((property) -> "--" + property).toArray(String[]::new));
		return bean(Work.class);
	}

	private static List<String> manual() {
		return List.of("spring.rabbitmq.listener.simple.acknowledge-mode=manual");
	}

	private static List<String> retries(int attempts) {
		String retry = "spring.rabbitmq.listener.simple.retry.";
		return List.of(retry + "enabled=true", retry + "initial-interval=1ms", retry + "max-retries=" + (attempts - 1));
	}

	private <T> T bean(Class<T> type) {
		assertThat(this.context).isNotNull();
		return this.context.getBean(type);
	}

	private AbstractMessageListenerContainer container() {
		return (AbstractMessageListenerContainer) bean(RabbitListenerEndpointRegistry.class)
			.getListenerContainer("listener");
	}

	/** Start the container, for which a batch of what was sent or came back is full. */
	void begin() {
		SimpleMessageListenerContainer container = (SimpleMessageListenerContainer) container();
		container.setBatchSize(Math.max(this.sent, left()));
		this.sent = 0;
		container.start();
	}

	/** Wait for all work, and see that nothing is left at the broker. */
	@SafeVarargs
	final void awaitSettled(Work work, List<String>... batches) {
		await().untilAsserted(() -> assertThat(work.batches).containsExactly(batches));
		container().stop();
		await().untilAsserted(() -> assertThat(left()).isZero());
		assertThat(work.batches).containsExactly(batches);
	}

	private int left() {
		return left(this.queue);
	}

	int left(String queue) {
		try (Connection connection = server().connect(); Channel channel = connection.createChannel()) {
			return (int) channel.messageCount(queue);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(60));
	}

	RabbitBatchListenerContract send(@Nullable String key, String value) {
		return send(key, "text/plain", value);
	}

	private RabbitBatchListenerContract send(@Nullable String key, String type, String value) {
		MessageBuilder message = MessageBuilder.withBody(value.getBytes());
		message.setContentType(type);
		if (key != null) {
			message.setHeader(KEY, key);
		}
		bean(RabbitTemplate.class).send(this.queue, message.build());
		this.sent++;
		return this;
	}

	private void sendBatch(String id, String... values) {
		BatchingStrategy strategy = new SimpleBatchingStrategy(values.length, Integer.MAX_VALUE, 0);
		MessageBatch batch = null;
		for (String value : values) {
			batch = strategy.addToBatch("", this.queue,
					MessageBuilder.withBody(value.getBytes()).setContentType("text/plain").setMessageId(id).build());
		}
		assertThat(batch).isNotNull();
		bean(RabbitTemplate.class).send(this.queue, batch.getMessage());
		this.sent++;
	}

	private Elsewhere holdElsewhere(String key) {
		CountDownLatch held = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		CompletableFuture<Void> work = CompletableFuture
			.runAsync(() -> bean(Idempotency.class).call("handle", key).run(() -> {
				held.countDown();
				await().until(() -> release.getCount() == 0);
			}));
		await().until(() -> held.getCount() == 0 || work.isDone());
		return new Elsewhere(release, work);
	}

	/** Work on a message in another place. */
	private record Elsewhere(CountDownLatch release, CompletableFuture<Void> work) {

		/** Let it end, and wait until it is done. */
		void end() {
			this.release.countDown();
			assertThat(this.work).succeedsWithin(Duration.ofSeconds(60));
		}

	}

	/** What the listeners do, and what became of it. */
	static final class Work {

		final List<List<String>> batches = new CopyOnWriteArrayList<>();

		private final List<String> recovered = new CopyOnWriteArrayList<>();

		private final AtomicInteger failures = new AtomicInteger();

		private final AtomicInteger failuresOfOne = new AtomicInteger();

		private volatile String failing = "";

		void failNext(String value, int times) {
			this.failing = value;
			this.failuresOfOne.set(times);
		}

		boolean fails(String value) {
			return value.equals(this.failing) && this.failuresOfOne.getAndDecrement() > 0;
		}

		void run(List<String> values) {
			this.batches.add(List.copyOf(values));
			if (this.failures.getAndDecrement() > 0) {
				throw new IllegalStateException("on purpose");
			}
			Map<Integer, Throwable> failed = new HashMap<>();
			for (int i = 0; i < values.size(); i++) {
				if (fails(values.get(i))) {
					failed.put(i, new IllegalStateException("on purpose"));
				}
			}
			if (!failed.isEmpty()) {
				throw new PartialFailureException(failed);
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ AopAutoConfiguration.class, IdempotencyAutoConfiguration.class,
			IdempotencyMessagingAutoConfiguration.class, IdempotencyRabbitAutoConfiguration.class,
			JacksonAutoConfiguration.class, RabbitAutoConfiguration.class })
	static class Application {

		@Bean
		Work work() {
			return new Work();
		}

	}

	static class PayloadListener {

		private final Work work;

		PayloadListener(Work work) {
			this.work = work;
		}

		@Idempotent(operation = "handle")
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(List<String> values) {
			this.work.run(values);
		}

	}

	static class MessageListener {

		private final Work work;

		MessageListener(Work work) {
			this.work = work;
		}

		@Idempotent
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(List<Message> messages) {
			this.work.run(messages.stream().map((message) -> new String(message.getBody())).toList());
		}

	}

	static class MessagingListener {

		private final Work work;

		MessagingListener(Work work) {
			this.work = work;
		}

		@Idempotent
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(List<org.springframework.messaging.Message<String>> messages) {
			this.work.run(messages.stream().map(org.springframework.messaging.Message::getPayload).toList());
		}

	}

	record Order(String id) {

	}

	static class JsonListener {

		private final Work work;

		JsonListener(Work work) {
			this.work = work;
		}

		@Idempotent
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(List<Order> orders) {
			this.work.run(orders.stream().map(Order::id).toList());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Json {

		@Bean
		MessageConverter converter() {
			return new JacksonJsonMessageConverter();
		}

	}

	static class ManualListener {

		private final Work work;

		ManualListener(Work work) {
			this.work = work;
		}

		@Idempotent
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(List<Message> messages, Channel channel) throws IOException {
			this.work.batches.add(messages.stream().map((message) -> new String(message.getBody())).toList());
			for (Message message : messages) {
				long tag = message.getMessageProperties().getDeliveryTag();
				if (this.work.fails(new String(message.getBody()))) {
					channel.basicNack(tag, false, true);
				}
				else {
					channel.basicAck(tag, false);
				}
				if (this.work.failures.getAndDecrement() > 0) {
					throw new IllegalStateException("on purpose");
				}
			}
		}

	}

	static class MultipleListener {

		private final Work work;

		MultipleListener(Work work) {
			this.work = work;
		}

		@Idempotent(operation = "handle")
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(List<Message> messages, Channel channel) throws IOException {
			this.work.batches.add(messages.stream().map((message) -> new String(message.getBody())).toList());
			channel.basicAck(messages.get(messages.size() - 1).getMessageProperties().getDeliveryTag(), true);
		}

	}

	static class LaterListener {

		private final Work work;

		private final BlockingQueue<Acknowledging> settling = new LinkedBlockingQueue<>();

		private volatile boolean later = true;

		LaterListener(Work work) {
			this.work = work;
		}

		@Idempotent
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(List<Message> messages, Channel channel) throws IOException {
			long tag = messages.get(0).getMessageProperties().getDeliveryTag();
			if (this.later) {
				this.settling.add(() -> channel.basicAck(tag, false));
			}
			else {
				channel.basicAck(tag, false);
			}
			this.work.run(messages.stream().map((message) -> new String(message.getBody())).toList());
		}

		void acknowledge() throws Exception {
			Acknowledging settling = this.settling.poll(30, TimeUnit.SECONDS);
			assertThat(settling).isNotNull();
			settling.run();
		}

		interface Acknowledging {

			void run() throws IOException;

		}

	}

	static class BeanListener implements BatchMessageListener {

		private final Work work;

		BeanListener(Work work) {
			this.work = work;
		}

		@Override
		@Idempotent
		public void onMessageBatch(List<Message> messages) {
			this.work.run(messages.stream().map((message) -> new String(message.getBody())).toList());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnContainer {

		@Bean
		SimpleMessageListenerContainer own(ConnectionFactory connections, BeanListener listener,
				@Value("${test.queue}") String queue) {
			SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(connections);
			container.setQueueNames(queue);
			container.setMessageListener(listener);
			container.setConsumerBatchEnabled(true);
			container.setBatchSize(10);
			container.setAutoStartup(false);
			return container;
		}

	}

	static class KeyedListener {

		@Idempotent("#values")
		@RabbitListener(queues = "${test.queue}")
		public void on(List<String> values) {
			throw new IllegalStateException("Not called");
		}

	}

	static class AnsweringListener {

		@Idempotent
		@RabbitListener(queues = "${test.queue}")
		public List<String> on(List<String> values) {
			return values;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Recovery {

		@Bean
		MessageBatchRecoverer recoverer(Work work) {
			return (messages, cause) -> {
				List<String> values = new ArrayList<>();
				messages.forEach((message) -> values.add(new String(message.getBody())));
				work.recovered.addAll(values);
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Transactions {

		@Bean
		ContainerCustomizer<SimpleMessageListenerContainer> transactions(ConnectionFactory connections) {
			return (container) -> container.setTransactionManager(new RabbitTransactionManager(connections));
		}

	}

}
