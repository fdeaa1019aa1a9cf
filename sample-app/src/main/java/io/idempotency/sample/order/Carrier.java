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

import java.util.List;
import java.util.UUID;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Delivers to everyone but customers {@code nowhere-…}.
 */
@Repository
class Carrier {

	private final JdbcClient jdbc;

	Carrier(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	UUID book(OrderRequest order) {
		if (order.customerId().startsWith("nowhere-")) {
			throw new NoDeliveryException("Nobody delivers there.");
		}
		UUID deliveryId = UUID.randomUUID();
		this.jdbc.sql("insert into delivery (id, order_id, item, quantity) values (?, ?, ?, ?)")
			.params(deliveryId, order.orderId(), order.item(), order.quantity())
			.update();
		return deliveryId;
	}

	List<Delivery> deliveries(String orderId) {
		return this.jdbc
			.sql("select id as delivery_id, item, quantity from delivery where order_id = ? order by booked_at")
			.param(orderId)
			.query(Delivery.class)
			.list();
	}

	record Delivery(UUID deliveryId, String item, int quantity) {

	}

}
