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

import java.util.List;

import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyKafkaAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import io.idempotency.engine.InvalidOperationException;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.EnableKafkaRetryTopic;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.annotation.RetryableTopic;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.listener.adapter.DefaultBatchToRecordAdapter;
import org.springframework.kafka.listener.adapter.RecordFilterStrategy;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link KafkaContainerCheck}. No container is started, so there is no broker.
 */
class KafkaContainerCheckTests {

	private final ApplicationContextRunner contexts = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, IdempotencyAutoConfiguration.class,
				IdempotencyKafkaAutoConfiguration.class, IdempotencyMessagingAutoConfiguration.class,
				JacksonAutoConfiguration.class, KafkaAutoConfiguration.class))
		.withPropertyValues("idempotency.store=memory", "spring.kafka.consumer.group-id=test",
				"spring.kafka.listener.auto-startup=false");

	@ParameterizedTest
	@ValueSource(classes = { TakingHeaders.class, TakingAMessage.class, TakingAnArray.class })
	void parameterFromWhichNothingCanBeLeftOutIsRefused(Class<?> listener) {
		assertRefused(listener, "from which records that were done before cannot be left out");
	}

	@Test
	void listenerOfBatchesWithoutAListIsRefused() {
		assertRefused(TakingOne.class, "without a parameter for all records");
	}

	@Test
	void filterOfBatchesIsRefused() {
		assertRefused(Filtered.class, "behind a RecordFilterStrategy");
	}

	@Test
	void batchesThatAreTakenApartAreRefused() {
		assertRefused(TakenApart.class, "behind a BatchToRecordAdapter");
	}

	@Test
	void listenersOfBatchesAndOfRecordsMayShareABean() {
		this.contexts.withUserConfiguration(Several.class).run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void retryTopicBelongsToTheSubscriptionOfItsMainTopic() {
		this.contexts.withUserConfiguration(Retried.class).run((context) -> {
			KafkaListenerGuard guard = context.getBean(KafkaListenerGuard.class);

			assertThat(guard.containersOf(context)).hasSizeGreaterThan(2);
			assertThat(guard.containersOf(context)).filteredOn((each) -> !guard.operationsOf(each).isEmpty())
				.hasSizeGreaterThan(1)
				.extracting(guard::subscriptionOf)
				.containsOnly("4:test4:null8:6:orders");
		});
	}

	private void assertRefused(Class<?> listener, String fact) {
		this.contexts.withUserConfiguration(listener)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidOperationException.class)
				.hasMessageContaining(fact));
	}

	@Configuration(proxyBeanMethods = false)
	static class TakingHeaders {

		@Idempotent
		@KafkaListener(topics = "orders", batch = "true")
		void on(List<String> values, MessageHeaders headers) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TakingAMessage {

		@Idempotent
		@KafkaListener(topics = "orders", batch = "true")
		void on(Message<List<String>> message) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TakingAnArray {

		@Idempotent
		@KafkaListener(topics = "orders", batch = "true")
		void on(List<String> values, @Header(KafkaHeaders.OFFSET) long[] offsets) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TakingOne {

		@Idempotent
		@KafkaListener(topics = "orders", batch = "true")
		void on(String value) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Filtered {

		@Bean
		static RecordFilterStrategy<Object, Object> odd() {
			return (record) -> record.offset() % 2 == 1;
		}

		@Idempotent
		@KafkaListener(topics = "orders", batch = "true", filter = "odd")
		void on(List<String> values) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TakenApart {

		@Bean
		static ConcurrentKafkaListenerContainerFactory<Object, Object> parts(
				ConsumerFactory<Object, Object> consumers) {
			ConcurrentKafkaListenerContainerFactory<Object, Object> factory = new ConcurrentKafkaListenerContainerFactory<>();
			factory.setConsumerFactory(consumers);
			factory.setBatchListener(true);
			factory.setBatchToRecordAdapter(new DefaultBatchToRecordAdapter<>());
			factory.setAutoStartup(false);
			return factory;
		}

		@Idempotent
		@KafkaListener(topics = "orders", containerFactory = "parts")
		void on(String value) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableKafkaRetryTopic
	static class Retried {

		@Bean
		static TaskScheduler scheduler() {
			return new SimpleAsyncTaskScheduler();
		}

		@Idempotent
		@RetryableTopic(attempts = "3", autoCreateTopics = "false")
		@KafkaListener(id = "listener", idIsGroup = false, topics = "orders")
		void on(String value) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Several {

		@Idempotent
		@KafkaListener(topics = "orders", batch = "true")
		void onLists(List<String> values, @Header(KafkaHeaders.OFFSET) List<Long> offsets) {
		}

		@Idempotent
		@KafkaListener(topics = "payments", batch = "true")
		void onRecords(ConsumerRecords<String, String> records) {
		}

		@Idempotent("#value")
		@KafkaListener(topics = "invoices")
		String onOne(String value) {
			return value;
		}

	}

}
