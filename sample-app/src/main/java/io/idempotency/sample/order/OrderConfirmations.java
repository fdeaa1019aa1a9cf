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
 * The orders that a listener heard of. The same order may be there twice: then its
 * listener did its work twice.
 */
@Repository
class OrderConfirmations {

	private final JdbcClient jdbc;

	OrderConfirmations(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	void confirm(OrderPlaced order, String broker) {
		this.jdbc.sql("insert into order_confirmation (id, order_id, delivery_id, broker) values (?, ?, ?, ?)")
			.params(UUID.randomUUID(), order.orderId(), order.deliveryId(), broker)
			.update();
	}

	List<Confirmation> of(String orderId) {
		return this.jdbc
			.sql("select delivery_id, broker from order_confirmation where order_id = ? order by confirmed_at")
			.param(orderId)
			.query(Confirmation.class)
			.list();
	}

	record Confirmation(UUID deliveryId, String broker) {

	}

}
