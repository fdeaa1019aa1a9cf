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

package io.idempotency.sample.order;

import io.idempotency.Idempotent;

import org.springframework.context.annotation.Profile;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Announces orders on Kafka, and confirms those that it hears of there.
 */
@Component
@Profile("kafka")
class KafkaOrders implements OrderEvents {

	private static final String TOPIC = "orders";

	private final KafkaTemplate<String, Object> kafka;

	private final OrderConfirmations confirmations;

	KafkaOrders(KafkaTemplate<String, Object> kafka, OrderConfirmations confirmations) {
		this.kafka = kafka;
		this.confirmations = confirmations;
	}

	@Override
	public void announce(OrderPlaced order) {
		this.kafka
			.send(MessageBuilder.withPayload(order)
				.setHeader(KafkaHeaders.TOPIC, TOPIC)
				.setHeader("Idempotency-Key", order.deliveryId().toString())
				.build())
			.join();
	}

	/**
	 * Confirm an order, once however often its message comes: confirmation and record are
	 * one commit.
	 * @param order the order
	 */
	@Idempotent(operation = "confirm-order-from-kafka")
	@Transactional
	@KafkaListener(topics = TOPIC)
	public void onOrder(OrderPlaced order) {
		this.confirmations.confirm(order, "kafka");
	}

}
