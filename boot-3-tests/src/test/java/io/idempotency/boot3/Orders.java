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

import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import org.apache.kafka.clients.consumer.ConsumerRecords;

import org.springframework.amqp.rabbit.annotation.Queue;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.messaging.handler.annotation.Header;

/**
 * Guarded listeners on each broker, which send a message on, and the listeners behind
 * them.
 */
class Orders {

	private final Work work;

	private final KafkaTemplate<Object, Object> kafka;

	private final RabbitTemplate rabbit;

	private final JmsTemplate jms;

	private final String shipments;

	Orders(Work work, KafkaTemplate<Object, Object> kafka, RabbitTemplate rabbit, JmsTemplate jms,
			@Value("${test.shipments}") String shipments) {
		this.work = work;
		this.kafka = kafka;
		this.rabbit = rabbit;
		this.jms = jms;
		this.shipments = shipments;
	}

	@Idempotent
	@KafkaListener(topics = "${test.orders}")
	public void onKafka(String order) {
		this.work.add("KAFKA " + order);
		this.kafka.send(this.shipments, order);
	}

	@KafkaListener(topics = "${test.shipments}")
	public void onShipmentByKafka(String order, @Header("Idempotency-Key") String key) {
		this.work.add("KAFKA shipment " + key);
	}

	@Idempotent
	@KafkaListener(topics = "${test.orders}-in-batches", batch = "true")
	public void onBatch(ConsumerRecords<String, String> orders) {
		orders.forEach((order) -> this.work.add("BATCH " + order.value()));
	}

	@Idempotent
	@RabbitListener(queuesToDeclare = @Queue("${test.orders}"))
	public void onRabbit(String order) {
		this.work.add("RABBIT " + order);
		this.rabbit.convertAndSend(this.shipments, order);
	}

	@RabbitListener(queuesToDeclare = @Queue("${test.shipments}"))
	public void onShipmentByRabbit(String order, @Header("Idempotency-Key") String key) {
		this.work.add("RABBIT shipment " + key);
	}

	@Idempotent
	@JmsListener(destination = "${test.orders}")
	public void onJms(String order) {
		this.work.add("JMS " + order);
		String key = IdempotencyContext.current().orElseThrow().deriveKey("shipment");
		this.jms.convertAndSend(this.shipments, order, (message) -> {
			message.setStringProperty("Idempotency_Key", key);
			return message;
		});
	}

	@JmsListener(destination = "${test.shipments}")
	public void onShipmentByJms(String order, @Header("Idempotency_Key") String key) {
		this.work.add("JMS shipment " + key);
	}

}
