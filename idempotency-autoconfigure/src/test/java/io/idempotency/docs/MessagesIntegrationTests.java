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

package io.idempotency.docs;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJdbcAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyKafkaAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencySqlAutoConfiguration;
import io.idempotency.test.servers.KafkaServer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.core.KafkaTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what {@code docs/messages.md} says.
 */
class MessagesIntegrationTests {

	private static @Nullable ConfigurableApplicationContext context;

	@BeforeAll
	static void start() {
		context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("spring.kafka.bootstrap-servers=" + KafkaServer.shared().bootstrapServers(),
					"spring.kafka.consumer.group-id=messages-page", "spring.kafka.consumer.auto-offset-reset=earliest",
					"spring.datasource.generate-unique-name=true")
			.run();
		bean(JdbcTemplate.class).execute("CREATE TABLE ledger (payment VARCHAR(100))");
		bean(JdbcTemplate.class).execute("CREATE TABLE prints (invoice VARCHAR(100), request VARCHAR(100))");
	}

	@AfterAll
	static void stop() {
		if (context != null) {
			context.close();
		}
	}

	@Test
	void listenerWorksOncePerMessageAndSendsAKeyOfItsOwn() {
		send("orders", "Idempotency-Key", "order-1", "a lamp");
		send("orders", "Idempotency-Key", "order-1", "a lamp");
		send("orders", "Idempotency-Key", "order-2", "a chair");

		List<String> shipments = bean(Shipments.class).arrived;
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(shipments).extracting((each) -> each.split(" with ")[0])
				.containsExactly("a lamp", "a chair"));
		assertThat(shipments).noneMatch((each) -> each.contains("order-")).doesNotHaveDuplicates();
	}

	@Test
	void inboxTakesEachPaymentOnce() {
		send("payments", "MessageDeduplicationId", "payment-1", "10");
		send("payments", "MessageDeduplicationId", "payment-1", "10");
		send("payments", "MessageDeduplicationId", "payment-2", "20");

		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(column("SELECT payment FROM ledger")).containsExactly("10", "20"));
	}

	@Test
	void keyOfTheMethodCountsBeforeThatOfTheMessage() {
		send("invoices", "Idempotency-Key", "a", "invoice-1");
		send("invoices", "Idempotency-Key", "b", "invoice-1");
		send("invoices", "Idempotency-Key", "c", "invoice-2");

		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.untilAsserted(
					() -> assertThat(column("SELECT invoice FROM prints")).containsExactly("invoice-1", "invoice-2"));
	}

	@Test
	void pageShowsWhatIsTested() {
		assertThat(Page.of("messages.md", "java").blocks())
			.containsAllEntriesOf(Page.regions("io.idempotency.docs.Messages"));
	}

	@SuppressWarnings("unchecked")
	private static void send(String topic, String header, String key, String value) {
		ProducerRecord<Object, Object> record = new ProducerRecord<>(topic, value);
		record.headers().add(header, key.getBytes(StandardCharsets.UTF_8));
		((KafkaTemplate<Object, Object>) bean(KafkaTemplate.class)).send(record).join();
	}

	private static List<String> column(String sql) {
		return bean(JdbcTemplate.class).queryForList(sql, String.class);
	}

	private static <T> T bean(Class<T> type) {
		assertThat(context).isNotNull();
		return context.getBean(type);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ AopAutoConfiguration.class, DataSourceAutoConfiguration.class,
			DataSourceTransactionManagerAutoConfiguration.class, IdempotencyAutoConfiguration.class,
			IdempotencyJdbcAutoConfiguration.class, IdempotencyKafkaAutoConfiguration.class,
			IdempotencyMessagingAutoConfiguration.class, IdempotencySqlAutoConfiguration.class,
			JacksonAutoConfiguration.class, JdbcTemplateAutoConfiguration.class, KafkaAutoConfiguration.class,
			TransactionAutoConfiguration.class })
	@Import({ Messages.Keys.class, Messages.Orders.class, Shipments.class })
	static class Application {

	}

	static class Shipments {

		private final List<String> arrived = new CopyOnWriteArrayList<>();

		@KafkaListener(topics = "shipments")
		void on(ConsumerRecord<String, String> record) {
			this.arrived.add(record.value() + " with "
					+ new String(record.headers().lastHeader("Idempotency-Key").value(), StandardCharsets.UTF_8));
		}

	}

}
