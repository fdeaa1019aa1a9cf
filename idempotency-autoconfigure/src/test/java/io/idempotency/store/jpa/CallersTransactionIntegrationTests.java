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

package io.idempotency.store.jpa;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

import io.idempotency.OnUnknown;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.FailureNote;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.store.sql.SqlTestDatabase;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * No verb sees, flushes or commits what the calling thread has under way, and no rollback
 * of the caller's undoes a verb.
 */
class CallersTransactionIntegrationTests {

	private static final RecordId COMPLETED = id(1);

	private static final RecordId FAILED = id(2);

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "MARIADB_AS_MYSQL") // Hibernate refuses it
	void jpaTransactionThatRollsBackLeavesTheRecordsAndTakesItsOwnChanges(Vendor vendor) throws Exception {
		try (JpaTestUnit unit = new JpaTestUnit(vendor.create())) {
			unit.inTransaction().executeWithoutResult((status) -> {
				EntityManager entityManager = unit.entityManager();
				entityManager.find(Customer.class, 1L).name = "dirty";
				everyVerb(unit.store());
				assertThat(entityManager.unwrap(Session.class).isDirty()).isTrue();
				assertThat(unit.changed()).isFalse();
				status.setRollbackOnly();
			});

			assertThat(unit.changed()).isFalse();
			assertThatRecordsAreThere(unit.store());
		}
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "MARIADB_AS_MYSQL") // Hibernate refuses it
	void jpaTransactionThatCommitsAfterAFlushCommitsItsOwnChanges(Vendor vendor) throws Exception {
		try (JpaTestUnit unit = new JpaTestUnit(vendor.create())) {
			unit.inTransaction().executeWithoutResult((status) -> {
				unit.entityManager().find(Customer.class, 1L).name = "dirty";
				unit.entityManager().flush();
				everyVerb(unit.store());
				assertThat(unit.changed()).isFalse();
			});

			assertThat(unit.changed()).isTrue();
			assertThatRecordsAreThere(unit.store());
		}
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "MARIADB_AS_MYSQL") // Hibernate refuses it
	void openEntityManagerWithoutTransactionIsNotFlushed(Vendor vendor) throws Exception {
		try (JpaTestUnit unit = new JpaTestUnit(vendor.create())) {
			EntityManager openInView = unit.entityManagerFactory().createEntityManager();
			TransactionSynchronizationManager.bindResource(unit.entityManagerFactory(),
					new EntityManagerHolder(openInView));
			try {
				openInView.find(Customer.class, 1L).name = "dirty";

				everyVerb(unit.store());

				assertThat(openInView.unwrap(Session.class).isDirty()).isTrue();
				assertThat(unit.changed()).isFalse();
			}
			finally {
				TransactionSynchronizationManager.unbindResource(unit.entityManagerFactory());
				openInView.close();
			}
			assertThat(unit.changed()).isFalse();
			assertThatRecordsAreThere(unit.store());
		}
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "MARIADB_AS_MYSQL") // Hibernate refuses it
	void jdbcTransactionIsNotJoinedThroughATransactionAwareProxyEither(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			database.store();
			database.execute("CREATE TABLE customer (name VARCHAR(20))");
			SqlIdempotencyStore store = SqlIdempotencyStore
				.on(new DelegatingDataSource(new TransactionAwareDataSourceProxy(database.pool())))
				.build();

			new TransactionTemplate(new JdbcTransactionManager(database.pool())).executeWithoutResult((status) -> {
				JdbcTemplate jdbc = new JdbcTemplate(database.pool());
				jdbc.update("INSERT INTO customer VALUES ('dirty')");
				everyVerb(store);
				assertThat(database.number("SELECT count(*) FROM customer")).isZero();
				assertThat(jdbc.queryForObject("SELECT count(*) FROM customer", Integer.class)).isOne();
				status.setRollbackOnly();
			});

			assertThat(database.number("SELECT count(*) FROM customer")).isZero();
			assertThatRecordsAreThere(store);
		}
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "MARIADB_AS_MYSQL") // Hibernate refuses it
	void connectionsGoBack(Vendor vendor) throws Exception {
		try (JpaTestUnit unit = new JpaTestUnit(vendor.create((config) -> config.setMaximumPoolSize(2)))) {
			for (int i = 0; i < 5; i++) {
				unit.inTransaction().executeWithoutResult((status) -> {
					unit.entityManager().find(Customer.class, 1L);
					unit.store().find(COMPLETED);
				});
			}

			assertThat(unit.store().name()).isEqualTo("jpa");
			assertThat(unit.database().pool().getHikariPoolMXBean().getActiveConnections()).isZero();
		}
	}

	@Test
	void persistenceUnitThatHidesItsDataSourceIsRefused() {
		EntityManagerFactory hiding = (EntityManagerFactory) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { EntityManagerFactory.class }, (proxy, method, args) -> Map.of());

		assertThatIllegalArgumentException().isThrownBy(() -> JpaIdempotencyStore.on(hiding))
			.withMessageContaining("SqlIdempotencyStore.on");
	}

	private static void everyVerb(IdempotencyStore store) {
		Lease completed = ((ClaimResult.Acquired) store.claim(request(COMPLETED))).lease();
		assertThat(store.claim(request(COMPLETED))).isInstanceOf(ClaimResult.Occupied.class);
		assertThat(store.renew(completed, Duration.ofMinutes(1))).isTrue();
		assertThat(store.complete(completed, StoredOutcome.noValue(), Duration.ofHours(1))).isTrue();
		Lease failed = ((ClaimResult.Acquired) store.claim(request(FAILED))).lease();
		assertThat(store.release(failed, new Release.Failed(new FailureNote("x.Y", null)))).isTrue();
		Lease forgotten = ((ClaimResult.Acquired) store.claim(request(id(3)))).lease();
		assertThat(store.release(forgotten, new Release.Forget())).isTrue();
		assertThat(store.purgeExpired(10)).isZero();
	}

	private static void assertThatRecordsAreThere(IdempotencyStore store) {
		assertThat(store.find(COMPLETED).orElseThrow().status()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(store.find(FAILED).orElseThrow().status()).isEqualTo(RecordStatus.FAILED);
		assertThat(store.find(id(3))).isEmpty();
	}

	private static RecordId id(int number) {
		byte[] digest = new byte[RecordId.LENGTH];
		digest[0] = (byte) number;
		return RecordId.of(digest);
	}

	private static ClaimRequest request(RecordId id) {
		return new ClaimRequest(id, "charge", UUID.randomUUID(), null, OnUnknown.RETRY, Duration.ofSeconds(30),
				Duration.ofDays(7), Duration.ofHours(1), false);
	}

}
