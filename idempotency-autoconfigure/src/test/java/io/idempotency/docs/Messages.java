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

import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import io.idempotency.messaging.MessageKey;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.transaction.annotation.Transactional;

/**
 * The listeners of {@code docs/messages.md}.
 */
final class Messages {

	private Messages() {
	}

	static class Orders {

		private final JdbcTemplate jdbc;

		private final KafkaTemplate<Object, Object> template;

		Orders(JdbcTemplate jdbc, KafkaTemplate<Object, Object> template) {
			this.jdbc = jdbc;
			this.template = template;
		}

		// region listener
		@Idempotent
		@KafkaListener(topics = "orders")
		public void onOrder(String order) {
			this.template.send("shipments", order);
		}
		// endregion

		// region inbox
		@Idempotent
		@Transactional
		@KafkaListener(topics = "payments")
		public void onPayment(String payment) {
			this.jdbc.update("INSERT INTO ledger (payment) VALUES (?)", payment);
		}
		// endregion

		// region own-key
		@Idempotent("#invoice")
		@KafkaListener(topics = "invoices")
		public void onInvoice(String invoice) {
			String request = IdempotencyContext.current().orElseThrow().deriveKey("print");
			this.jdbc.update("INSERT INTO prints (invoice, request) VALUES (?, ?)", invoice, request);
		}
		// endregion

	}

	@Configuration(proxyBeanMethods = false)
	static class Keys {

		// region message-key
		@Bean
		MessageKey messageKey() {
			return MessageKey.header("Idempotency-Key").or(MessageKey.header("MessageDeduplicationId"));
		}
		// endregion

	}

}
