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

package io.idempotency.sample;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import io.idempotency.sample.SampleClient.Answer;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.jdbc.JdbcTestUtils;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What is true besides where data and records are in one relational database.
 */
abstract class AbstractRelationalSampleIntegrationTests extends AbstractSampleIntegrationTests {

	private static final String TAKE_AWAY = "delete from idempotency_record where operation = 'payment' and status = 0";

	@Autowired
	private JdbcTemplate jdbc;

	@Autowired
	private TransactionTemplate transaction;

	@Override
	long records() {
		return JdbcTestUtils.countRowsInTable(this.jdbc, "idempotency_record");
	}

	@Test
	void paymentIsNotStoredWithoutItsRecord(@LocalServerPort int port) {
		SampleClient client = new SampleClient(port);
		String order = "order-" + UUID.randomUUID();
		String key = "key-" + UUID.randomUUID();

		CompletableFuture<Answer> orphan = client.payAsync(key, order, "customer-1", "49.90");
		await().pollInterval(Duration.ofMillis(5))
			.atMost(Duration.ofSeconds(10))
			.until(() -> takeRecordAway() || orphan.isDone());

		assertThat(orphan.join().status()).isEqualTo(409);
		assertThat(orphan.join().text("code")).isEqualTo("lease-lost");
		assertThat(client.list("/payments?orderId=" + order)).isEmpty();
		assertThat(client.pay(key, order).status()).isEqualTo(201);
		assertThat(client.list("/payments?orderId=" + order)).hasSize(1);
		Answer charges = client.get("/gateway/charges?orderId=" + order);
		assertThat(charges.text("[1].idempotencyKey")).isEqualTo(charges.text("[0].idempotencyKey"));
	}

	private boolean takeRecordAway() {
		return Boolean.TRUE.equals(this.transaction.execute((status) -> this.jdbc.update(TAKE_AWAY) == 1));
	}

}
