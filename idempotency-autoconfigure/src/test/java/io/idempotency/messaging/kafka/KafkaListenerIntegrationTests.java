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

package io.idempotency.messaging.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.idempotency.Idempotency;
import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyKafkaAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.KafkaHandler;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.annotation.RetryableTopic;
import org.springframework.kafka.config.ContainerCustomizer;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.RecordInterceptor;
import org.springframework.kafka.support.Acknowledgment;
import org.springframework.stereotype.Component;
import org.springframework.util.backoff.FixedBackOff;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for guarded Kafka listeners, on a real broker.
 */
class KafkaListenerIntegrationTests {

	private final KafkaTestTopic topic = new KafkaTestTopic();

	@AfterEach
	void close() {
		this.topic.close();
	}

	@Test
	void recordWithTheSameKeyIsSkippedAndAcknowledged() {
		Work work = start(SingleListener.class);

		this.topic.send("k-1", "a");
		this.topic.send("k-1", "a");
		this.topic.send("k-2", "b");

		this.topic.awaitCommitted(3);
		assertThat(work.values).containsExactly("a", "b");
	}

	@Test
	void recordsWithoutKeysAreToldApartByTheirPositions() {
		Work work = start(SingleListener.class);

		this.topic.send(null, "a");
		this.topic.send(null, "a");
		this.topic.awaitCommitted(2);
		assertThat(work.values).containsExactly("a", "a");

		this.topic.bean(KafkaListenerEndpointRegistry.class).stop();
		this.topic.rewind();
		this.topic.bean(KafkaListenerEndpointRegistry.class).start();
		this.topic.send(null, "b");
		this.topic.awaitCommitted(3);

		assertThat(work.values).containsExactly("a", "a", "b");
	}

	@Test
	void recordIsWorkedOnOnceForEachGroupOfAListener() {
		Work work = start(ListenerOfGroups.class);

		this.topic.send("k-1", "a");
		this.topic.send("k-1", "a");
		this.topic.send(null, "b");
		Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(work.values).hasSize(4));
		this.topic.awaitCommitted(3);

		this.topic.bean(KafkaListenerEndpointRegistry.class).stop();
		this.topic.rewind();
		this.topic.bean(KafkaListenerEndpointRegistry.class).start();
		this.topic.send("k-2", "c");

		Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(work.values).hasSize(6));
		this.topic.awaitCommitted(4);
		assertThat(work.values).containsExactlyInAnyOrder("a", "b", "a", "b", "c", "c");
	}

	@Test
	void failedRecordIsDeliveredAgainAndRunsAgain() {
		Work work = start(SingleListener.class);
		work.failures.set(2);

		this.topic.send("k-1", "a");

		this.topic.awaitCommitted(1);
		assertThat(work.values).containsExactly("a", "a", "a");
		assertThat(work.attempts).containsExactly(1, 2, 3);
	}

	@Test
	void poisonReachesTheDeadLetterTopicAfterAsManyAttemptsAsWithoutTheGuard() {
		Work work = start(SingleListener.class, DeadLetters.class);
		work.failures.set(Integer.MAX_VALUE);

		this.topic.send("k-1", "a");

		assertThat(work.deadLetters).succeedsWithin(Duration.ofSeconds(30)).isEqualTo("a");
		this.topic.awaitCommitted(1);
		assertThat(work.values).hasSize(3);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void recordInProgressElsewhereIsDeliveredAgainWithoutCounting(boolean seeking) throws Exception {
		Work work = start(SingleListener.class, seeking ? NoSecondAttempt.class : NoSecondAttemptWithoutSeeks.class);
		CountDownLatch holding = new CountDownLatch(1);
		CountDownLatch done = new CountDownLatch(1);
		CompletableFuture<Void> elsewhere = CompletableFuture
			.runAsync(() -> this.topic.bean(Idempotency.class).call("single-listener-on", "k-1").run(() -> {
				holding.countDown();
				Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> done.getCount() == 0);
			}));
		assertThat(holding.await(30, TimeUnit.SECONDS)).isTrue();

		this.topic.send("k-1", "a");
		this.topic.send("k-2", "b");
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.untilAsserted(() -> assertThat(work.intercepted).hasSizeGreaterThan(2));
		assertThat(work.values).isEmpty();
		done.countDown();

		elsewhere.get(30, TimeUnit.SECONDS);
		this.topic.awaitCommitted(2);
		assertThat(work.values).containsExactly("b");
		assertThat(work.given).isEmpty();
	}

	@Test
	void interceptorOfTheApplicationStays() {
		Work work = start(SingleListener.class);

		this.topic.send("k-1", "a");

		this.topic.awaitCommitted(1);
		assertThat(work.intercepted).containsExactly("a");
		assertThat(work.interceptedAfter).containsExactly("a");
	}

	@Test
	void duplicateIsAcknowledgedWhereTheListenerWouldHaveDoneSo() {
		Work work = start(List.of("spring.kafka.listener.ack-mode=manual"), ManualListener.class);

		this.topic.send("k-1", "a");
		this.topic.send("k-1", "a");

		this.topic.awaitCommitted(2);
		assertThat(work.values).containsExactly("a");
	}

	@Test
	void recordThatTheListenerGivesBackRunsAgain() {
		Work work = start(List.of("spring.kafka.listener.ack-mode=manual"), ManualListener.class);
		work.failures.set(2);

		this.topic.send("k-1", "a");

		this.topic.awaitCommitted(1);
		assertThat(work.values).containsExactly("a", "a", "a");
	}

	@Test
	void handlersOfAClassHaveKeysOfTheirOwn() {
		Work work = start(List.of(
				"spring.kafka.consumer.value-deserializer=org.springframework.kafka.support.serializer.JacksonJsonDeserializer",
				"spring.kafka.producer.value-serializer=org.springframework.kafka.support.serializer.JacksonJsonSerializer",
				"spring.kafka.consumer.properties[spring.json.trusted.packages]=io.idempotency.messaging.kafka"),
				ClassListener.class);

		this.topic.send("k-1", new Placed("1"));
		this.topic.send("k-1", new Cancelled("1"));
		this.topic.send("k-1", new Placed("1"));

		this.topic.awaitCommitted(3);
		assertThat(work.values).containsExactly("placed 1", "cancelled 1");
	}

	@Test
	void recordOnARetryTopicIsTheSame() {
		Work work = start(RetriedListener.class);
		work.failures.set(1);

		this.topic.send(null, "a");

		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.untilAsserted(() -> assertThat(work.values).containsExactly("a", "a"));
		assertThat(work.attempts).containsExactly(1, 2);
		assertThat(work.keys).hasSize(2).allMatch((key) -> key.equals(work.keys.get(0)));
	}

	@Test
	void whatTheWorkSendsHasTheSameKeyOnEachAttempt() throws Exception {
		Work work = start(ForwardingListener.class, OutListener.class);
		work.failures.set(1);

		this.topic.send("k-1", "a");

		List<String> sent = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			sent.add(work.sent.poll(30, TimeUnit.SECONDS));
		}
		assertThat(sent.subList(0, 3)).doesNotHaveDuplicates().noneMatch((each) -> each.endsWith("k-1"));
		assertThat(sent.subList(3, 6)).isEqualTo(sent.subList(0, 3));
	}

	@Test
	void stepOfAListenerIsDoneOnce() {
		Work work = start(StepListener.class);
		work.failures.set(1);

		this.topic.send("k-1", "a");

		this.topic.awaitCommitted(1);
		assertThat(work.values).containsExactly("step", "a", "a");
	}

	@Test
	void containerOfAnEarlyPhaseIsGuarded() {
		Work work = start(SingleListener.class, EarlyContainers.class);

		this.topic.send("k-1", "a");
		this.topic.send("k-1", "a");
		this.topic.send("k-2", "b");

		this.topic.awaitCommitted(3);
		assertThat(work.values).containsExactly("a", "b");
	}

	private Work start(Class<?>... sources) {
		return start(List.of(), sources);
	}

	private Work start(List<String> properties, Class<?>... sources) {
		Class<?>[] all = Stream.concat(Stream.of(Application.class), Stream.of(sources)).toArray(Class<?>[]::new);
		this.topic.start(properties, all);
		return this.topic.bean(Work.class);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ AopAutoConfiguration.class, IdempotencyAutoConfiguration.class,
			IdempotencyKafkaAutoConfiguration.class, IdempotencyMessagingAutoConfiguration.class,
			JacksonAutoConfiguration.class, KafkaAutoConfiguration.class })
	static class Application {

		@Bean
		Work work() {
			return new Work();
		}

		@Bean
		RecordInterceptor<Object, Object> interceptor(Work work) {
			return new RecordInterceptor<>() {

				@Override
				public ConsumerRecord<Object, Object> intercept(ConsumerRecord<Object, Object> record,
						org.apache.kafka.clients.consumer.Consumer<Object, Object> consumer) {
					work.intercepted.add(String.valueOf(record.value()));
					return record;
				}

				@Override
				public void afterRecord(ConsumerRecord<Object, Object> record,
						org.apache.kafka.clients.consumer.Consumer<Object, Object> consumer) {
					work.interceptedAfter.add(String.valueOf(record.value()));
				}

			};
		}

	}

	/** What the listeners do, and what became of it. */
	static final class Work {

		private final List<String> values = new CopyOnWriteArrayList<>();

		private final List<Integer> attempts = new CopyOnWriteArrayList<>();

		private final List<String> keys = new CopyOnWriteArrayList<>();

		private final List<String> intercepted = new CopyOnWriteArrayList<>();

		private final List<String> interceptedAfter = new CopyOnWriteArrayList<>();

		private final List<String> given = new CopyOnWriteArrayList<>();

		private final BlockingQueue<String> sent = new LinkedBlockingQueue<>();

		private final CompletableFuture<String> deadLetters = new CompletableFuture<>();

		private final AtomicInteger failures = new AtomicInteger();

		boolean fails(String value) {
			IdempotencyContext context = IdempotencyContext.current().orElseThrow();
			this.attempts.add(context.attempt());
			this.keys.add(context.key());
			this.values.add(value);
			return this.failures.getAndDecrement() > 0;
		}

		void run(String value) {
			if (fails(value)) {
				throw new IllegalStateException("on purpose");
			}
		}

	}

	@Component
	static class SingleListener {

		private final Work work;

		SingleListener(Work work) {
			this.work = work;
		}

		@Idempotent
		@KafkaListener(id = "listener", idIsGroup = false, topics = "${test.topic}")
		void on(String value) {
			this.work.run(value);
		}

	}

	@Component
	static class ListenerOfGroups {

		private final Work work;

		ListenerOfGroups(Work work) {
			this.work = work;
		}

		@Idempotent
		@KafkaListener(topics = "${test.topic}")
		@KafkaListener(topics = "${test.topic}", groupId = "other")
		public void on(String value) {
			this.work.run(value);
		}

	}

	@Component
	static class StepListener {

		private final Work work;

		StepListener(Work work) {
			this.work = work;
		}

		@Idempotent
		@KafkaListener(topics = "${test.topic}")
		void on(String value) {
			IdempotencyContext.current().orElseThrow().steps().run("step", () -> {
				this.work.values.add("step");
			});
			this.work.run(value);
		}

	}

	@Component
	static class ManualListener {

		private final Work work;

		ManualListener(Work work) {
			this.work = work;
		}

		@Idempotent
		@KafkaListener(id = "listener", idIsGroup = false, topics = "${test.topic}")
		void on(String value, Acknowledgment acknowledgment) {
			if (this.work.fails(value)) {
				acknowledgment.nack(Duration.ofMillis(1));
			}
			else {
				acknowledgment.acknowledge();
			}
		}

	}

	@Component
	static class RetriedListener {

		private final Work work;

		RetriedListener(Work work) {
			this.work = work;
		}

		@Idempotent
		@RetryableTopic(attempts = "3", numPartitions = "1")
		@KafkaListener(id = "listener", idIsGroup = false, topics = "${test.topic}")
		void on(String value) {
			this.work.run(value);
		}

	}

	@Component
	@Idempotent
	@KafkaListener(id = "listener", idIsGroup = false, topics = "${test.topic}")
	static class ClassListener {

		private final Work work;

		ClassListener(Work work) {
			this.work = work;
		}

		@KafkaHandler
		public void on(Placed order) {
			this.work.run("placed " + order.id());
		}

		@KafkaHandler
		public void on2(Cancelled order) {
			this.work.run("cancelled " + order.id());
		}

	}

	record Placed(String id) {

	}

	record Cancelled(String id) {

	}

	@Component
	static class ForwardingListener {

		private final Work work;

		private final KafkaTemplate<Object, Object> template;

		@Value("${test.out}")
		private String out;

		ForwardingListener(Work work, KafkaTemplate<Object, Object> template) {
			this.work = work;
			this.template = template;
		}

		@Idempotent
		@KafkaListener(id = "listener", idIsGroup = false, topics = "${test.topic}")
		void on(ConsumerRecord<String, String> record) {
			this.template.send(this.out, "first").join();
			this.template.send(this.out, "second").join();
			this.template.send(new ProducerRecord<>(this.out, null, (Object) null, "copied", record.headers())).join();
			this.work.run(record.value());
		}

	}

	@Component
	static class OutListener {

		private final Work work;

		OutListener(Work work) {
			this.work = work;
		}

		@KafkaListener(topics = "${test.out}", groupId = "out")
		void on(ConsumerRecord<String, String> record) {
			this.work.sent
				.add(record.value() + " " + new String(record.headers().lastHeader(KafkaTestTopic.KEY).value()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DeadLetters {

		@Bean
		DefaultErrorHandler errorHandler(KafkaTemplate<Object, Object> template) {
			return new DefaultErrorHandler(new DeadLetterPublishingRecoverer(template,
					(record, ex) -> new TopicPartition(record.topic() + "-dlt", 0)), new FixedBackOff(0, 2));
		}

		@Bean
		DeadLetterListener deadLetterListener(Work work) {
			return new DeadLetterListener(work);
		}

	}

	static class DeadLetterListener {

		private final Work work;

		DeadLetterListener(Work work) {
			this.work = work;
		}

		@KafkaListener(topics = "${test.topic}-dlt", groupId = "dlt")
		void on(String value) {
			this.work.deadLetters.complete(value);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoSecondAttempt {

		@Bean
		DefaultErrorHandler errorHandler(Work work) {
			return new DefaultErrorHandler((record, ex) -> work.given.add(String.valueOf(record.value())),
					new FixedBackOff(0, 0));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoSecondAttemptWithoutSeeks {

		@Bean
		DefaultErrorHandler errorHandler(Work work) {
			DefaultErrorHandler handler = new NoSecondAttempt().errorHandler(work);
			handler.setSeekAfterError(false);
			return handler;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyContainers {

		@Bean
		ContainerCustomizer<Object, Object, ConcurrentMessageListenerContainer<Object, Object>> early() {
			return (container) -> container.setPhase(Integer.MIN_VALUE + 1);
		}

	}

}
