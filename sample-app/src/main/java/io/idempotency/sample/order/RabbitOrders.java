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

import java.time.Duration;

import io.idempotency.Idempotent;

import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.util.Assert;

/**
 * Announces orders on RabbitMQ, and confirms those that it hears of there.
 */
@Component
@Profile("rabbit")
class RabbitOrders implements OrderEvents {

	private static final String QUEUE = "orders";

	private static final Duration CONFIRMED_WITHIN = Duration.ofSeconds(10);

	private final RabbitTemplate rabbit;

	private final OrderConfirmations confirmations;

	RabbitOrders(RabbitTemplate rabbit, OrderConfirmations confirmations) {
		this.rabbit = rabbit;
		this.confirmations = confirmations;
	}

	@Override
	public void announce(OrderPlaced order) {
		boolean confirmed = Boolean.TRUE.equals(this.rabbit.invoke((operations) -> {
			operations.convertAndSend(QUEUE, order, (message) -> {
				message.getMessageProperties().setHeader("Idempotency-Key", order.deliveryId().toString());
				return message;
			});
			return operations.waitForConfirms(CONFIRMED_WITHIN.toMillis());
		}));
		Assert.state(confirmed, "The broker did not take the message");
	}

	/**
	 * Confirm an order, once however often its message comes: confirmation and record are
	 * one commit.
	 * @param order the order
	 */
	@Idempotent(operation = "confirm-order-from-rabbit")
	@Transactional
	@RabbitListener(queues = QUEUE)
	public void onOrder(OrderPlaced order) {
		this.confirmations.confirm(order, "rabbit");
	}

}
