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

package io.idempotency.autoconfigure;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.idempotency.IdempotencyDataSource;
import io.idempotency.Idempotent;
import io.idempotency.TransactionMode;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.engine.OperationSpec;
import io.idempotency.method.MethodOperations;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.test.servers.RedisServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * In which of an application's databases the records are kept, and which transactions
 * they can be part of.
 */
class DataSourcesTests {

	private final ApplicationContextRunner bare = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(IdempotencyAutoConfiguration.class,
				IdempotencyJdbcAutoConfiguration.class, IdempotencyJpaAutoConfiguration.class,
				IdempotencyRedisAutoConfiguration.class, IdempotencySqlAutoConfiguration.class,
				JacksonAutoConfiguration.class, TransactionAutoConfiguration.class));

	private final ApplicationContextRunner guarded = this.bare.withBean(Greetings.class);

	@Test
	void onlyDataSourceIsUsedWithoutJpa() {
		this.guarded.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("jakarta.persistence", "org.hibernate", "org.springframework.orm"))
			.run((context) -> assertThatRecordsAreIn(context, "dataSource", "jdbc"));
	}

	@Test
	void jpaWinsOverJdbcAndJdbcIsThereByName() {
		ApplicationContextRunner jpa = this.guarded.withConfiguration(
				AutoConfigurations.of(DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class));

		jpa.run((context) -> {
			assertThatRecordsAreIn(context, "dataSource", "jpa");
			assertThat(context.getBean(SqlIdempotencyStore.class).name()).isEqualTo("jpa");
		});
		jpa.withPropertyValues("idempotency.store=jdbc")
			.run((context) -> assertThatRecordsAreIn(context, "dataSource", "jdbc"));
	}

	@Test
	void jdbcAndRedisNeedAChoice() {
		ApplicationContextRunner both = this.guarded
			.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class))
			.withPropertyValues("spring.data.redis.url=" + RedisServer.shared().url(),
					"idempotency.redis.key-prefix=sources-" + System.nanoTime() + ":")
			.withUserConfiguration(Two.class);

		both.run((context) -> assertThat(rootCause(context)).isInstanceOfSatisfying(SeveralStoresException.class,
				(ex) -> assertThat(ex.getNames()).containsExactlyInAnyOrder("jdbc", "redis")));
		both.withPropertyValues("idempotency.store=redis")
			.run((context) -> assertThat(greet(context).store().name()).isEqualTo("redis"));
	}

	@Test
	void severalDataSourcesOfWhichNoneStandsOutFailWithTheirNames() {
		this.guarded.withUserConfiguration(Two.class)
			.run((context) -> assertThat(rootCause(context)).isInstanceOfSatisfying(UndecidedDataSourceException.class,
					(ex) -> {
						assertThat(ex.getFact()).contains("[archive, orders]");
						assertThat(ex.getAction()).contains("@io.idempotency.IdempotencyDataSource");
					}));
	}

	@Test
	void severalDataSourcesAreNoMatterWhereNothingIsGuardedOrAnotherStoreIsUsed() {
		this.bare.withUserConfiguration(Two.class).run((context) -> assertThat(context).hasNotFailed());
		this.guarded.withUserConfiguration(Two.class)
			.withPropertyValues("idempotency.store=memory")
			.run((context) -> assertThat(greet(context).store().name()).isEqualTo("memory"));
	}

	@ParameterizedTest
	@ValueSource(classes = { PrimaryOrders.class, MarkedOrders.class, MarkedOrdersBesidePrimary.class,
			MarkedOrdersNoDefaultCandidate.class })
	void theOneThatStandsOutIsUsed(Class<?> dataSources) {
		this.guarded.withUserConfiguration(dataSources)
			.run((context) -> assertThatRecordsAreIn(context, "orders", "jdbc"));
	}

	@Test
	void twoMarksAreOneTooMany() {
		this.guarded.withUserConfiguration(BothMarked.class)
			.run((context) -> assertThat(rootCause(context)).isInstanceOfSatisfying(UndecidedDataSourceException.class,
					(ex) -> assertThat(ex.getFact()).contains("several", "[archive, orders]")));
	}

	@Test
	void transactionManagerOfTheMarkedDataSourceIsKnownAmongSeveral() {
		this.bare.withUserConfiguration(MarkedOrders.class, Managers.class, Ledgers.class).run((context) -> {
			assertThat(mode(context, "onOrders")).isEqualTo(TransactionMode.ATOMIC);
			assertThat(mode(context, "onArchive")).isEqualTo(TransactionMode.SEPARATE);
			Ledgers ledgers = context.getBean(Ledgers.class);
			for (String table : List.of("orders", "archive")) {
				new JdbcTemplate(context.getBean(table, DataSource.class))
					.execute("CREATE TABLE ledger (id VARCHAR(10))");
			}

			assertThat(ledgers.onOrders("a")).isEqualTo(ledgers.onOrders("a"));
			assertThat(ledgers.onArchive("a")).isEqualTo(ledgers.onArchive("a"));

			assertThat(ledgers.runs()).isEqualTo(2);
			assertThat(count(context, "orders", "ledger")).isOne();
			assertThat(count(context, "archive", "ledger")).isOne();
			assertThat(count(context, "orders", "idempotency_record")).isEqualTo(2);
		});
	}

	@ParameterizedTest
	@CsvSource({ "ordersManager, 0", "archiveManager, 1" })
	void callersTransactionIsJoinedOnlyOnTheDataSourceOfTheRecords(String manager, int failedAttempts) {
		this.guarded.withUserConfiguration(MarkedOrders.class, Managers.class).run((context) -> {
			Greetings greetings = context.getBean(Greetings.class);
			new TransactionTemplate(context.getBean(manager, DataSourceTransactionManager.class))
				.executeWithoutResult((transaction) -> {
					greetings.greet("Ada");
					transaction.setRollbackOnly();
				});

			assertThat(count(context, "orders", "idempotency_record")).isEqualTo(failedAttempts);
			assertThat(greetings.greet("Ada")).isEqualTo(greetings.greet("Ada")).contains("run 2");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "atomic", "joined" })
	void modeThatTheManagerOfAnotherDataSourceCannotKeepFailsAtStart(String mode) {
		this.bare.withUserConfiguration(MarkedOrders.class, Managers.class, Ledgers.class)
			.withPropertyValues("idempotency.operations.on-archive.transaction=" + mode)
			.run((context) -> assertThat(rootCause(context)).isInstanceOfSatisfying(InvalidOperationException.class,
					(ex) -> {
						assertThat(ex.getOperation()).isEqualTo("on-archive");
						assertThat(ex.getFact()).contains("not on the database of store 'jdbc'");
					}));
		this.bare.withUserConfiguration(MarkedOrders.class, Managers.class, Ledgers.class)
			.withPropertyValues("idempotency.operations.on-orders.transaction=" + mode)
			.run((context) -> assertThat(mode(context, "onOrders").name()).isEqualToIgnoringCase(mode));
	}

	@Test
	void modeOfAllOperationsIsAProperty() {
		ApplicationContextRunner jdbc = this.guarded.withConfiguration(AutoConfigurations
			.of(DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class));

		jdbc.run((context) -> assertThat(greet(context).transaction()).isEqualTo(TransactionMode.AUTO));
		jdbc.withPropertyValues("idempotency.transaction=separate")
			.run((context) -> assertThat(greet(context).transaction()).isEqualTo(TransactionMode.SEPARATE));
		jdbc.withPropertyValues("idempotency.transaction=separate", "idempotency.operations.greet.transaction=joined")
			.run((context) -> assertThat(greet(context).transaction()).isEqualTo(TransactionMode.JOINED));
		jdbc.withPropertyValues("idempotency.transaction=atomic")
			.run((context) -> assertThat(rootCause(context)).isInstanceOf(InvalidOperationException.class)
				.hasMessageContaining("'greet'")
				.hasMessageContaining("opens no transaction"));
		jdbc.withPropertyValues("idempotency.transaction=twice")
			.run((context) -> assertThat(rootCause(context)).hasMessageContaining("twice"));
	}

	@Test
	void severalPersistenceUnitsOfWhichNoneStandsOutFailWithTheirNames() {
		this.guarded.withUserConfiguration(TwoUnits.class, Two.class)
			.run((context) -> assertThat(rootCause(context)).isInstanceOfSatisfying(UndecidedDataSourceException.class,
					(ex) -> assertThat(ex.getFact()).contains("EntityManagerFactories", "[archiveUnit, ordersUnit]")));
	}

	@Test
	void persistenceUnitOnTheMarkedDataSourceIsUsed() {
		this.guarded.withUserConfiguration(TwoUnits.class, MarkedOrders.class)
			.run((context) -> assertThatRecordsAreIn(context, "orders", "jpa"));
	}

	@Test
	void severalPersistenceUnitsOnOneDataSourceAreAsGoodAsOne() {
		this.guarded.withUserConfiguration(UnitsOnOne.class)
			.run((context) -> assertThatRecordsAreIn(context, "orders", "jpa"));
	}

	@Test
	void markedDataSourceThatIsNoneOfJpasIsUsedWithoutJpa() {
		ApplicationContextRunner besides = this.guarded.withUserConfiguration(ArchiveUnit.class, MarkedOrders.class);

		besides.run((context) -> assertThatRecordsAreIn(context, "orders", "jdbc"));
		besides.withPropertyValues("idempotency.store=jpa")
			.run((context) -> assertThat(rootCause(context)).isInstanceOfSatisfying(UndecidedDataSourceException.class,
					(ex) -> assertThat(ex.getAction()).contains("store jdbc")));
	}

	@Test
	void storesOfTheApplicationReplaceThatOfTheLibrary() {
		this.guarded.withUserConfiguration(Two.class, TwoStores.class)
			.withPropertyValues("idempotency.store=usual")
			.run((context) -> {
				assertThat(context).doesNotHaveBean("jdbcIdempotencyStore");
				assertThatRecordsAreIn(context, "orders", "usual");
			});
		this.guarded.withUserConfiguration(Two.class, TwoStores.class)
			.withPropertyValues("idempotency.store=usual", "idempotency.operations.greet.store=old")
			.run((context) -> assertThatRecordsAreIn(context, "archive", "old"));
	}

	@Test
	void markIsForInjectionToo() {
		this.bare.withUserConfiguration(MarkedOrders.class, Reports.class)
			.run((context) -> assertThat(context.getBean(Reports.class).dataSource)
				.isSameAs(context.getBean("orders")));
	}

	private static void assertThatRecordsAreIn(AssertableApplicationContext context, String dataSource, String store) {
		assertThat(greet(context).store().name()).isEqualTo(store);
		Greetings greetings = context.getBean(Greetings.class);
		assertThat(greetings.greet("Ada")).isEqualTo(greetings.greet("Ada"));
		assertThat(greetings.runs()).isOne();
		context.getBeansOfType(DataSource.class)
			.forEach((name, bean) -> assertThat(tables(bean)).as(name).isEqualTo(name.equals(dataSource) ? 1 : 0));
		assertThat(count(context, dataSource, "idempotency_record")).isOne();
	}

	private static Integer tables(DataSource dataSource) {
		return new JdbcTemplate(dataSource).queryForObject(
				"SELECT count(*) FROM information_schema.tables WHERE lower(table_name) = 'idempotency_record'",
				Integer.class);
	}

	private static Integer count(AssertableApplicationContext context, String dataSource, String table) {
		return new JdbcTemplate(context.getBean(dataSource, DataSource.class))
			.queryForObject("SELECT count(*) FROM " + table, Integer.class);
	}

	private static OperationSpec greet(AssertableApplicationContext context) {
		return spec(context, Greetings.class, "greet");
	}

	private static TransactionMode mode(AssertableApplicationContext context, String method) {
		return spec(context, Ledgers.class, method).modeOfItsOwn();
	}

	private static OperationSpec spec(AssertableApplicationContext context, Class<?> type, String method) {
		assertThat(context).hasNotFailed();
		return context.getBean(MethodOperations.class)
			.of(ReflectionUtils.findMethod(type, method, String.class), type)
			.spec();
	}

	private static Throwable rootCause(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		return NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure());
	}

	private static DataSource h2() {
		return new EmbeddedDatabaseBuilder().setType(EmbeddedDatabaseType.H2).generateUniqueName(true).build();
	}

	private static LocalContainerEntityManagerFactoryBean unit(String name, DataSource dataSource) {
		LocalContainerEntityManagerFactoryBean unit = new LocalContainerEntityManagerFactoryBean();
		unit.setDataSource(dataSource);
		unit.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
		unit.setPersistenceUnitName(name);
		unit.setPackagesToScan("none");
		return unit;
	}

	@Configuration(proxyBeanMethods = false)
	static class Two {

		@Bean
		DataSource orders() {
			return h2();
		}

		@Bean
		DataSource archive() {
			return h2();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Archive {

		@Bean
		DataSource archive() {
			return h2();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Archive.class)
	static class PrimaryOrders {

		@Bean
		@Primary
		DataSource orders() {
			return h2();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Archive.class)
	static class MarkedOrders {

		@Bean
		@IdempotencyDataSource
		DataSource orders() {
			return h2();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MarkedOrdersBesidePrimary {

		@Bean
		@IdempotencyDataSource
		DataSource orders() {
			return h2();
		}

		@Bean
		@Primary
		DataSource archive() {
			return h2();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Archive.class)
	static class MarkedOrdersNoDefaultCandidate {

		@Bean(defaultCandidate = false)
		@IdempotencyDataSource
		DataSource orders() {
			return h2();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BothMarked {

		@Bean
		@IdempotencyDataSource
		DataSource orders() {
			return h2();
		}

		@Bean
		@IdempotencyDataSource
		DataSource archive() {
			return h2();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoStores {

		@Bean
		SqlIdempotencyStore usual(DataSource orders) {
			return SqlIdempotencyStore.on(orders).name("usual").build();
		}

		@Bean
		SqlIdempotencyStore old(DataSource archive) {
			return SqlIdempotencyStore.on(archive).name("old").build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Managers {

		@Bean
		DataSourceTransactionManager ordersManager(@IdempotencyDataSource DataSource orders) {
			return new DataSourceTransactionManager(orders);
		}

		@Bean
		DataSourceTransactionManager archiveManager(DataSource archive) {
			return new DataSourceTransactionManager(archive);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ArchiveUnit {

		@Bean
		LocalContainerEntityManagerFactoryBean archiveUnit(DataSource archive) {
			return unit("archive", archive);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(ArchiveUnit.class)
	static class TwoUnits {

		@Bean
		LocalContainerEntityManagerFactoryBean ordersUnit(DataSource orders) {
			return unit("orders", orders);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UnitsOnOne {

		@Bean
		DataSource orders() {
			return h2();
		}

		@Bean
		LocalContainerEntityManagerFactoryBean firstUnit(DataSource orders) {
			return unit("first", orders);
		}

		@Bean
		LocalContainerEntityManagerFactoryBean secondUnit(DataSource orders) {
			return unit("second", orders);
		}

	}

	static class Reports {

		private final DataSource dataSource;

		Reports(@IdempotencyDataSource DataSource dataSource) {
			this.dataSource = dataSource;
		}

	}

	static class Ledgers {

		private final AtomicInteger runs = new AtomicInteger();

		private final JdbcTemplate orders;

		private final JdbcTemplate archive;

		Ledgers(DataSource orders, DataSource archive) {
			this.orders = new JdbcTemplate(orders);
			this.archive = new JdbcTemplate(archive);
		}

		int runs() {
			return this.runs.get();
		}

		@Idempotent(key = "#id", operation = "on-orders")
		@Transactional("ordersManager")
		String onOrders(String id) {
			this.orders.update("INSERT INTO ledger VALUES (?)", id);
			return "orders " + this.runs.incrementAndGet();
		}

		@Idempotent(key = "#id", operation = "on-archive")
		@Transactional("archiveManager")
		String onArchive(String id) {
			this.archive.update("INSERT INTO ledger VALUES (?)", id);
			return "archive " + this.runs.incrementAndGet();
		}

	}

}
