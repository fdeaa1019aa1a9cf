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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import javax.sql.DataSource;

import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.docs.Patterns.AmountChangedException;
import io.idempotency.docs.Patterns.Booking;
import io.idempotency.docs.Patterns.Bookings;
import io.idempotency.docs.Patterns.Gateway;
import io.idempotency.docs.Patterns.GuardedPayments;
import io.idempotency.docs.Patterns.Orders;
import io.idempotency.docs.Patterns.OutOfStockException;
import io.idempotency.docs.Patterns.Payment;
import io.idempotency.docs.Patterns.PaymentRequest;
import io.idempotency.docs.Patterns.Payments;
import io.idempotency.docs.Patterns.PaymentsAnywhere;
import io.idempotency.docs.Patterns.Stock;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.store.sql.SqlTestDatabase;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import jakarta.persistence.EntityManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Runs what {@code docs/patterns.md} shows.
 */
class PatternsIntegrationTests {

	private static final Page PAGE = Page.of("patterns.md", "sql|java");

	private static final int CALLERS = 8;

	private static final BigDecimal AMOUNT = new BigDecimal("49.90");

	@Test
	void pageShowsTheCodeThatIsTested() {
		Map<String, String> regions = Page.regions(Patterns.class.getName());
		Map<String, String> shown = new LinkedHashMap<>(PAGE.blocks());
		shown.keySet().retainAll(regions.keySet());

		assertThat(shown).isEqualTo(regions);
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2" })
	void uniqueColumnMakesOneRowAndAllGetIt(Vendor vendor) {
		run(vendor, (context) -> {
			Payments payments = context.getBean(Payments.class);
			PaymentRequest request = new PaymentRequest("r-1", "o-1", AMOUNT);

			List<Payment> answers = together(() -> payments.pay(request));

			assertThat(answers).hasSize(CALLERS).containsOnly(payments.find("r-1").orElseThrow());
			assertThat(count(context, "payment")).isOne();
			assertThatExceptionOfType(AmountChangedException.class)
				.isThrownBy(() -> payments.pay(new PaymentRequest("r-1", "o-1", BigDecimal.TEN)));
			assertThat(payments.pay(new PaymentRequest("r-2", "o-1", AMOUNT))).isNotEqualTo(answers.get(0));
		});
	}

	@Test
	void duplicateOfAnOlderSnapshotGetsAnErrorOnPostgres() {
		run(Vendor.POSTGRES, (context) -> {
			Payments payments = context.getBean(Payments.class);
			PaymentRequest request = new PaymentRequest("r-1", "o-1", AMOUNT);
			PlatformTransactionManager transactions = context.getBean(PlatformTransactionManager.class);
			for (int isolation : new int[] { TransactionDefinition.ISOLATION_REPEATABLE_READ,
					TransactionDefinition.ISOLATION_SERIALIZABLE }) {
				TransactionTemplate older = new TransactionTemplate(transactions);
				older.setIsolationLevel(isolation);

				older.executeWithoutResult((status) -> {
					status.setRollbackOnly();
					assertThat(payments.find("r-1")).isEmpty();
					CompletableFuture.runAsync(() -> payments.pay(request)).orTimeout(20, TimeUnit.SECONDS).join();
					assertThatExceptionOfType(PessimisticLockingFailureException.class)
						.isThrownBy(() -> payments.pay(request));
				});

				assertThat(context.getBean(JdbcClient.class).sql("DELETE FROM payment").update()).isOne();
			}
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2" })
	void duplicateKeyIsCaughtOutsideOfTheTransaction(Vendor vendor) {
		run(vendor, (context) -> {
			PaymentsAnywhere payments = context.getBean(PaymentsAnywhere.class);
			PaymentRequest request = new PaymentRequest("r-1", "o-1", AMOUNT);

			List<Payment> answers = together(() -> payments.pay(request));

			Payment stored = context.getBean(Payments.class).find("r-1").orElseThrow();
			assertThat(answers).hasSize(CALLERS).extracting(Payment::id).containsOnly(stored.id());
			assertThat(count(context, "payment")).isOne();
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2" })
	void jpaTellsOfTheDuplicateAtTheFlush(Vendor vendor) {
		run(vendor, JpaApplication.class, (context) -> {
			Bookings bookings = context.getBean(Bookings.class);

			List<Booking> answers = together(() -> bookings.book("r-1", "12 A"));

			Booking stored = bookings.find("r-1").orElseThrow();
			assertThat(answers).hasSize(CALLERS).extracting(Booking::id).containsOnly(stored.id());
			assertThat(count(context, "booking")).isOne();
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2" })
	void jpaVersionTellsWhoWasFirst(Vendor vendor) {
		run(vendor, JpaApplication.class, (context) -> {
			Bookings bookings = context.getBean(Bookings.class);
			TransactionOperations transactions = context.getBean(TransactionOperations.class);
			bookings.book("r-1", "12 A");
			Runnable first = () -> transactions
				.executeWithoutResult((status) -> bookings.find("r-1").orElseThrow().move("1 A"));

			assertThatExceptionOfType(OptimisticLockingFailureException.class)
				.isThrownBy(() -> transactions.executeWithoutResult((status) -> {
					Booking booking = bookings.find("r-1").orElseThrow();
					CompletableFuture.runAsync(first).orTimeout(20, TimeUnit.SECONDS).join();
					booking.move("30 F");
				}));

			assertThat(context.getBean(JdbcClient.class).sql("SELECT seat FROM booking").query(String.class).single())
				.isEqualTo("1 A");
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2" })
	void upsertKeepsTheNewestWhateverTheOrderAndHoweverOften(Vendor vendor) {
		run(vendor, (context) -> {
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			String sql = PAGE.block("upsert-" + vendor.name().toLowerCase(Locale.ROOT));
			List<Integer> versions = new ArrayList<>(List.of(1, 2, 3, 4, 5, 1, 2, 3, 4, 5));
			Collections.shuffle(versions, new Random(7));

			for (int version : versions) {
				jdbc.sql(sql)
					.param("customerId", "c-1")
					.param("street", "street " + version)
					.param("version", (long) version)
					.update();
			}

			assertThat(jdbc.sql("SELECT street FROM address").query(String.class).single()).isEqualTo("street 5");
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2" })
	void conditionalUpdateTellsOneCallerThatItWasTheOne(Vendor vendor) {
		run(vendor, (context) -> {
			UUID order = UUID.randomUUID();
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			jdbc.sql("INSERT INTO purchase VALUES (?, 'PAID')").param(order).update();

			List<Boolean> shipped = together(() -> context.getBean(Orders.class).ship(order));

			assertThat(shipped).containsOnlyOnce(true).hasSize(CALLERS);
			assertThat(count(context, "outbox")).isOne();
			assertThat(context.getBean(Orders.class).ship(UUID.randomUUID())).isFalse();
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2" })
	void guardedIncrementCountsEachRequestOnceAndStopsAtZero(Vendor vendor) {
		run(vendor, (context) -> {
			Stock stock = context.getBean(Stock.class);
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			jdbc.sql("INSERT INTO stock VALUES ('book', 5)").update();

			together(() -> {
				stock.reserve("r-1", "book", 3);
				return true;
			});
			assertThatExceptionOfType(OutOfStockException.class).isThrownBy(() -> stock.reserve("r-2", "book", 3));
			stock.reserve("r-3", "book", 2);

			assertThat(jdbc.sql("SELECT available FROM stock").query(Integer.class).single()).isZero();
			assertThat(jdbc.sql("SELECT request_id FROM stock_movement ORDER BY 1").query(String.class).list())
				.containsExactly("r-1", "r-3");
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2" })
	void numberedRequestsCountOnce(Vendor vendor) {
		run(vendor, (context) -> {
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			jdbc.sql("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER, last_entry INTEGER)").update();
			jdbc.sql("INSERT INTO account VALUES (1, 0, 0)").update();

			for (int entry : new int[] { 1, 1, 2, 2, 1, 3, 3 }) {
				jdbc.sql(PAGE.block("numbered")).param("amount", 10).param("entry", entry).param("id", 1).update();
			}

			assertThat(jdbc.sql("SELECT balance FROM account").query(Integer.class).single()).isEqualTo(30);
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2" })
	void guardedMethodMayRunAgainAfterItsRecordIsGone(Vendor vendor) {
		run(vendor, (context) -> {
			GuardedPayments payments = context.getBean(GuardedPayments.class);
			PaymentRequest request = new PaymentRequest("r-1", "o-1", AMOUNT);

			Payment first = payments.pay(request);
			Payment replayed = payments.pay(request);
			int lost = context.getBean(JdbcClient.class).sql("UPDATE idempotency_record SET expires_at = 0").update();
			Payment again = payments.pay(request);

			assertThat(lost).isOne();
			assertThat(replayed).isEqualTo(first);
			assertThat(again).isEqualTo(first);
			assertThat(context.getBean(ChargedOncePerKey.class).calls).hasSize(2);
			assertThat(context.getBean(ChargedOncePerKey.class).charges).containsExactly(Map.entry("r-1", AMOUNT));
			assertThat(count(context, "payment")).isOne();
		});
	}

	private static void run(Vendor vendor, Consumer<ApplicationContext> test) {
		run(vendor, Application.class, test);
	}

	private static void run(Vendor vendor, Class<?> application, Consumer<ApplicationContext> test) {
		run(vendor, application, (context, database) -> test.accept(context));
	}

	static void run(Vendor vendor, Class<?> application, BiConsumer<ApplicationContext, SqlTestDatabase> test) {
		try (SqlTestDatabase database = vendor.create((config) -> {
			if (vendor == Vendor.H2) {
				config.setJdbcUrl(config.getJdbcUrl() + ";MODE=PostgreSQL;LOCK_TIMEOUT=10000");
			}
		})) {
			for (String table : List.of("payment", "address", "stock")) {
				Arrays.stream(PAGE.block(table).split(";")).filter((sql) -> !sql.isBlank()).forEach(database::execute);
			}
			database.execute("CREATE TABLE purchase (id UUID PRIMARY KEY, status VARCHAR(20) NOT NULL)");
			database.execute("CREATE TABLE outbox (id UUID PRIMARY KEY, message VARCHAR(200) NOT NULL)");
			new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(IdempotencyAutoConfiguration.class, JacksonAutoConfiguration.class))
				.withBean(DataSource.class, database::pool)
				.withUserConfiguration(application)
				.run((context) -> {
					assertThat(context).hasNotFailed();
					test.accept(context, database);
				});
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	static long count(ApplicationContext context, String table) {
		return context.getBean(JdbcClient.class).sql("SELECT count(*) FROM " + table).query(Long.class).single();
	}

	private static <T> List<T> together(Callable<T> call) {
		ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
		try {
			CyclicBarrier start = new CyclicBarrier(CALLERS);
			List<Future<T>> calls = new ArrayList<>();
			for (int i = 0; i < CALLERS; i++) {
				calls.add(threads.submit(() -> {
					start.await(20, TimeUnit.SECONDS);
					return call.call();
				}));
			}
			List<T> answers = new ArrayList<>();
			for (Future<T> answer : calls) {
				answers.add(answer.get(20, TimeUnit.SECONDS));
			}
			return answers;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Configuration(proxyBeanMethods = false)
	@Import(Bookings.class)
	static class JpaApplication {

		@Bean
		LocalContainerEntityManagerFactoryBean entityManagerFactory(DataSource dataSource) {
			LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
			factory.setDataSource(dataSource);
			factory.setManagedTypes(PersistenceManagedTypes.of(Booking.class.getName()));
			factory.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
			factory.setJpaPropertyMap(Map.of("hibernate.hbm2ddl.auto", "create"));
			return factory;
		}

		@Bean
		TransactionTemplate transactionTemplate(EntityManagerFactory entityManagerFactory) {
			return new TransactionTemplate(new JpaTransactionManager(entityManagerFactory));
		}

		@Bean
		JdbcClient jdbcClient(DataSource dataSource) {
			return JdbcClient.create(dataSource);
		}

		@Bean
		IdempotencyStore idempotencyStore() {
			return new MemoryIdempotencyStore();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement
	@Import({ Payments.class, PaymentsAnywhere.class, Orders.class, Stock.class, GuardedPayments.class,
			ChargedOncePerKey.class })
	static class Application {

		@Bean
		PlatformTransactionManager transactionManager(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		TransactionTemplate transactionTemplate(PlatformTransactionManager transactionManager) {
			return new TransactionTemplate(transactionManager);
		}

		@Bean
		JdbcClient jdbcClient(DataSource dataSource) {
			return JdbcClient.create(dataSource);
		}

		@Bean
		SqlIdempotencyStore idempotencyStore(DataSource dataSource) {
			SqlIdempotencyStore store = SqlIdempotencyStore.on(dataSource).build();
			store.schema().create();
			return store;
		}

	}

	/** A gateway that recognizes a repetition by its key. */
	static class ChargedOncePerKey implements Gateway {

		private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

		private final Map<String, BigDecimal> charges = new ConcurrentHashMap<>();

		@Override
		public void charge(String key, BigDecimal amount) {
			this.calls.add(key);
			this.charges.putIfAbsent(key, amount);
		}

	}

}
