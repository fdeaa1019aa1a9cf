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

package io.idempotency.boot3;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.ApplicationContext;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.kafka.core.KafkaTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Guarded listeners on three brokers.
 */
@ApplicationTest
class ListenersIntegrationTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Work work;

	@Value("${test.orders}")
	private String orders;

	@ParameterizedTest
	@EnumSource
	void messageThatComesThreeTimesHasItsEffectOnce(Broker broker) {
		for (int copy = 0; copy < 3; copy++) {
			broker.send(this.context, this.orders, "k-1", "first");
		}
		broker.send(this.context, this.orders, "k-2", "second");

		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.untilAsserted(() -> assertThat(keysOfShipments(broker)).hasSize(2));
		assertThat(keysOfShipments(broker)).doesNotHaveDuplicates()
			.noneMatch((key) -> key.contains("k-") || key.isBlank());
		assertThat(this.work.startingWith(broker.name())).filteredOn((each) -> !each.contains("shipment"))
			.containsExactly(broker.name() + " first", broker.name() + " second");
	}

	@Test
	void batchOfRecordsIsShortenedToTheNewOnes() {
		for (int copy = 0; copy < 3; copy++) {
			Broker.KAFKA.send(this.context, this.orders + "-in-batches", "k-1", "first");
		}
		Broker.KAFKA.send(this.context, this.orders + "-in-batches", "k-2", "second");

		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.untilAsserted(() -> assertThat(this.work.startingWith("BATCH")).contains("BATCH second"));
		assertThat(this.work.startingWith("BATCH")).containsExactly("BATCH first", "BATCH second");
	}

	private List<String> keysOfShipments(Broker broker) {
		String prefix = broker.name() + " shipment ";
		return this.work.startingWith(prefix).stream().map((each) -> each.substring(prefix.length())).toList();
	}

	enum Broker {

		KAFKA {

			@Override
			@SuppressWarnings("unchecked")
			void send(ApplicationContext context, String destination, String key, String value) {
				ProducerRecord<Object, Object> message = new ProducerRecord<>(destination, value);
				message.headers().add("Idempotency-Key", key.getBytes(StandardCharsets.UTF_8));
				context.getBean(KafkaTemplate.class).send(message);
			}

		},

		RABBIT {

			@Override
			void send(ApplicationContext context, String destination, String key, String value) {
				context.getBean(RabbitTemplate.class).convertAndSend(destination, (Object) value, (message) -> {
					message.getMessageProperties().setHeader("Idempotency-Key", key);
					return message;
				});
			}

		},

		JMS {

			@Override
			void send(ApplicationContext context, String destination, String key, String value) {
				context.getBean(JmsTemplate.class).convertAndSend(destination, value, (message) -> {
					message.setStringProperty("Idempotency_Key", key);
					return message;
				});
			}

		};

		abstract void send(ApplicationContext context, String destination, String key, String value);

	}

}
