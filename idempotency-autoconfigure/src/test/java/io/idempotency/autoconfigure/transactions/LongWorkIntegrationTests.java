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

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

import com.zaxxer.hikari.HikariConfig;
import io.idempotency.Idempotent;
import io.idempotency.TransactionMode;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Work that takes longer than its lease is recorded in its transaction, whatever the
 * isolation that the pool gives to those who ask for none.
 */
@Timeout(180)
class LongWorkIntegrationTests {

	private static final Duration LEASE = Duration.ofMillis(600);

	@ParameterizedTest
	@CsvSource({ "POSTGRES, TRANSACTION_READ_COMMITTED", "POSTGRES, TRANSACTION_REPEATABLE_READ",
			"POSTGRES, TRANSACTION_SERIALIZABLE", "H2, TRANSACTION_READ_COMMITTED", "H2, TRANSACTION_REPEATABLE_READ",
			"H2, TRANSACTION_SERIALIZABLE", "MARIADB, TRANSACTION_READ_COMMITTED",
			"MARIADB, TRANSACTION_REPEATABLE_READ", "MARIADB, TRANSACTION_SERIALIZABLE" })
	void workThatOutlivesItsLeaseCommits(Vendor vendor, String isolation) throws Exception {
		Consumer<HikariConfig> pool = (config) -> config.setTransactionIsolation(isolation);
		String key = UUID.randomUUID().toString();
		try (LedgerApplication application = new LedgerApplication(vendor.create(pool), MatrixApplication.OnJdbc.class,
				Map.of("idempotency.store", "jdbc", "idempotency.lease", LEASE),
				(beans) -> beans.registerBean(Payments.class))) {
			Payments payments = application.bean(Payments.class);

			String answer = payments.pay(key,
					() -> await().until(() -> application.record("pay", key)
						.map(IdempotencyRecord::age)
						.orElseThrow()
						.compareTo(LEASE.multipliedBy(2)) > 0));

			assertThat(payments.pay(key, () -> {
			})).isEqualTo(answer);
			assertThat(application.effects(key)).isOne();
		}
	}

	static class Payments {

		private final Ledger ledger;

		Payments(Ledger ledger) {
			this.ledger = ledger;
		}

		@Transactional
		@Idempotent(key = "#key", operation = "pay", fingerprint = "none", transaction = TransactionMode.ATOMIC)
		public String pay(String key, Runnable meanwhile) throws Exception {
			this.ledger.count();
			String answer = this.ledger.enter(key);
			meanwhile.run();
			return answer;
		}

	}

}
