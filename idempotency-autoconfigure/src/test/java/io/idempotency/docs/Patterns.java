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

import java.math.BigDecimal;
import java.util.Optional;
import java.util.UUID;

import io.idempotency.Idempotent;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;
import jakarta.persistence.Version;

import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The services that {@code docs/patterns.md} shows: each region stands there word by
 * word.
 */
final class Patterns {

	private Patterns() {
	}

	record PaymentRequest(String requestId, String orderId, BigDecimal amount) {

	}

	record Payment(UUID id, String orderId, BigDecimal amount) {

	}

	static class AmountChangedException extends RuntimeException {

		AmountChangedException(String requestId) {
			super("Request " + requestId + " came with another amount before");
		}

	}

	static class OutOfStockException extends RuntimeException {

		OutOfStockException(String item) {
			super(item + " is out of stock");
		}

	}

	@Service
	static class Payments {

		private final JdbcClient jdbc;

		Payments(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		// region unique-column
		@Transactional
		public Payment pay(PaymentRequest request) {
			int inserted = this.jdbc.sql("""
					INSERT INTO payment (id, request_id, order_id, amount)
					VALUES (:id, :requestId, :orderId, :amount)
					ON CONFLICT DO NOTHING""")
				.param("id", UUID.randomUUID())
				.param("requestId", request.requestId())
				.param("orderId", request.orderId())
				.param("amount", request.amount())
				.update();
			Payment payment = find(request.requestId()).orElseThrow();
			if (inserted == 0 && payment.amount().compareTo(request.amount()) != 0) {
				throw new AmountChangedException(request.requestId());
			}
			return payment;
		}
		// endregion

		Optional<Payment> find(String requestId) {
			return this.jdbc.sql("SELECT id, order_id, amount FROM payment WHERE request_id = :requestId")
				.param("requestId", requestId)
				.query(Payment.class)
				.optional();
		}

	}

	@Service
	static class PaymentsAnywhere {

		private final JdbcClient jdbc;

		private final TransactionOperations transactions;

		private final Payments payments;

		PaymentsAnywhere(JdbcClient jdbc, TransactionOperations transactions, Payments payments) {
			this.jdbc = jdbc;
			this.transactions = transactions;
			this.payments = payments;
		}

		// region duplicate-key
		public Payment pay(PaymentRequest request) {
			try {
				return this.transactions.execute((status) -> insert(request));
			}
			catch (DuplicateKeyException ex) {
				// The transaction has ended: after the error, PostgreSQL would refuse to
				// read in it
				return this.payments.find(request.requestId()).orElseThrow(() -> ex);
			}
		}
		// endregion

		private Payment insert(PaymentRequest request) {
			Payment payment = new Payment(UUID.randomUUID(), request.orderId(), request.amount());
			this.jdbc.sql("INSERT INTO payment (id, request_id, order_id, amount) VALUES (?, ?, ?, ?)")
				.params(payment.id(), request.requestId(), payment.orderId(), payment.amount())
				.update();
			return payment;
		}

	}

	@Entity(name = "Booking")
	static class Booking {

		@Id
		@GeneratedValue
		private UUID id;

		// region jpa-unique-column
		@Column(nullable = false, unique = true, length = 100)
		private String requestId;

		// endregion

		private String seat;

		@Version
		private long version;

		protected Booking() {
		}

		Booking(String requestId, String seat) {
			this.requestId = requestId;
			this.seat = seat;
		}

		UUID id() {
			return this.id;
		}

		void move(String seat) {
			this.seat = seat;
		}

	}

	@Service
	static class Bookings {

		private final EntityManager entityManager;

		private final TransactionOperations transactions;

		Bookings(EntityManager entityManager, TransactionOperations transactions) {
			this.entityManager = entityManager;
			this.transactions = transactions;
		}

		// region jpa-duplicate
		public Booking book(String requestId, String seat) {
			try {
				return this.transactions.execute((status) -> {
					Booking booking = new Booking(requestId, seat);
					this.entityManager.persist(booking);
					return booking;
				});
			}
			catch (DataIntegrityViolationException ex) {
				return find(requestId).orElseThrow(() -> ex);
			}
		}
		// endregion

		Optional<Booking> find(String requestId) {
			return this.entityManager.createQuery("from Booking where requestId = :requestId", Booking.class)
				.setParameter("requestId", requestId)
				.getResultList()
				.stream()
				.findFirst();
		}

	}

	@Service
	static class Orders {

		private final JdbcClient jdbc;

		Orders(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		// region conditional-update
		@Transactional
		public boolean ship(UUID orderId) {
			int changed = this.jdbc.sql("UPDATE purchase SET status = 'SHIPPED' WHERE id = :id AND status = 'PAID'")
				.param("id", orderId)
				.update();
			if (changed == 1) {
				this.jdbc.sql("INSERT INTO outbox (id, message) VALUES (:id, 'Your order is on its way')")
					.param("id", UUID.randomUUID())
					.update();
			}
			return changed == 1;
		}
		// endregion

	}

	@Service
	static class Stock {

		private final JdbcClient jdbc;

		Stock(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		// region guarded-increment
		@Transactional
		public void reserve(String requestId, String item, int quantity) {
			int recorded = this.jdbc.sql("""
					INSERT INTO stock_movement (request_id, item, quantity)
					VALUES (:requestId, :item, :quantity)
					ON CONFLICT DO NOTHING""")
				.param("requestId", requestId)
				.param("item", item)
				.param("quantity", quantity)
				.update();
			if (recorded == 0) {
				return; // this request has been counted
			}
			int changed = this.jdbc.sql("""
					UPDATE stock SET available = available - :quantity
					WHERE item = :item AND available >= :quantity""")
				.param("item", item)
				.param("quantity", quantity)
				.update();
			if (changed == 0) {
				throw new OutOfStockException(item); // rolls the movement back, too
			}
		}
		// endregion

	}

	@Service
	static class GuardedPayments {

		private final Payments payments;

		private final Gateway gateway;

		GuardedPayments(Payments payments, Gateway gateway) {
			this.payments = payments;
			this.gateway = gateway;
		}

		// region complement
		@Idempotent("#request.requestId")
		public Payment pay(PaymentRequest request) {
			// The gateway knows this key, and charges once
			this.gateway.charge(request.requestId(), request.amount());
			// The row has its unique column
			return this.payments.pay(request);
		}
		// endregion

	}

	/** What is outside of the database. */
	interface Gateway {

		void charge(String key, BigDecimal amount);

	}

}
