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
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

import io.idempotency.docs.Patterns.Booking;
import io.idempotency.docs.Patterns.Bookings;
import io.idempotency.docs.Patterns.Orders;
import io.idempotency.docs.Patterns.OutOfStockException;
import io.idempotency.docs.Patterns.Payment;
import io.idempotency.docs.Patterns.PaymentRequest;
import io.idempotency.docs.Patterns.Payments;
import io.idempotency.docs.Patterns.PaymentsAnywhere;
import io.idempotency.docs.Patterns.Stock;
import io.idempotency.docs.PatternsIntegrationTests.Application;
import io.idempotency.docs.PatternsIntegrationTests.JpaApplication;
import io.idempotency.store.sql.SqlTestDatabase;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.ApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What {@code docs/patterns.md} says of the second one of two, which comes while the
 * transaction of the first one is open.
 */
@Timeout(120)
class PatternsConcurrencyIntegrationTests {

	private static final Page PAGE = Page.of("patterns.md", "sql|java");

	private static final Duration TIME = Duration.ofSeconds(20);

	private static final PaymentRequest REQUEST = new PaymentRequest("r-1", "o-1", new BigDecimal("49.90"));

	@ParameterizedTest
	@CsvSource({ "POSTGRES, true", "POSTGRES, false", "H2, true", "H2, false" })
	void secondInsertWaitsAndThenReadsTheRowOrInsertsItsOwn(Vendor vendor, boolean commits) {
		run(vendor, (context, database) -> {
			Payments payments = context.getBean(Payments.class);

			Two<Payment> two = twoTransactions(context, database, commits, () -> payments.pay(REQUEST));

			assertThat(two.second()).succeedsWithin(TIME).isEqualTo(payments.find("r-1").orElseThrow());
			assertThat(two.first().equals(two.second().join())).isEqualTo(commits);
			assertThat(PatternsIntegrationTests.count(context, "payment")).isOne();
		});
	}

	@ParameterizedTest
	@CsvSource({ "POSTGRES, true", "POSTGRES, false", "H2, true", "H2, false" })
	void secondPlainInsertWaitsAndThenFailsOrSucceeds(Vendor vendor, boolean commits) {
		run(vendor, (context, database) -> {
			PaymentsAnywhere payments = context.getBean(PaymentsAnywhere.class);

			Two<Payment> two = twoTransactions(context, database, commits, () -> payments.pay(REQUEST));

			assertThat(two.second()).succeedsWithin(TIME);
			assertThat(two.first().id().equals(two.second().join().id())).isEqualTo(commits);
			assertThat(PatternsIntegrationTests.count(context, "payment")).isOne();
		});
	}

	@Test
	void postgresDoesNotReadInATransactionAfterTheDuplicateKey() {
		run(Vendor.POSTGRES, (context, database) -> {
			Payments payments = context.getBean(Payments.class);
			payments.pay(REQUEST);

			context.getBean(TransactionTemplate.class).executeWithoutResult((status) -> {
				status.setRollbackOnly();
				assertThatExceptionOfType(DuplicateKeyException.class)
					.isThrownBy(() -> context.getBean(JdbcClient.class)
						.sql("INSERT INTO payment (id, request_id, order_id, amount) VALUES (?, 'r-1', 'o-1', 1)")
						.param(UUID.randomUUID())
						.update());
				assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> payments.find("r-1"))
					.withStackTraceContaining("current transaction is aborted");
			});
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2" })
	void jpaKnowsOfTheDuplicateAtTheCommit(Vendor vendor) {
		run(vendor, JpaApplication.class, (context, database) -> {
			EntityManager entityManager = entityManager(context);
			context.getBean(Bookings.class).book("r-1", "12 A");
			AtomicBoolean persisted = new AtomicBoolean();

			assertThatExceptionOfType(DataIntegrityViolationException.class)
				.isThrownBy(() -> context.getBean(TransactionTemplate.class).executeWithoutResult((status) -> {
					entityManager.persist(new Booking("r-1", "12 A"));
					persisted.set(true);
				}));

			assertThat(persisted).isTrue();
		});
	}

	@ParameterizedTest
	@CsvSource({ "POSTGRES, true", "POSTGRES, false", "H2, true", "H2, false" })
	void secondFlushOfJpaWaits(Vendor vendor, boolean commits) {
		run(vendor, JpaApplication.class, (context, database) -> {
			Bookings bookings = context.getBean(Bookings.class);
			EntityManager entityManager = entityManager(context);

			Two<Booking> two = twoTransactions(context, database, commits, () -> {
				Booking booking = bookings.book("r-1", "12 A");
				if (entityManager.contains(booking)) {
					entityManager.flush(); // the first transaction goes on
				}
				return booking;
			});

			assertThat(two.second()).succeedsWithin(TIME);
			assertThat(two.first().id().equals(two.second().join().id())).isEqualTo(commits);
			assertThat(PatternsIntegrationTests.count(context, "booking")).isOne();
		});
	}

	@ParameterizedTest
	@CsvSource({ "POSTGRES, true, false", "POSTGRES, false, false", "POSTGRES, true, true", "POSTGRES, false, true",
			"H2, false, false", "H2, true, true", "H2, false, true" })
	void secondUpsertWaitsAndThenComparesItsVersion(Vendor vendor, boolean commits, boolean exists) {
		run(vendor, (context, database) -> {
			Upserts addresses = new Upserts(context.getBean(JdbcClient.class), vendor);
			if (exists) {
				addresses.move(1);
			}

			Two<Integer> older = twoTransactions(context, database, commits, () -> addresses.move(5),
					() -> addresses.move(3));

			assertThat(older.second()).succeedsWithin(TIME).isEqualTo(commits ? 0 : 1);
			assertThat(addresses.street()).isEqualTo(commits ? "street 5" : "street 3");
			Two<Integer> newer = twoTransactions(context, database, commits, () -> addresses.move(7),
					() -> addresses.move(9));
			assertThat(newer.second()).succeedsWithin(TIME).isEqualTo(1);
			assertThat(addresses.street()).isEqualTo("street 9");
		});
	}

	@Test
	void secondUpsertThatFoundNoRowEitherStartsAnewOnH2() {
		run(Vendor.H2, (context, database) -> {
			Upserts addresses = new Upserts(context.getBean(JdbcClient.class), Vendor.H2);

			Two<Integer> two = twoTransactions(context, database, true, () -> addresses.move(5),
					() -> addresses.move(7));

			assertThat(two.second()).failsWithin(TIME)
				.withThrowableThat()
				.withCauseInstanceOf(DuplicateKeyException.class);
			assertThat(addresses.move(7)).isOne();
			assertThat(addresses.street()).isEqualTo("street 7");
		});
	}

	@ParameterizedTest
	@CsvSource({ "POSTGRES, true", "POSTGRES, false", "H2, true", "H2, false" })
	void secondConditionalUpdateWaitsAndThenFindsTheNewState(Vendor vendor, boolean commits) {
		run(vendor, (context, database) -> {
			Orders orders = context.getBean(Orders.class);
			UUID order = UUID.randomUUID();
			context.getBean(JdbcClient.class).sql("INSERT INTO purchase VALUES (?, 'PAID')").param(order).update();

			Two<Boolean> two = twoTransactions(context, database, commits, () -> orders.ship(order));

			assertThat(two.first()).isTrue();
			assertThat(two.second()).succeedsWithin(TIME).isEqualTo(!commits);
			assertThat(PatternsIntegrationTests.count(context, "outbox")).isOne();
		});
	}

	@Test
	void secondOneWithASnapshotFailsOnPostgres() {
		run(Vendor.POSTGRES, (context, database) -> {
			Orders orders = context.getBean(Orders.class);
			Payments payments = context.getBean(Payments.class);
			UUID order = UUID.randomUUID();
			context.getBean(JdbcClient.class).sql("INSERT INTO purchase VALUES (?, 'PAID')").param(order).update();
			TransactionTemplate snapshot = new TransactionTemplate(
					context.getBean(TransactionTemplate.class).getTransactionManager());
			snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);

			Two<?> updates = twoTransactions(context, database, true, () -> orders.ship(order),
					() -> snapshot.execute((status) -> orders.ship(order)));
			Two<?> inserts = twoTransactions(context, database, true, () -> payments.pay(REQUEST),
					() -> snapshot.execute((status) -> payments.pay(REQUEST)));

			assertThat(updates.second()).failsWithin(TIME)
				.withThrowableThat()
				.withCauseInstanceOf(PessimisticLockingFailureException.class);
			assertThat(snapshot.<Boolean>execute((status) -> orders.ship(order))).isFalse();
			assertThat(inserts.second()).failsWithin(TIME)
				.withThrowableThat()
				.withCauseInstanceOf(PessimisticLockingFailureException.class);
		});
	}

	@ParameterizedTest
	@CsvSource({ "POSTGRES, true", "POSTGRES, false", "H2, true", "H2, false" })
	void secondIncrementWaitsAndThenFindsWhatIsLeft(Vendor vendor, boolean commits) {
		run(vendor, (context, database) -> {
			Stock stock = context.getBean(Stock.class);
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			jdbc.sql("INSERT INTO stock VALUES ('book', 5)").update();

			Two<Boolean> two = twoTransactions(context, database, commits, () -> reserve(stock, "r-1"),
					() -> reserve(stock, "r-2"));

			if (commits) {
				assertThat(two.second()).failsWithin(TIME)
					.withThrowableThat()
					.withCauseInstanceOf(OutOfStockException.class);
			}
			else {
				assertThat(two.second()).succeedsWithin(TIME);
			}
			assertThat(jdbc.sql("SELECT available FROM stock").query(Integer.class).single()).isEqualTo(2);
			assertThat(jdbc.sql("SELECT request_id FROM stock_movement").query(String.class).single())
				.isEqualTo(commits ? "r-1" : "r-2");
		});
	}

	@ParameterizedTest
	@CsvSource({ "POSTGRES, true", "POSTGRES, false", "H2, true", "H2, false" })
	void secondOneOfARequestWaitsAndCountsOnlyIfTheFirstDidNot(Vendor vendor, boolean commits) {
		run(vendor, (context, database) -> {
			Stock stock = context.getBean(Stock.class);
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			jdbc.sql("INSERT INTO stock VALUES ('book', 5)").update();

			Two<Boolean> two = twoTransactions(context, database, commits, () -> reserve(stock, "r-1"));

			assertThat(two.second()).succeedsWithin(TIME);
			assertThat(jdbc.sql("SELECT available FROM stock").query(Integer.class).single()).isEqualTo(2);
		});
	}

	@ParameterizedTest
	@CsvSource({ "POSTGRES, true", "POSTGRES, false", "H2, true", "H2, false" })
	void secondOneOfANumberedRequestWaitsAndCountsOnlyIfTheFirstDidNot(Vendor vendor, boolean commits) {
		run(vendor, (context, database) -> {
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			jdbc.sql("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER, last_entry INTEGER)").update();
			jdbc.sql("INSERT INTO account VALUES (1, 0, 0)").update();

			Two<Integer> two = twoTransactions(context, database, commits,
					() -> jdbc.sql(PAGE.block("numbered"))
						.param("amount", 10)
						.param("entry", 1)
						.param("id", 1)
						.update());

			assertThat(two.second()).succeedsWithin(TIME).isEqualTo(commits ? 0 : 1);
			assertThat(jdbc.sql("SELECT balance FROM account").query(Integer.class).single()).isEqualTo(10);
		});
	}

	private static boolean reserve(Stock stock, String requestId) {
		stock.reserve(requestId, "book", 3);
		return true;
	}

	private static EntityManager entityManager(ApplicationContext context) {
		return SharedEntityManagerCreator.createSharedEntityManager(context.getBean(EntityManagerFactory.class));
	}

	private static void run(Vendor vendor, BiConsumer<ApplicationContext, SqlTestDatabase> test) {
		run(vendor, Application.class, test);
	}

	private static void run(Vendor vendor, Class<?> application, BiConsumer<ApplicationContext, SqlTestDatabase> test) {
		PatternsIntegrationTests.run(vendor, application, test);
	}

	private static <T> Two<T> twoTransactions(ApplicationContext context, SqlTestDatabase database, boolean commits,
			Supplier<T> both) {
		return twoTransactions(context, database, commits, both, both);
	}

	/** The second one comes, and waits, before the first one's transaction ends. */
	private static <T> Two<T> twoTransactions(ApplicationContext context, SqlTestDatabase database, boolean commits,
			Supplier<T> first, Supplier<T> second) {
		return context.getBean(TransactionTemplate.class).execute((status) -> {
			T answer = first.get();
			CompletableFuture<T> answered = CompletableFuture.supplyAsync(second, (task) -> new Thread(task).start());
			database.awaitWaiter();
			assertThat(answered).isNotDone();
			if (!commits) {
				status.setRollbackOnly();
			}
			return new Two<>(answer, answered);
		});
	}

	private record Two<T>(T first, CompletableFuture<T> second) {

	}

	private record Upserts(JdbcClient jdbc, Vendor vendor) {

		int move(long version) {
			return this.jdbc.sql(PAGE.block("upsert-" + this.vendor.name().toLowerCase(Locale.ROOT)))
				.param("customerId", "c-1")
				.param("street", "street " + version)
				.param("version", version)
				.update();
		}

		String street() {
			return this.jdbc.sql("SELECT street FROM address").query(String.class).single();
		}

	}

}
