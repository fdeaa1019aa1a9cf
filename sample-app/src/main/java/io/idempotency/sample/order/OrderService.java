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

import java.util.Optional;
import java.util.UUID;

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyKey;
import io.idempotency.Idempotent;
import io.idempotency.sample.payment.CardDeclinedException;
import io.idempotency.sample.payment.PaymentGateway;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;

/**
 * Places orders step by step, or undoes what was done.
 */
@Service
class OrderService {

	private final Stock stock;

	private final PaymentGateway gateway;

	private final Carrier carrier;

	private final OrderConfirmations confirmations;

	private final ObjectProvider<OrderEvents> events;

	OrderService(Stock stock, PaymentGateway gateway, Carrier carrier, OrderConfirmations confirmations,
			ObjectProvider<OrderEvents> events) {
		this.stock = stock;
		this.gateway = gateway;
		this.carrier = carrier;
		this.confirmations = confirmations;
		this.events = events;
	}

	/**
	 * Place an order. Whatever ends an attempt, the next one goes on behind the last step
	 * that is done, unless the card is declined or nobody delivers there: that is final,
	 * and the steps that are done are undone, the last one first. The rows of a
	 * transactional step are committed with its record, so the record is in their
	 * database in each profile; the gateway knows repetitions by the key that the library
	 * sends along.
	 * @param key what the client chose for this order
	 * @param order what is ordered
	 * @param steps the steps, which the guard provides
	 * @return the receipt, the same for every call with this key
	 */
	@Idempotent(operation = "place-order", store = "jpa",
			rememberFailures = { CardDeclinedException.class, NoDeliveryException.class })
	public OrderReceipt place(@IdempotencyKey String key, OrderRequest order, DurableSteps steps) {
		steps.step("reserve")
			.transactional()
			.run(() -> this.stock.reserve(order))
			.compensateWith(() -> this.stock.release(order));
		UUID charge = steps.run("charge", UUID.class, () -> this.gateway.charge(order.payment()))
			.compensateWith(this.gateway::refund)
			.value();
		UUID delivery = steps.step("deliver").transactional().run(UUID.class, () -> this.carrier.book(order)).value();
		steps.run("announce", () -> announce(new OrderPlaced(delivery, order.orderId())));
		return new OrderReceipt(order.orderId(), charge, delivery);
	}

	/**
	 * Announce an order again, as a sender does that does not know whether it has.
	 * @param orderId the order
	 */
	void announceAgain(String orderId) {
		this.carrier.deliveries(orderId)
			.forEach((delivery) -> announce(new OrderPlaced(delivery.deliveryId(), orderId)));
	}

	private void announce(OrderPlaced order) {
		this.events.forEach((each) -> each.announce(order));
	}

	Optional<OrderView> find(String orderId) {
		OrderView order = new OrderView(orderId, this.stock.bookings(orderId), this.carrier.deliveries(orderId),
				this.confirmations.of(orderId));
		return Optional.of(order).filter((it) -> !it.stock().isEmpty());
	}

}
