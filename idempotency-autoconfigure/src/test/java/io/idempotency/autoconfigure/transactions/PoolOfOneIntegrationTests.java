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

package io.idempotency.autoconfigure.transactions;

import java.util.Map;
import java.util.UUID;

import com.zaxxer.hikari.HikariConfig;
import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * How many connections a thread holds at the same time: a pool of one tells.
 */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PoolOfOneIntegrationTests {

	private final String key = UUID.randomUUID().toString();

	private LedgerApplication application;

	private PoolOfTwoContract.Payments payments;

	@BeforeAll
	void start() {
		this.application = new LedgerApplication(Vendor.H2.create(PoolOfOneIntegrationTests::single),
				MatrixApplication.OnJdbc.class, Map.of("idempotency.store", "jdbc"),
				(beans) -> beans.registerBean(PoolOfTwoContract.Payments.class));
		this.payments = this.application.bean(PoolOfTwoContract.Payments.class);
	}

	private static void single(HikariConfig pool) {
		pool.setMaximumPoolSize(1);
		pool.setConnectionTimeout(300);
	}

	@AfterAll
	void stop() throws Exception {
		this.application.close();
	}

	@Test
	void everyModeNeedsOne() {
		this.payments.atomic(this.key);
		this.payments.joined(this.key);
		this.payments.separate(this.key);
		this.payments.plain(this.key);
		this.application.inTransaction().executeWithoutResult((status) -> this.payments.plain(this.key + "-joined"));

		assertThat(this.application.effects(this.key)).isEqualTo(4);
		assertThat(this.application.effects(this.key + "-joined")).isOne();
	}

	@Test
	void callInAReadOnlyTransactionNeedsASecond() {
		TransactionTemplate reading = this.application.inTransaction();
		reading.setReadOnly(true);

		assertThatExceptionOfType(IdempotencyStoreUnavailableException.class)
			.isThrownBy(() -> reading.execute((status) -> this.payments.plain(this.key + "-reading")));
	}

}
