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
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import javax.sql.DataSource;

import io.idempotency.Idempotent;
import io.idempotency.TransactionMode;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyRedisAutoConfiguration;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.engine.OperationSpec;
import io.idempotency.method.MethodOperations;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.test.servers.RedisServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A mode that cannot hold stops the start, with what to do; AUTO takes the one that can.
 */
@ExtendWith(OutputCaptureExtension.class)
class TransactionModesAtStartupTests {

	private static final String ATOMIC = "idempotency.operations.pay.transaction=atomic";

	private static final String JOINED = "idempotency.operations.pay.transaction=joined";

	private final ApplicationContextRunner withoutStore = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, TransactionAutoConfiguration.class,
				IdempotencyAutoConfiguration.class, IdempotencyRedisAutoConfiguration.class))
		.withUserConfiguration(OneDatabase.class);

	private final ApplicationContextRunner onJdbc = this.withoutStore.withUserConfiguration(RecordsInIt.class);

	@Test
	void storeThatIsNotTheDatabase() {
		ApplicationContextRunner onRedis = this.withoutStore.withBean(Payments.class)
			.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class))
			.withPropertyValues("idempotency.store=redis", "spring.data.redis.url=" + RedisServer.shared().url());

		assertRefused(onRedis.withPropertyValues(ATOMIC), "transaction=ATOMIC, but its store 'redis'",
				"store jpa or jdbc");
		assertRefused(onRedis.withPropertyValues(JOINED), "transaction=JOINED, but its store 'redis'",
				"store jpa or jdbc");
		assertMode(onRedis, TransactionMode.SEPARATE);
	}

	@Test
	void transactionThatIsNotThere() {
		ApplicationContextRunner bare = this.onJdbc.withBean(WithoutTransaction.class);

		assertRefused(bare.withPropertyValues(ATOMIC), "opens no transaction", "@Transactional");
		assertMode(bare.withPropertyValues(JOINED), TransactionMode.JOINED);
		assertMode(bare, TransactionMode.SEPARATE);
	}

	@Test
	void transactionThatIsTheCallersOnly() {
		assertRefused(this.onJdbc.withBean(Supporting.class).withPropertyValues(ATOMIC), "opens no transaction",
				"REQUIRED or REQUIRES_NEW");
		assertMode(this.onJdbc.withBean(Supporting.class), TransactionMode.SEPARATE);
	}

	@Test
	void transactionThatIsLeft() {
		ApplicationContextRunner leaving = this.onJdbc.withBean(Leaving.class);

		assertRefused(leaving.withPropertyValues(ATOMIC), "opens no transaction", "@Transactional");
		assertRefused(leaving.withPropertyValues(JOINED), "no transaction at all", "Change the propagation");
		assertMode(leaving, TransactionMode.SEPARATE);
	}

	@Test
	void transactionThatOnlyReads() {
		ApplicationContextRunner reading = this.onJdbc.withBean(Reading.class);

		assertRefused(reading.withPropertyValues(ATOMIC), "read-only", "Remove readOnly");
		assertRefused(reading.withPropertyValues(JOINED), "read-only", "Remove readOnly");
		assertMode(reading, TransactionMode.SEPARATE);
	}

	@Test
	void workThatOutlivesItsTransaction() {
		ApplicationContextRunner asynchronous = this.onJdbc.withBean(Asynchronous.class);

		assertRefused(asynchronous.withPropertyValues(ATOMIC), "goes on after its transaction", "Return the value");
		assertRefused(asynchronous.withPropertyValues(JOINED), "goes on after its transaction", "Return the value");
		assertMode(asynchronous, TransactionMode.SEPARATE);
	}

	@Test
	void rememberedFailuresThatARollbackTakesAlong() {
		ApplicationContextRunner remembering = this.onJdbc.withBean(Remembering.class);

		assertRefused(remembering.withPropertyValues(JOINED), "remembers failures", "use ATOMIC");
		assertMode(remembering.withPropertyValues(ATOMIC), TransactionMode.ATOMIC);
	}

	@Test
	void snapshotWithoutATimeout(CapturedOutput output) {
		ApplicationContextRunner snapshot = this.onJdbc.withBean(Snapshot.class);

		assertRefused(snapshot.withPropertyValues(ATOMIC), "above READ COMMITTED and it has no time-out",
				"@Transactional(timeout");
		assertThat(output).doesNotContain("is not renewed");
		assertMode(snapshot, TransactionMode.ATOMIC);
		assertThat(output).contains("'pay' runs in a transaction above READ COMMITTED without a time-out")
			.contains("is not renewed");
	}

	@Test
	void leaseOfASnapshotLastsAsLongAsItsTransactionMay() {
		this.onJdbc.withBean(SnapshotWithTimeout.class)
			.withPropertyValues(ATOMIC)
			.run((context) -> assertThat(spec(context, SnapshotWithTimeout.class).lease())
				.isEqualTo(Duration.ofSeconds(90)));
		this.onJdbc.withBean(SnapshotWithTimeout.class)
			.withPropertyValues(ATOMIC, "idempotency.lease=5m")
			.run((context) -> assertThat(spec(context, SnapshotWithTimeout.class).lease())
				.isEqualTo(Duration.ofMinutes(5)));
	}

	@Test
	void timeoutOfTheManagerCounts() {
		this.onJdbc.withBean(Snapshot.class)
			.withPropertyValues(ATOMIC, "test.default-timeout=120")
			.run((context) -> assertThat(spec(context, Snapshot.class).lease()).isEqualTo(Duration.ofSeconds(120)));
	}

	@Test
	void managerOfAnotherDatabase() {
		ApplicationContextRunner two = this.onJdbc.withUserConfiguration(AnotherDatabase.class)
			.withBean(Elsewhere.class);

		assertRefused(two.withPropertyValues(ATOMIC), "not on the database of store 'jdbc'", "the store's DataSource");
		assertRefused(two.withPropertyValues(JOINED), "not on the database of store 'jdbc'", "the store's DataSource");
		assertMode(two, TransactionMode.SEPARATE);
		assertMode(this.onJdbc.withUserConfiguration(AnotherDatabase.class)
			.withBean(Here.class)
			.withPropertyValues(ATOMIC), TransactionMode.ATOMIC);
	}

	@Test
	void managerOfAnotherDatabaseThatTheClassNames() {
		ApplicationContextRunner two = this.onJdbc.withUserConfiguration(AnotherDatabase.class)
			.withBean(OfAClassElsewhere.class);

		assertRefused(two.withPropertyValues(ATOMIC), "not on the database of store 'jdbc'", "the store's DataSource");
		assertMode(two, TransactionMode.SEPARATE);
	}

	@Test
	void managerThatIsNoneOfADatabase() {
		ApplicationContextRunner unknown = this.onJdbc.withBean("elsewhere", NoDatabase.class)
			.withBean(Elsewhere.class);

		assertRefused(unknown.withPropertyValues(ATOMIC), NoDatabase.class.getName(), "JTA is not supported");
		assertMode(unknown, TransactionMode.SEPARATE);
	}

	@Test
	void managersOfWhichNoneIsChosen() {
		ApplicationContextRunner two = this.onJdbc.withUserConfiguration(AnotherDatabase.class)
			.withBean(Payments.class);

		assertRefused(two.withPropertyValues(ATOMIC), "it is not known which transaction manager",
				"Name the manager of the store's DataSource");
		assertRefused(two.withPropertyValues(JOINED), "it is not known which transaction manager",
				"Name the manager of the store's DataSource");
	}

	@Test
	void managerThatDoesNotExist() {
		assertRefused(this.onJdbc.withBean(Elsewhere.class).withPropertyValues(ATOMIC),
				"it is not known which transaction manager", "Name the manager of the store's DataSource");
	}

	@Test
	void modeOfOneOperationReturnsToAutoUnderAnotherModeForAll() {
		ApplicationContextRunner separate = this.onJdbc.withPropertyValues("idempotency.transaction=separate");

		assertMode(separate.withBean(Payments.class), TransactionMode.SEPARATE);
		assertMode(separate.withBean(Auto.class), TransactionMode.ATOMIC);
		assertMode(separate.withBean(Payments.class).withPropertyValues("idempotency.operations.pay.transaction=auto"),
				TransactionMode.ATOMIC);
		assertMode(this.onJdbc.withBean(WithoutTransaction.class)
			.withPropertyValues("idempotency.transaction=joined", "idempotency.operations.pay.transaction=auto"),
				TransactionMode.SEPARATE);
	}

	private static void assertRefused(ApplicationContextRunner runner, String fact, String action) {
		runner.run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis analysis = analysis(context.getStartupFailure());
			assertThat(analysis.getDescription()).startsWith("The idempotent operation 'pay' ").contains(fact);
			assertThat(analysis.getAction()).contains(action);
		});
	}

	private static FailureAnalysis analysis(Throwable failure) {
		assertThat(NestedExceptionUtils.getMostSpecificCause(failure)).isInstanceOf(InvalidOperationException.class);
		List<FailureAnalysis> analyses = SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class, (factoryType, factoryName, ex) -> {
			})
			.stream()
			.filter((analyzer) -> analyzer.getClass().getName().startsWith("io.idempotency."))
			.map((analyzer) -> analyzer.analyze(failure))
			.filter((analysis) -> analysis != null)
			.toList();
		assertThat(analyses).hasSize(1);
		return analyses.get(0);
	}

	private static void assertMode(ApplicationContextRunner runner, TransactionMode mode) {
		runner.run((context) -> {
			assertThat(context).hasNotFailed();
			Class<?> type = context.getBean(Guarded.class).getClass().getSuperclass();
			assertThat(spec(context, type).modeOfItsOwn()).isEqualTo(mode);
		});
	}

	private static OperationSpec spec(ApplicationContext context, Class<?> type) {
		return context.getBean(MethodOperations.class)
			.of(ReflectionUtils.findMethod(type, "pay", String.class), type)
			.spec();
	}

	/** Marks the bean that is asked about. */
	abstract static class Guarded {

	}

	static class Payments extends Guarded {

		@Transactional
		@Idempotent(key = "#key", operation = "pay")
		public String pay(String key) {
			return key;
		}

	}

	static class WithoutTransaction extends Guarded {

		@Idempotent(key = "#key", operation = "pay")
		public String pay(String key) {
			return key;
		}

	}

	static class Supporting extends Guarded {

		@Transactional(propagation = Propagation.SUPPORTS)
		@Idempotent(key = "#key", operation = "pay")
		public String pay(String key) {
			return key;
		}

	}

	static class Leaving extends Guarded {

		@Transactional(propagation = Propagation.NOT_SUPPORTED)
		@Idempotent(key = "#key", operation = "pay")
		public String pay(String key) {
			return key;
		}

	}

	static class Reading extends Guarded {

		@Transactional(readOnly = true)
		@Idempotent(key = "#key", operation = "pay")
		public String pay(String key) {
			return key;
		}

	}

	static class Asynchronous extends Guarded {

		@Transactional
		@Idempotent(key = "#key", operation = "pay")
		public CompletableFuture<String> pay(String key) {
			return CompletableFuture.completedFuture(key);
		}

	}

	static class Remembering extends Guarded {

		@Transactional
		@Idempotent(key = "#key", operation = "pay", rememberFailures = IllegalStateException.class)
		public String pay(String key) {
			return key;
		}

	}

	static class Snapshot extends Guarded {

		@Transactional(isolation = Isolation.REPEATABLE_READ)
		@Idempotent(key = "#key", operation = "pay")
		public String pay(String key) {
			return key;
		}

	}

	static class SnapshotWithTimeout extends Guarded {

		@Transactional(isolation = Isolation.SERIALIZABLE, timeout = 90)
		@Idempotent(key = "#key", operation = "pay")
		public String pay(String key) {
			return key;
		}

	}

	static class Elsewhere extends Guarded {

		@Transactional("elsewhere")
		@Idempotent(key = "#key", operation = "pay")
		public String pay(String key) {
			return key;
		}

	}

	@Qualifier("elsewhere")
	static class OfAClassElsewhere extends Guarded {

		@Transactional
		@Idempotent(key = "#key", operation = "pay")
		public String pay(String key) {
			return key;
		}

	}

	static class Auto extends Guarded {

		@Transactional
		@Idempotent(key = "#key", operation = "pay", transaction = TransactionMode.AUTO)
		public String pay(String key) {
			return key;
		}

	}

	static class Here extends Guarded {

		@Transactional("transactionManager")
		@Idempotent(key = "#key", operation = "pay")
		public String pay(String key) {
			return key;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OneDatabase {

		@Bean
		DataSource dataSource() {
			return database();
		}

		@Bean
		JdbcTransactionManager transactionManager(DataSource dataSource, Environment environment) {
			JdbcTransactionManager manager = new JdbcTransactionManager(dataSource);
			manager.setDefaultTimeout(environment.getProperty("test.default-timeout", Integer.class,
					TransactionDefinition.TIMEOUT_DEFAULT));
			return manager;
		}

		static DataSource database() {
			return new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RecordsInIt {

		@Bean
		SqlIdempotencyStore jdbcIdempotencyStore(DataSource dataSource) {
			SqlIdempotencyStore store = SqlIdempotencyStore.on(dataSource).build();
			store.schema().create();
			return store;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AnotherDatabase {

		@Bean
		JdbcTransactionManager elsewhere() {
			return new JdbcTransactionManager(OneDatabase.database());
		}

	}

	/**
	 * Transactions of something that is no database.
	 */
	@SuppressWarnings("serial")
	static class NoDatabase extends AbstractPlatformTransactionManager {

		@Override
		protected Object doGetTransaction() {
			return this;
		}

		@Override
		protected void doBegin(Object transaction, TransactionDefinition definition) {
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
		}

	}

}
