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
import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyKafkaAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import io.idempotency.engine.InvalidOperationException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
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
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.BatchListenerFailedException;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.support.Acknowledgment;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.stereotype.Component;
import org.springframework.util.backoff.FixedBackOff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for guarded Kafka listeners that take batches, on a real broker. The container
 * starts when all records are there, so that they come in one batch.
 */
class KafkaBatchListenerIntegrationTests {

	private final KafkaTestTopic topic = new KafkaTestTopic();

	@AfterEach
	void close() {
		this.topic.close();
	}

	@Test
	void listenerGetsTheRecordsThatWereNotDone() {
		Work work = start(List.of(), Listener.class);

		send("k-1", "a").send("k-2", "b").send("k-1", "a");
		begin();
		this.topic.awaitCommitted(3);
		send("k-2", "b").send("k-3", "c").send("k-1", "a");
		this.topic.awaitCommitted(6);

		assertThat(work.values()).containsExactly("a", "b", "c");
		assertThat(work.offsets).containsExactly(List.of(0L, 1L), List.of(4L));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void recordThatFailsDoesNotUndoItsNeighbours(boolean seeking) {
		Work work = start(List.of(), Listener.class, seeking ? TwoRetries.class : TwoRetriesWithoutSeeks.class);
		work.poison = "b";

		send("k-1", "a").send("k-2", "b").send("k-3", "c").send("k-1", "a");
		begin();

		this.topic.awaitCommitted(4);
		assertThat(work.values()).containsExactly("a", "b", "b", "b", "c");
		assertThat(work.recovered).containsExactly("b");
	}

	@Test
	void batchThatFailsAsAWholeRunsAgainAsAWhole() {
		Work work = start(List.of(), Listener.class);
		work.failures.set(2);

		send("k-1", "a").send("k-2", "b");
		begin();

		this.topic.awaitCommitted(2);
		assertThat(work.values()).containsExactly("a", "b", "a", "b", "a", "b");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void recordInProgressElsewhereIsDeliveredAgainAloneAndUncounted(boolean seeking) {
		Work work = start(List.of(), Listener.class, seeking ? NoRetry.class : NoRetryWithoutSeeks.class);
		CountDownLatch holding = new CountDownLatch(1);
		CountDownLatch done = new CountDownLatch(1);
		CompletableFuture<Void> elsewhere = CompletableFuture
			.runAsync(() -> this.topic.bean(Idempotency.class).call("listener-on", "k-2").run(() -> {
				holding.countDown();
				Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> done.getCount() == 0);
			}));
		Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> holding.getCount() == 0);

		send("k-1", "a").send("k-2", "b").send("k-3", "c");
		begin();
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.untilAsserted(() -> assertThat(work.values()).containsExactly("a", "c"));
		done.countDown();

		assertThat(elsewhere).succeedsWithin(Duration.ofSeconds(30));
		this.topic.awaitCommitted(3);
		assertThat(work.values()).containsExactly("a", "c");
		assertThat(work.recovered).isEmpty();
	}

	@Test
	void recordsThatTheListenerGivesBackRunAgain() {
		Work work = start(List.of("spring.kafka.listener.ack-mode=manual"), ManualListener.class);
		work.failures.set(1);

		send("k-1", "a").send("k-2", "b").send("k-3", "c").send("k-1", "a");
		begin();

		this.topic.awaitCommitted(4);
		assertThat(work.values()).containsExactly("a", "b", "c", "b", "c");
	}

	@Test
	void copiedKeyIsReplacedByOneOfItsRecord() throws Exception {
		Work work = start(List.of(), ForwardingListener.class, OutListener.class);
		work.failures.set(1);

		send("k-1", "a").send("k-2", "b");
		begin();

		List<String> sent = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			sent.add(work.sent.poll(30, TimeUnit.SECONDS));
		}
		assertThat(sent.subList(0, 4)).doesNotHaveDuplicates()
			.noneMatch((each) -> each.endsWith(" k-1") || each.endsWith(" k-2"));
		assertThat(sent.get(1)).isEqualTo("from a null");
		assertThat(sent.subList(4, 8)).isEqualTo(sent.subList(0, 4));
	}

	@ParameterizedTest
	@ValueSource(classes = { KeyedListener.class, AnsweringListener.class })
	void listenerThatCannotTakeBatchesIsRefused(Class<?> listener) {
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> start(List.of(), listener))
			.havingRootCause()
			.isInstanceOf(InvalidOperationException.class)
			.withMessageContaining("is a listener of batches");
	}

	private Work start(List<String> properties, Class<?>... sources) {
		Class<?>[] all = Stream.concat(Stream.of(Application.class), Stream.of(sources)).toArray(Class<?>[]::new);
		this.topic.start(properties, all);
		return this.topic.bean(Work.class);
	}

	private KafkaBatchListenerIntegrationTests send(String key, String value) {
		this.topic.send(key, value);
		return this;
	}

	private void begin() {
		this.topic.bean(KafkaListenerEndpointRegistry.class).getListenerContainer("listener").start();
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

	}

	/** What the listeners do, and what became of it. */
	static final class Work {

		private final List<List<String>> batches = new CopyOnWriteArrayList<>();

		private final List<List<Long>> offsets = new CopyOnWriteArrayList<>();

		private final List<String> recovered = new CopyOnWriteArrayList<>();

		private final AtomicInteger failures = new AtomicInteger();

		private final BlockingQueue<String> sent = new LinkedBlockingQueue<>();

		private String poison = "";

		List<String> values() {
			return this.batches.stream().flatMap(List::stream).toList();
		}

		void run(List<String> values) {
			int failed = values.indexOf(this.poison);
			this.batches.add((failed < 0) ? values : values.subList(0, failed + 1));
			if (failed >= 0) {
				throw new BatchListenerFailedException("on purpose", new IllegalStateException("poison"), failed);
			}
			if (this.failures.getAndDecrement() > 0) {
				throw new IllegalStateException("on purpose");
			}
		}

	}

	@Component
	static class Listener {

		private final Work work;

		Listener(Work work) {
			this.work = work;
		}

		@Idempotent
		@KafkaListener(id = "listener", idIsGroup = false, topics = "${test.topic}", batch = "true",
				autoStartup = "false")
		void on(List<String> values, @Header(KafkaHeaders.OFFSET) List<Long> offsets) {
			this.work.offsets.add(offsets);
			assertThat(offsets).hasSameSizeAs(values);
			this.work.run(values);
		}

	}

	@Component
	static class ManualListener {

		private final Work work;

		ManualListener(Work work) {
			this.work = work;
		}

		@Idempotent
		@KafkaListener(id = "listener", idIsGroup = false, topics = "${test.topic}", batch = "true",
				autoStartup = "false")
		void on(List<ConsumerRecord<String, String>> records, Acknowledgment acknowledgment) {
			this.work.batches.add(records.stream().map(ConsumerRecord::value).toList());
			if (this.work.failures.getAndDecrement() > 0) {
				acknowledgment.nack(1, Duration.ofMillis(1));
			}
			else {
				acknowledgment.acknowledge();
			}
		}

	}

	@Component
	static class ForwardingListener {

		private final Work work;

		private final KafkaTemplate<Object, Object> template;

		private final String out;

		ForwardingListener(Work work, KafkaTemplate<Object, Object> template, @Value("${test.out}") String out) {
			this.work = work;
			this.template = template;
			this.out = out;
		}

		@Idempotent
		@KafkaListener(id = "listener", idIsGroup = false, topics = "${test.topic}", batch = "true",
				autoStartup = "false")
		void on(List<ConsumerRecord<Object, Object>> records) {
			for (ConsumerRecord<Object, Object> record : records) {
				this.template
					.send(new ProducerRecord<>(this.out, null, record.key(), record.value(), record.headers()));
				this.template.send(this.out, "from " + record.value());
			}
			this.work.run(records.stream().map((record) -> String.valueOf(record.value())).toList());
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
			org.apache.kafka.common.header.Header key = record.headers().lastHeader(KafkaTestTopic.KEY);
			this.work.sent.add(record.value() + " " + ((key != null) ? new String(key.value()) : null));
		}

	}

	@Component
	static class KeyedListener {

		@Idempotent("#values")
		@KafkaListener(topics = "${test.topic}", batch = "true")
		void on(List<String> values) {
			throw new IllegalStateException("Not called");
		}

	}

	@Component
	static class AnsweringListener {

		@Idempotent
		@KafkaListener(topics = "${test.topic}", batch = "true")
		List<String> on(List<String> values) {
			return values;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoRetries {

		@Bean
		DefaultErrorHandler errorHandler(Work work) {
			return new DefaultErrorHandler((record, ex) -> work.recovered.add(String.valueOf(record.value())),
					new FixedBackOff(0, retries()));
		}

		int retries() {
			return 2;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoRetriesWithoutSeeks extends TwoRetries {

		@Override
		@Bean
		DefaultErrorHandler errorHandler(Work work) {
			DefaultErrorHandler handler = super.errorHandler(work);
			handler.setSeekAfterError(false);
			return handler;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoRetry extends TwoRetries {

		@Override
		int retries() {
			return 0;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoRetryWithoutSeeks extends TwoRetriesWithoutSeeks {

		@Override
		int retries() {
			return 0;
		}

	}

}
