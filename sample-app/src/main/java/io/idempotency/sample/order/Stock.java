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
 * The stock's ledger. The same order may be there twice: then too much was set aside.
 */
@Repository
class Stock {

	private final JdbcClient jdbc;

	Stock(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	void reserve(OrderRequest order) {
		book("RESERVED", order);
	}

	void release(OrderRequest order) {
		book("RELEASED", order);
	}

	private void book(String kind, OrderRequest order) {
		this.jdbc.sql("insert into stock_booking (id, order_id, kind, item, quantity) values (?, ?, ?, ?, ?)")
			.params(UUID.randomUUID(), order.orderId(), kind, order.item(), order.quantity())
			.update();
	}

	List<Booking> bookings(String orderId) {
		return this.jdbc.sql("select kind, item, quantity from stock_booking where order_id = ? order by booked_at")
			.param(orderId)
			.query(Booking.class)
			.list();
	}

	record Booking(String kind, String item, int quantity) {

	}

}
