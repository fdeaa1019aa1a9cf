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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.idempotency.Idempotency;
import io.idempotency.Idempotent;
import io.idempotency.OnConcurrent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJdbcAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyRabbitAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencySqlAutoConfiguration;
import io.idempotency.messaging.ListenerWork;
import io.idempotency.test.servers.PostgresServer;
import io.idempotency.test.servers.RabbitServer;
import io.idempotency.test.servers.TcpProxy;
import org.aopalliance.aop.Advice;
import org.aopalliance.intercept.MethodInterceptor;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageListener;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.annotation.RabbitHandler;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.batch.BatchingStrategy;
import org.springframework.amqp.rabbit.batch.MessageBatch;
import org.springframework.amqp.rabbit.batch.SimpleBatchingStrategy;
import org.springframework.amqp.rabbit.config.ContainerCustomizer;
import org.springframework.amqp.rabbit.config.SimpleRabbitListenerContainerFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.amqp.rabbit.retry.MessageRecoverer;
import org.springframework.amqp.rabbit.retry.RepublishMessageRecoverer;
import org.springframework.amqp.rabbit.transaction.RabbitTransactionManager;
import org.springframework.amqp.support.converter.JacksonJsonMessageConverter;
import org.springframework.amqp.support.converter.MessageConverter;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.amqp.autoconfigure.RabbitAutoConfiguration;
import org.springframework.boot.amqp.autoconfigure.SimpleRabbitListenerContainerFactoryConfigurer;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests for what is RabbitMQ's own about guarded listeners.
 */
@Timeout(120)
class RabbitListenerIntegrationTests {

	private static final String KEY = "Idempotency-Key";

	private final RabbitServer server = RabbitServer.embedded();

	private final String queue = RabbitServer.newName("orders");

	private final String out = RabbitServer.newName("out");

	private @Nullable ConfigurableApplicationContext context;

	@BeforeEach
	void declareQueues() throws Exception {
		try (Connection connection = this.server.connect(); Channel channel = connection.createChannel()) {
			channel.queueDeclare(this.queue, true, false, false, null);
			channel.queueDeclare(this.out, true, false, false, null);
		}
	}

	@AfterEach
	void close() {
		if (this.context != null) {
			this.context.close();
		}
	}

	@Test
	void handlersOfAClassHaveKeysOfTheirOwn() {
		ListenerWork work = start(List.of(), ClassListener.class, Json.class);
		RabbitTemplate template = bean(RabbitTemplate.class);

		template.convertAndSend(this.queue, (Object) new Placed("1"), withKey("k-1"));
		template.convertAndSend(this.queue, (Object) new Cancelled("1"), withKey("k-1"));
		template.convertAndSend(this.queue, (Object) new Placed("1"), withKey("k-1"));
		template.convertAndSend(this.queue, (Object) new Placed("2"), withKey("k-2"));

		await().untilAsserted(() -> assertThat(work.values()).hasSize(3));
		assertThat(work.values()).containsExactly("placed 1", "cancelled 1", "placed 2");
	}

	@Test
	void messageIsWorkedOnOnceForEachQueueOfAListener() throws Exception {
		ListenerWork work = start(List.of(), ListenerOfQueues.class);

		for (String queue : List.of(this.queue, this.out, this.queue, this.out)) {
			bean(RabbitTemplate.class).convertAndSend(queue, (Object) "a", withKey("k-1"));
		}
		bean(RabbitTemplate.class).convertAndSend(this.out, (Object) "b", withKey("k-2"));
		bean(RabbitTemplate.class).convertAndSend(this.queue, (Object) "b", withKey("k-2"));

		await().untilAsserted(() -> assertThat(work.values()).hasSize(4));
		bean(RabbitListenerEndpointRegistry.class).stop();
		assertThat(work.values()).containsExactlyInAnyOrder("a", "b", "a", "b");
	}

	@Test
	void partsOfABatchThatAreSentOnOneByOneAreToldApart() {
		ListenerWork work = start(
				List.of("spring.rabbitmq.listener.simple.retry.enabled=true",
						"spring.rabbitmq.listener.simple.retry.max-retries=0"),
				SingleListener.class, Republishing.class);
		work.failNext(3);

		sendBatch("batch-1", "a", "b", "a", "c");
		await().untilAsserted(() -> assertThat(work.values()).hasSize(4));
		Message failed;
		int moved = 0;
		while ((failed = bean(RabbitTemplate.class).receive(this.out, 500)) != null) {
			moved++;
			bean(RabbitTemplate.class).send(this.queue, failed);
			bean(RabbitTemplate.class).send(this.queue, failed);
		}
		await().untilAsserted(() -> assertThat(work.values()).hasSize(7));
		sendBatch("batch-1", "a", "b", "a", "c");
		send("k-1", "last");

		await().untilAsserted(() -> assertThat(work.values()).contains("last"));
		assertThat(moved).isEqualTo(3);
		assertThat(work.values()).containsExactly("a", "b", "a", "c", "a", "b", "a", "last");
	}

	@Test
	void listenerThatIsABeanIsGuardedInAContainerOfItsOwn() throws Exception {
		ListenerWork work = start(List.of(), BeanListener.class, OwnContainer.class);

		send("k-1", "a");
		send("k-1", "a");
		send("k-2", "b");

		await().untilAsserted(() -> assertThat(work.values()).containsExactly("a", "b"));
		awaitSettled("own");
	}

	@Test
	void containerThatIsMadeLaterIsGuardedByHand() throws Exception {
		ListenerWork work = start(List.of(), BeanListener.class);
		SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(bean(ConnectionFactory.class));
		container.setQueueNames(this.queue);
		container.setMessageListener(bean(BeanListener.class));
		RabbitListenerGuard guard = bean(RabbitListenerGuard.class);
		guard.guard(container);
		guard.guard(container);
		container.start();
		try {
			send("k-1", "a");
			send("k-1", "a");
			send("k-2", "b");

			await().untilAsserted(() -> assertThat(work.values()).containsExactly("a", "b"));
			SimpleMessageListenerContainer late = new SimpleMessageListenerContainer(bean(ConnectionFactory.class));
			late.setQueueNames(this.out);
			late.setMessageListener((message) -> {
			});
			late.start();
			assertThatThrownBy(() -> guard.guard(late)).hasMessageContaining("is running");
			late.destroy();
		}
		finally {
			container.destroy();
		}
	}

	@Test
	void adviceAndErrorHandlerOfTheApplicationSeeFailuresAndNothingElse() {
		ListenerWork work = start(List.of(), SingleListener.class, AdvisedContainers.class);
		Seen seen = bean(Seen.class);
		work.failNext(1);
		CountDownLatch elsewhere = holdElsewhere("k-2");

		send("k-1", "a");
		await().untilAsserted(() -> assertThat(seen.failures).hasSize(1));
		send("k-2", "b");
		await().untilAsserted(() -> assertThat(seen.calls).hasSizeGreaterThan(2));
		container().stop();

		assertThat(seen.failures).hasSize(1).first().asString().contains("on purpose");
		elsewhere.countDown();
		assertThat(work.values()).containsExactly("a");
	}

	@Test
	void retriesWithStateCountNoMessageThatIsInProgressElsewhere() throws Exception {
		ListenerWork work = start(
				List.of("spring.rabbitmq.listener.simple.retry.enabled=true",
						"spring.rabbitmq.listener.simple.retry.stateless=false",
						"spring.rabbitmq.listener.simple.retry.initial-interval=1ms",
						"spring.rabbitmq.listener.simple.retry.max-retries=1"),
				SingleListener.class, DeadLetters.class);
		CountDownLatch elsewhere = holdElsewhere("k-1");

		send("k-1", "a");
		send("k-2", "b");
		work.failNext(Integer.MAX_VALUE);
		elsewhere.countDown();

		await().untilAsserted(() -> assertThat(work.deadLetters()).containsExactly("b"));
		assertThat(work.values()).containsExactly("b", "b");
		awaitSettled("listener");
	}

	@Test
	void messageWithoutKeyAndIdIsAFailure() {
		ListenerWork work = start(
				List.of("spring.rabbitmq.listener.simple.retry.enabled=true",
						"spring.rabbitmq.listener.simple.retry.max-retries=0"),
				SingleListener.class, DeadLetters.class);

		bean(RabbitTemplate.class).convertAndSend(this.queue, "a");

		await().untilAsserted(() -> assertThat(work.deadLetters()).containsExactly("a"));
		assertThat(work.values()).isEmpty();
	}

	@Test
	void nestedCallThatIsInProgressElsewhereIsNoDeadLetter() throws Exception {
		ListenerWork work = start(List.of("spring.rabbitmq.listener.simple.default-requeue-rejected=false",
				"spring.rabbitmq.listener.simple.prefetch=1"), NestingListener.class, Inner.class);
		CountDownLatch elsewhere = holdElsewhere("inner", "k-1");

		send("k-1", "a");
		await().untilAsserted(() -> assertThat(work.values()).hasSizeGreaterThan(1));
		elsewhere.countDown();
		send("k-2", "last");
		await().untilAsserted(() -> assertThat(work.values()).contains("last"));

		awaitSettled("listener");
	}

	@Test
	void duplicateIsSkippedAndCommittedOnATransactedChannel() throws Exception {
		ListenerWork work = start(List.of(), SingleListener.class, TransactedChannels.class);
		work.failNext(1);

		send("k-1", "a");
		send("k-1", "a");
		send("k-2", "b");

		await().untilAsserted(() -> assertThat(work.values()).containsExactlyInAnyOrder("a", "a", "b"));
		awaitSettled("listener");
	}

	@Test
	void messageIsHeldOutsideOfTheCountInATransactionOfTheBroker() throws Exception {
		ListenerWork work = start(List.of(), SingleListener.class, BrokerTransactions.class);
		CountDownLatch elsewhere = holdElsewhere("k-1");

		send("k-1", "a");
		send("k-2", "b");
		work.failNext(1);
		elsewhere.countDown();

		await().untilAsserted(() -> assertThat(work.values()).containsExactly("b", "b"));
		awaitSettled("listener");
	}

	@Test
	void effectAndRecordAreOneTransactionWithAContainerOnTheDatabase() throws Exception {
		try (PostgresServer.Database database = PostgresServer.shared().createDatabase()) {
			ListenerWork work = start(
					List.of("idempotency.store=jdbc", "spring.datasource.url=" + database.jdbcUrl(),
							"idempotency.sql.initialize-schema=always"),
					InboxListener.class, DatabaseTransactions.class);
			JdbcTemplate jdbc = bean(JdbcTemplate.class);
			jdbc.execute("create table effect (value text, attempt int)");
			work.failNext(1);

			send("k-1", "a");
			send("k-1", "a");
			send("k-2", "b");

			await().untilAsserted(() -> assertThat(work.values()).containsExactlyInAnyOrder("a", "a", "b"));
			awaitSettled("listener");
			assertThat(jdbc.queryForList("select value from effect", String.class)).containsExactlyInAnyOrder("a", "b");
			assertThat(jdbc.queryForObject("select count(distinct xmin::text) from effect", Integer.class))
				.isEqualTo(2);
			assertThat(jdbc.queryForList("select xmin::text from effect order by 1", String.class))
				.isEqualTo(jdbc.queryForList("select xmin::text from idempotency_record order by 1", String.class));
			close();
		}
	}

	@Test
	void messagesOfABatchAreToldApart() throws Exception {
		ListenerWork work = start(List.of(), SingleListener.class);

		sendBatch("batch-1", "a", "b", "a");
		sendBatch("batch-1", "a", "b", "a");
		sendBatch("batch-2", "c", "d");
		send("k-1", "last");

		await().untilAsserted(() -> assertThat(work.values()).contains("last"));
		assertThat(work.values()).containsExactly("a", "b", "a", "c", "d", "last");
		awaitSettled("listener");
	}

	@Test
	void messagesOfABatchThatFailedAreToldApartAgain() throws Exception {
		ListenerWork work = start(List.of(), SingleListener.class);
		work.failNext(1);

		sendBatch("batch-1", "a", "b", "c");

		await().untilAsserted(() -> assertThat(work.values()).containsExactly("a", "a", "b", "c"));
		awaitSettled("listener");
	}

	@Test
	void duplicateRequestGetsTheSameReply() {
		ListenerWork work = start(List.of(), ReplyingListener.class);
		RabbitTemplate template = bean(RabbitTemplate.class);

		assertThat(template.convertSendAndReceive(this.queue, (Object) "a", withKey("k-1"))).isEqualTo("reply 1");
		assertThat(template.convertSendAndReceive(this.queue, (Object) "a", withKey("k-1"))).isEqualTo("reply 1");
		assertThat(work.values()).containsExactly("a");
	}

	@Test
	void futureResultIsAcknowledgedOnce() throws Exception {
		ListenerWork work = start(List.of(), FutureListener.class);
		CountDownLatch elsewhere = holdElsewhere("k-3");

		send("k-1", "a");
		send("k-1", "a");
		send("k-3", "c");
		elsewhere.countDown();
		send("k-2", "b");

		await().untilAsserted(() -> assertThat(work.values()).containsExactly("a", "b"));
		awaitSettled("listener");
	}

	@Test
	void messageThatTheListenerRefusesForGoodRunsAgainWhenItIsSentAgain() throws Exception {
		ListenerWork work = start(List.of("spring.rabbitmq.listener.simple.acknowledge-mode=manual"),
				RejectingListener.class);
		work.failNext(1);

		send("k-1", "a");
		send("k-1", "a");

		await().untilAsserted(() -> assertThat(work.values()).containsExactly("a", "a"));
		awaitSettled("listener");
	}

	@Test
	void messageWhoseAcknowledgementWasCutOffIsSkipped() throws Exception {
		try (TcpProxy proxy = TcpProxy.to(this.server.host(), this.server.port())) {
			ListenerWork work = start(List.of("spring.rabbitmq.port=" + proxy.port()), SingleListener.class,
					FastRecovery.class);
			CountDownLatch gate = work.closeGate();

			send("k-1", "a");
			await().untilAsserted(() -> assertThat(work.values()).containsExactly("a"));
			proxy.cutAll();
			gate.countDown();

			await().ignoreExceptions().untilAsserted(() -> send("k-2", "b"));
			await().untilAsserted(() -> assertThat(work.values()).contains("b"));
			awaitSettled("listener");
			assertThat(work.values()).startsWith("a").filteredOn("a"::equals).hasSize(1);
		}
	}

	@Test
	void whatTheWorkSendsHasTheSameKeyOnEachAttempt() {
		ListenerWork work = start(List.of(), ForwardingListener.class);
		work.failNext(1);

		send("k-1", "a");

		await().untilAsserted(() -> assertThat(left(this.out)).isEqualTo(10));
		List<String> sent = drain(this.out);
		assertThat(sent.subList(0, 4)).doesNotHaveDuplicates().noneMatch((each) -> each.endsWith(" k-1"));
		assertThat(sent.get(4)).isEqualTo("own mine");
		assertThat(sent.subList(5, 10)).isEqualTo(sent.subList(0, 5));
	}

	@Test
	void userOfTheTemplateIsSentBesideTheKey() {
		start(List.of());
		RabbitTemplate template = bean(RabbitTemplate.class);
		template.setUserIdExpressionString("'guest'");

		bean(Idempotency.class).call("any", "k").run(() -> template.convertAndSend(this.out, "a"));

		Message sent = template.receive(this.out, 30_000);
		assertThat(sent).isNotNull();
		assertThat(sent.getMessageProperties().<String>getHeader(KEY)).isNotNull();
		assertThat(sent.getMessageProperties().getReceivedUserId()).isEqualTo("guest");
	}

	@Test
	void messageSentOutsideOfWorkHasNoKey() {
		start(List.of());

		bean(RabbitTemplate.class).convertAndSend(this.out, "a");

		assertThat(drain(this.out)).containsExactly("a null");
	}

	@Test
	void workSendsNoKeysIfToldSo() {
		start(List.of("idempotency.messaging.send-keys=false"));

		bean(Idempotency.class).call("any", "k").run(() -> bean(RabbitTemplate.class).convertAndSend(this.out, "a"));

		assertThat(drain(this.out)).containsExactly("a null");
	}

	private ListenerWork start(List<String> properties, Class<?>... sources) {
		this.context = new SpringApplicationBuilder(Application.class).sources(sources)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.properties("spring.rabbitmq.host=" + this.server.host(), "spring.rabbitmq.port=" + this.server.port(),
					"test.queue=" + this.queue, "test.out=" + this.out, "idempotency.lease=60s",
					"idempotency.store=memory")
			.run(properties.stream().map((property) -> "--" + property).toArray(String[]::new));
		return bean(ListenerWork.class);
	}

	private <T> T bean(Class<T> type) {
		assertThat(this.context).isNotNull();
		return this.context.getBean(type);
	}

	private org.springframework.amqp.rabbit.listener.MessageListenerContainer container() {
		return (org.springframework.amqp.rabbit.listener.MessageListenerContainer) bean(
				RabbitListenerEndpointRegistry.class)
			.getListenerContainer("listener");
	}

	private static org.awaitility.core.ConditionFactory await() {
		return Awaitility.await().atMost(60, TimeUnit.SECONDS);
	}

	private static org.springframework.amqp.core.MessagePostProcessor withKey(String key) {
		return (message) -> {
			message.getMessageProperties().setHeader(KEY, key);
			return message;
		};
	}

	private void send(String key, String value) {
		bean(RabbitTemplate.class).send(this.queue,
				MessageBuilder.withBody(value.getBytes())
					.setContentType("text/plain")
					.setMessageId(key)
					.setHeader(KEY, key)
					.build());
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
	}

	private CountDownLatch holdElsewhere(String key) {
		return holdElsewhere("handle", key);
	}

	private CountDownLatch holdElsewhere(String operation, String key) {
		CountDownLatch held = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		CompletableFuture<Void> elsewhere = CompletableFuture
			.runAsync(() -> bean(Idempotency.class).call(operation, key).run(() -> {
				held.countDown();
				Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> release.getCount() == 0);
			}));
		await().until(() -> held.getCount() == 0 || elsewhere.isDone());
		return release;
	}

	private void awaitSettled(String id) throws Exception {
		if (id.equals("listener")) {
			container().stop();
		}
		else {
			bean(SimpleMessageListenerContainer.class).stop();
		}
		await().untilAsserted(() -> assertThat(left(this.queue)).isZero());
	}

	private long left(String queue) throws Exception {
		try (Connection connection = this.server.connect(); Channel channel = connection.createChannel()) {
			return channel.messageCount(queue);
		}
	}

	private List<String> drain(String queue) {
		List<String> messages = new ArrayList<>();
		Message message;
		while ((message = bean(RabbitTemplate.class).receive(queue, 500)) != null) {
			messages.add(new String(message.getBody()) + " " + message.getMessageProperties().getHeader(KEY));
		}
		return messages;
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ AopAutoConfiguration.class, IdempotencyAutoConfiguration.class,
			IdempotencyMessagingAutoConfiguration.class, IdempotencyRabbitAutoConfiguration.class,
			JacksonAutoConfiguration.class, RabbitAutoConfiguration.class })
	static class Application {

		@Bean
		ListenerWork listenerWork() {
			return new ListenerWork();
		}

		/** A container that is told to stop notices it after this time. */
		@Bean
		ContainerCustomizer<SimpleMessageListenerContainer> noticingStops() {
			return (container) -> container.setReceiveTimeout(50);
		}

	}

	record Placed(String id) {

	}

	record Cancelled(String id) {

	}

	@Configuration(proxyBeanMethods = false)
	static class Json {

		@Bean
		MessageConverter converter() {
			return new JacksonJsonMessageConverter("io.idempotency.messaging.rabbit");
		}

	}

	@Idempotent
	@RabbitListener(id = "listener", queues = "${test.queue}")
	static class ClassListener {

		private final ListenerWork work;

		ClassListener(ListenerWork work) {
			this.work = work;
		}

		@RabbitHandler
		public void placed(Placed order) {
			this.work.handle("placed " + order.id());
		}

		@RabbitHandler
		public void cancelled(Cancelled order) {
			this.work.handle("cancelled " + order.id());
		}

	}

	static class ListenerOfQueues {

		private final ListenerWork work;

		ListenerOfQueues(ListenerWork work) {
			this.work = work;
		}

		@Idempotent
		@RabbitListener(queues = "${test.queue}")
		@RabbitListener(queues = "${test.out}")
		public void on(String value) {
			this.work.handle(value);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Republishing {

		@Bean
		MessageRecoverer recoverer(RabbitTemplate template, @Value("${test.out}") String out) {
			return new RepublishMessageRecoverer(template, "", out);
		}

	}

	static class BeanListener implements MessageListener {

		private final ListenerWork work;

		BeanListener(ListenerWork work) {
			this.work = work;
		}

		@Override
		@Idempotent
		public void onMessage(Message message) {
			this.work.handle(new String(message.getBody()));
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
			container.setPhase(0);
			return container;
		}

	}

	static class SingleListener {

		private final ListenerWork work;

		SingleListener(ListenerWork work) {
			this.work = work;
		}

		@Idempotent(operation = "handle")
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(String value) {
			this.work.handle(value);
		}

	}

	static final class Seen {

		private final List<Object> calls = new CopyOnWriteArrayList<>();

		private final List<Throwable> failures = new CopyOnWriteArrayList<>();

	}

	@Configuration(proxyBeanMethods = false)
	static class AdvisedContainers {

		@Bean
		Seen seen() {
			return new Seen();
		}

		@Bean
		SimpleRabbitListenerContainerFactory rabbitListenerContainerFactory(
				SimpleRabbitListenerContainerFactoryConfigurer configurer, ConnectionFactory connections, Seen seen) {
			SimpleRabbitListenerContainerFactory factory = new SimpleRabbitListenerContainerFactory();
			configurer.configure(factory, connections);
			MethodInterceptor advice = (invocation) -> {
				seen.calls.add(invocation);
				return invocation.proceed();
			};
			factory.setAdviceChain(new Advice[] { advice });
			factory.setErrorHandler((failure) -> {
				seen.failures.add(failure.getCause());
				throw new AmqpRejectAndDontRequeueException("by the application", failure);
			});
			return factory;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DeadLetters {

		@Bean
		MessageRecoverer recoverer(ListenerWork work) {
			return (message, cause) -> work.deadLetter(new String(message.getBody()));
		}

	}

	static class NestingListener {

		private final ListenerWork work;

		private final Inner inner;

		NestingListener(ListenerWork work, Inner inner) {
			this.work = work;
			this.inner = inner;
		}

		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(Message message) {
			this.work.handle(new String(message.getBody()));
			this.inner.run(message.getMessageProperties().getHeader(KEY));
		}

	}

	static class Inner {

		@Idempotent(key = "#key", operation = "inner", onConcurrent = OnConcurrent.REJECT)
		public void run(String key) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TransactedChannels {

		@Bean
		SimpleRabbitListenerContainerFactory rabbitListenerContainerFactory(
				SimpleRabbitListenerContainerFactoryConfigurer configurer, ConnectionFactory connections) {
			SimpleRabbitListenerContainerFactory factory = new SimpleRabbitListenerContainerFactory();
			configurer.configure(factory, connections);
			factory.setChannelTransacted(true);
			return factory;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BrokerTransactions {

		@Bean
		SimpleRabbitListenerContainerFactory rabbitListenerContainerFactory(
				SimpleRabbitListenerContainerFactoryConfigurer configurer, ConnectionFactory connections) {
			SimpleRabbitListenerContainerFactory factory = new SimpleRabbitListenerContainerFactory();
			configurer.configure(factory, connections);
			factory.setTransactionManager(new RabbitTransactionManager(connections));
			return factory;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
			IdempotencyJdbcAutoConfiguration.class, IdempotencySqlAutoConfiguration.class,
			JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class })
	static class DatabaseTransactions {

		@Bean
		SimpleRabbitListenerContainerFactory rabbitListenerContainerFactory(
				SimpleRabbitListenerContainerFactoryConfigurer configurer, ConnectionFactory connections,
				PlatformTransactionManager transactions) {
			SimpleRabbitListenerContainerFactory factory = new SimpleRabbitListenerContainerFactory();
			configurer.configure(factory, connections);
			factory.setTransactionManager(transactions);
			return factory;
		}

	}

	static class InboxListener {

		private final ListenerWork work;

		private final JdbcTemplate jdbc;

		InboxListener(ListenerWork work, JdbcTemplate jdbc) {
			this.work = work;
			this.jdbc = jdbc;
		}

		@Idempotent
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(String value) {
			this.jdbc.update("insert into effect (value) values (?)", value);
			this.work.handle(value);
		}

	}

	static class ReplyingListener {

		private final ListenerWork work;

		ReplyingListener(ListenerWork work) {
			this.work = work;
		}

		@Idempotent
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public String on(String value) {
			this.work.handle(value);
			return "reply " + this.work.values().size();
		}

	}

	static class FutureListener {

		private final ListenerWork work;

		FutureListener(ListenerWork work) {
			this.work = work;
		}

		@Idempotent(operation = "handle")
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public CompletableFuture<Void> on(String value) {
			return CompletableFuture.runAsync(() -> this.work.handle(value));
		}

	}

	static class RejectingListener {

		private final ListenerWork work;

		RejectingListener(ListenerWork work) {
			this.work = work;
		}

		@Idempotent
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(Message message, Channel channel) throws IOException {
			long tag = message.getMessageProperties().getDeliveryTag();
			if (this.work.fails(new String(message.getBody()))) {
				channel.basicReject(tag, false);
			}
			else {
				channel.basicAck(tag, false);
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FastRecovery {

		@Bean
		SimpleRabbitListenerContainerFactory rabbitListenerContainerFactory(
				SimpleRabbitListenerContainerFactoryConfigurer configurer, ConnectionFactory connections) {
			SimpleRabbitListenerContainerFactory factory = new SimpleRabbitListenerContainerFactory();
			configurer.configure(factory, connections);
			factory.setRecoveryInterval(100L);
			return factory;
		}

	}

	static class ForwardingListener {

		private final ListenerWork work;

		private final RabbitTemplate template;

		private final String out;

		ForwardingListener(ListenerWork work, RabbitTemplate template, @Value("${test.out}") String out) {
			this.work = work;
			this.template = template;
			this.out = out;
		}

		@Idempotent
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(Message message) {
			Message twice = MessageBuilder.withBody("twice".getBytes()).build();
			this.template.convertAndSend(this.out, "first");
			this.template.send(this.out, twice);
			this.template.send(this.out, twice);
			MessageProperties copied = new MessageProperties();
			copied.setHeaders(message.getMessageProperties().getHeaders());
			this.template.send(this.out, new Message("copied".getBytes(), copied));
			this.template.convertAndSend(this.out, (Object) "own", withKey("mine"));
			this.work.handle(new String(message.getBody()));
		}

	}

}
