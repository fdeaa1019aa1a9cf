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

package io.idempotency.store.sql;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.idempotency.OnUnknown;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.TransactionalStore.JoinedVerbs;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A database with a store and a ledger, for tests of what the store does in a transaction
 * of the caller's. Its test classes are parameterized by the vendor.
 */
abstract class AbstractJoinedSqlTests {

	static final Duration TTL = Duration.ofHours(1);

	static final String READ_COMMITTED = "TRANSACTION_READ_COMMITTED";

	static Vendor vendor;

	static SqlTestDatabase database;

	static SqlIdempotencyStore store;

	@BeforeParameterizedClassInvocation
	static void createDatabase(Vendor invoked) {
		vendor = invoked;
		database = invoked.create();
		store = database.store();
		database.execute("CREATE TABLE ledger (id INTEGER)");
	}

	@AfterParameterizedClassInvocation
	static void dropDatabase() throws Exception {
		database.close();
	}

	/**
	 * A statement that was given up may have cost its connection, which a pool hands out
	 * for half a second before it looks.
	 */
	@AfterEach
	void replaceConnections() {
		database.pool().getHikariPoolMXBean().softEvictConnections();
	}

	static Stream<String> isolations() {
		return vendor.isolations().stream();
	}

	/** Begin a transaction of the caller's. */
	static TransactionTemplate in(String isolation) {
		TransactionTemplate template = new TransactionTemplate(new DataSourceTransactionManager(database.pool()));
		template.setIsolationLevelName(isolation.replace("TRANSACTION_", "ISOLATION_"));
		return template;
	}

	/** Return what the store does in the caller's transaction. */
	static JoinedVerbs verbs() {
		JoinedVerbs verbs = store.joined();
		assertThat(verbs).isNotNull();
		return verbs;
	}

	static void enterIntoLedger() {
		jdbc().update("INSERT INTO ledger VALUES (1)");
	}

	static long ledgerEntries() {
		return jdbc().queryForObject("SELECT count(*) FROM ledger", Long.class);
	}

	static JdbcTemplate jdbc() {
		return new JdbcTemplate(database.pool());
	}

	/** Run on a thread that has no transaction. */
	static CompletableFuture<Void> elsewhere(Runnable work) {
		return CompletableFuture.runAsync(work, (task) -> new Thread(task).start());
	}

	static Lease acquire(RecordId id) {
		return ((ClaimResult.Acquired) store.claim(request(id))).lease();
	}

	static RecordId newId() {
		UUID random = UUID.randomUUID();
		byte[] bytes = new byte[RecordId.LENGTH];
		ByteBuffer.wrap(bytes).putLong(random.getMostSignificantBits()).putLong(random.getLeastSignificantBits());
		return RecordId.of(bytes);
	}

	static ClaimRequest request(RecordId id) {
		return new ClaimRequest(id, "payment-service-charge", UUID.randomUUID(), null, OnUnknown.RETRY,
				Duration.ofSeconds(30), Duration.ofDays(1), TTL, false);
	}

}
