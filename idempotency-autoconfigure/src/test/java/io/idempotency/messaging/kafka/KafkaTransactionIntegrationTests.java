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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.idempotency.Idempotency;
import io.idempotency.Idempotent;
import io.idempotency.TransactionMode;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJdbcAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyKafkaAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencySqlAutoConfiguration;
import io.idempotency.engine.InvalidOperationException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.AfterRollbackProcessor;
import org.springframework.kafka.listener.DefaultAfterRollbackProcessor;
import org.springframework.kafka.listener.RecordInterceptor;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.util.backoff.FixedBackOff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for guarded Kafka listeners and the transactions of Kafka and of databases.
 */
class KafkaTransactionIntegrationTests {

	private static final String KAFKA = "spring.kafka.producer.transaction-id-prefix=tx-";

	private final KafkaTestTopic topic = new KafkaTestTopic();

	@AfterEach
	void close() {
		this.topic.close();
	}

	@Test
	void listenerRecordedInTheDatabasesTransactionIsRefusedWhereKafkaHasTransactions() {
		assertThatExceptionOfType(Exception.class)
			.isThrownBy(() -> start(List.of(KAFKA, "idempotency.store=jdbc"), InboxListener.class))
			.havingRootCause()
			.isInstanceOf(InvalidOperationException.class)
			.withMessageContaining("inbox-listener-on")
			.withMessageContaining("transaction=ATOMIC")
			.satisfies((ex) -> assertThat(((InvalidOperationException) ex).getAction()).contains("outbox"));
	}

	@Test
	void recordIsWrittenAfterTheCommitOfKafka() {
		Work work = start(List.of(KAFKA), SendingListener.class, OutListener.class);
		work.failures.set(1);

		this.topic.send("k-1", "a");
		this.topic.send("k-1", "a");
		this.topic.send("k-2", "b");

		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.untilAsserted(() -> assertThat(work.sent).containsExactly("a", "b"));
		assertThat(work.values).containsExactly("a", "a", "b");
	}

	@Test
	void rollbackBecauseSomebodyElseIsAtWorkDoesNotCount() {
		Work work = start(List.of(KAFKA), SendingListener.class, OutListener.class, NoSecondAttempt.class);
		CountDownLatch done = new CountDownLatch(1);
		CountDownLatch holding = new CountDownLatch(1);
		CompletableFuture<Void> elsewhere = CompletableFuture
			.runAsync(() -> this.topic.bean(Idempotency.class).call("sending-listener-on", "k-1").run(() -> {
				holding.countDown();
				Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> done.getCount() == 0);
			}));
		Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> holding.getCount() == 0);

		this.topic.send("k-1", "a");
		this.topic.send("k-2", "b");
		Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> work.rolledBack.get() > 1);
		done.countDown();

		assertThat(elsewhere).succeedsWithin(Duration.ofSeconds(30));
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.untilAsserted(() -> assertThat(work.sent).containsExactly("b"));
		assertThat(work.given).isEmpty();
	}

	@Test
	void recordAndEffectAreCommittedTogether() {
		Work work = start(List.of("idempotency.store=jdbc"), InboxListener.class);
		work.failures.set(1);

		this.topic.send("k-1", "a");
		this.topic.send("k-1", "a");
		this.topic.awaitCommitted(2);

		assertThat(work.values).containsExactly("a", "a");
		assertThat(inbox()).containsExactly("a");
	}

	@Test
	void claimAndEffectAreCommittedTogether() {
		Work work = start(List.of("idempotency.store=jdbc"), JoinedListener.class);
		work.failures.set(1);

		this.topic.send("k-1", "a");
		this.topic.send("k-1", "a");
		this.topic.awaitCommitted(2);

		assertThat(work.values).containsExactly("a", "a");
		assertThat(inbox()).containsExactly("a");
	}

	private List<String> inbox() {
		return this.topic.bean(JdbcTemplate.class).queryForList("SELECT message FROM inbox", String.class);
	}

	private Work start(List<String> properties, Class<?>... sources) {
		Class<?>[] all = Stream.concat(Stream.of(Application.class), Stream.of(sources)).toArray(Class<?>[]::new);
		this.topic.start(
				Stream.concat(Stream.of("spring.datasource.generate-unique-name=true"), properties.stream()).toList(),
				all);
		return this.topic.bean(Work.class);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ AopAutoConfiguration.class, DataSourceAutoConfiguration.class,
			IdempotencyAutoConfiguration.class, IdempotencyJdbcAutoConfiguration.class,
			IdempotencyKafkaAutoConfiguration.class, IdempotencyMessagingAutoConfiguration.class,
			IdempotencySqlAutoConfiguration.class, JacksonAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			KafkaAutoConfiguration.class, TransactionAutoConfiguration.class })
	static class Application {

		@Bean
		@Primary
		JdbcTransactionManager transactionManager(DataSource dataSource) {
			new JdbcTemplate(dataSource).execute("CREATE TABLE inbox (message VARCHAR(100))");
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		Work work() {
			return new Work();
		}

	}

	/** What the listeners do, and what became of it. */
	static final class Work {

		private final List<String> values = new CopyOnWriteArrayList<>();

		private final List<String> sent = new CopyOnWriteArrayList<>();

		private final List<String> given = new CopyOnWriteArrayList<>();

		private final AtomicInteger failures = new AtomicInteger();

		private final AtomicInteger rolledBack = new AtomicInteger();

		void run(String value) {
			this.values.add(value);
			if (this.failures.getAndDecrement() > 0) {
				throw new IllegalStateException("on purpose");
			}
		}

	}

	@Component
	static class InboxListener {

		private final Work work;

		private final JdbcTemplate jdbc;

		InboxListener(Work work, JdbcTemplate jdbc) {
			this.work = work;
			this.jdbc = jdbc;
		}

		@Idempotent
		@Transactional
		@KafkaListener(topics = "${test.topic}")
		void on(String value) {
			this.jdbc.update("INSERT INTO inbox VALUES (?)", value);
			this.work.run(value);
		}

	}

	@Component
	static class JoinedListener {

		private final Work work;

		private final JdbcTemplate jdbc;

		JoinedListener(Work work, JdbcTemplate jdbc) {
			this.work = work;
			this.jdbc = jdbc;
		}

		@Idempotent(transaction = TransactionMode.JOINED)
		@Transactional
		@KafkaListener(topics = "${test.topic}")
		void on(String value) {
			this.jdbc.update("INSERT INTO inbox VALUES (?)", value);
			this.work.run(value);
		}

	}

	@Component
	static class SendingListener {

		private final Work work;

		private final KafkaTemplate<Object, Object> template;

		private final String out;

		SendingListener(Work work, KafkaTemplate<Object, Object> template, @Value("${test.out}") String out) {
			this.work = work;
			this.template = template;
			this.out = out;
		}

		@Idempotent
		@KafkaListener(topics = "${test.topic}")
		void on(String value) {
			this.template.send(this.out, value);
			this.work.run(value);
		}

	}

	@Component
	static class OutListener {

		private final Work work;

		OutListener(Work work) {
			this.work = work;
		}

		@KafkaListener(topics = "${test.out}", groupId = "${test.out}", properties = "isolation.level=read_committed")
		void on(String value) {
			this.work.sent.add(value);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoSecondAttempt {

		@Bean
		AfterRollbackProcessor<Object, Object> rollbackProcessor(Work work) {
			return new DefaultAfterRollbackProcessor<>((record, ex) -> work.given.add(String.valueOf(record.value())),
					new FixedBackOff(0, 0));
		}

		@Bean
		RecordInterceptor<Object, Object> interceptor(Work work) {
			return (record, consumer) -> {
				if (record.value().equals("a")) {
					work.rolledBack.incrementAndGet();
				}
				return record;
			};
		}

	}

}
