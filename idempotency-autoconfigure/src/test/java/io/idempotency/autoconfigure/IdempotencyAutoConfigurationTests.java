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

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.idempotency.Idempotency;
import io.idempotency.Idempotent;
import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.TransactionMode;
import io.idempotency.codec.Jackson2OutcomeCodec;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.codec.OutcomeCodec;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.engine.OnStoreFailure;
import io.idempotency.engine.OperationSpec;
import io.idempotency.key.Window;
import io.idempotency.maintenance.ExpiredRecordPurge;
import io.idempotency.method.MethodOperations;
import io.idempotency.observation.ObservingListener;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.jpa.JpaIdempotencyStore;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.store.redis.RedisIdempotencyStore;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.test.servers.RedisServer;
import io.idempotency.test.servers.TcpProxy;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import jakarta.persistence.EntityManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.aop.Advisor;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.Ordered;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@ExtendWith(OutputCaptureExtension.class)
class IdempotencyAutoConfigurationTests {

	private final ApplicationContextRunner bare = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(IdempotencyAutoConfiguration.class,
				IdempotencyDisabledAutoConfiguration.class, IdempotencyJdbcAutoConfiguration.class,
				IdempotencyJpaAutoConfiguration.class, IdempotencySqlAutoConfiguration.class,
				IdempotencyRedisAutoConfiguration.class, JacksonAutoConfiguration.class));

	private final ApplicationContextRunner guarded = this.bare.withUserConfiguration(GuardedConfiguration.class);

	@Test
	void nothingGuardedNeedsNoStore() {
		this.bare.run((context) -> assertThat(context).hasNotFailed()
			.hasSingleBean(Idempotency.class)
			.hasSingleBean(IdempotencyEngine.class)
			.hasSingleBean(Advisor.class));
	}

	@Test
	void somethingGuardedNeedsAStoreAndMemoryIsNeverTakenSilently() {
		this.guarded.run((context) -> assertThat(rootCause(context)).isInstanceOf(NoStoreException.class));
	}

	@Test
	void memoryIsUsedWhereItIsChosen() {
		this.guarded.withPropertyValues("idempotency.store=memory").run((context) -> {
			assertThat(storeOfGreet(context)).isInstanceOf(MemoryIdempotencyStore.class);
			assertRunsOnce(context);
		});
	}

	@Test
	void onlyDurableStoreIsUsed() {
		redis(this.guarded).run((context) -> {
			assertThat(storeOfGreet(context)).isInstanceOf(RedisIdempotencyStore.class);
			assertThat(context).doesNotHaveBean(SqlIdempotencyStore.class);
		});
		jpa(this.guarded).run((context) -> {
			assertThat(storeOfGreet(context).name()).isEqualTo("jpa");
			assertThat(context).doesNotHaveBean(RedisIdempotencyStore.class);
			assertRunsOnce(context);
		});
	}

	@Test
	void severalStoresNeedAChoice() {
		jpa(redis(this.guarded))
			.run((context) -> assertThat(rootCause(context)).isInstanceOfSatisfying(SeveralStoresException.class,
					(ex) -> assertThat(ex.getNames()).containsExactlyInAnyOrder("jpa", "redis")));
		jpa(redis(this.bare)).run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@CsvSource({ "redis, redis", "jpa, jpa", "jdbc, jdbc", "memory, memory", "redisIdempotencyStore, redis",
			"jpaIdempotencyStore, jpa", "jdbcIdempotencyStore, jdbc" })
	void storeIsChosenByItsNameOrThatOfItsBean(String chosen, String name) {
		jpa(redis(this.guarded)).withPropertyValues("idempotency.store=" + chosen)
			.run((context) -> assertThat(storeOfGreet(context).name()).isEqualTo(name));
	}

	@Test
	void storeOfTheApplicationIsUsedAndNamedByItsBean() {
		this.guarded.withBean("archive", MemoryIdempotencyStore.class, MemoryIdempotencyStore::new)
			.withPropertyValues("idempotency.store=archive")
			.run((context) -> assertThat(storeOfGreet(context)).isSameAs(context.getBean("archive")));
	}

	@Test
	void unknownStoreFailsWithTheKnownOnes() {
		jpa(this.guarded).withPropertyValues("idempotency.store=mongo")
			.run((context) -> assertThat(rootCause(context)).isInstanceOfSatisfying(UnknownStoreException.class,
					(ex) -> {
						assertThat(ex.getName()).isEqualTo("mongo");
						assertThat(ex.getKnown()).containsExactlyInAnyOrder("jdbc", "jpa", "memory");
					}));
	}

	@Test
	void unknownStoreFailsAlsoWhereNothingIsGuardedOrEverythingHasAnotherStore() {
		this.bare.withPropertyValues("idempotency.store=mongo")
			.run((context) -> assertThat(rootCause(context)).isInstanceOf(UnknownStoreException.class));
		this.bare.withUserConfiguration(InMemoryConfiguration.class)
			.withPropertyValues("idempotency.store=mongo")
			.run((context) -> assertThat(rootCause(context)).isInstanceOf(UnknownStoreException.class));
	}

	@Test
	void unknownStoreOfAnOperationThatHasNoMethodFails() {
		this.guarded
			.withPropertyValues("idempotency.store=memory", "idempotency.operations.import.programmatic=true",
					"idempotency.operations.import.store=mongo")
			.run((context) -> assertThat(rootCause(context)).isInstanceOfSatisfying(UnknownStoreException.class,
					(ex) -> assertThat(ex.getName()).isEqualTo("mongo")));
	}

	@Test
	void storeThatNoOperationUsesIsFoundWithoutBeingAsked() {
		jpa(this.bare).withUserConfiguration(InMemoryConfiguration.class)
			.withPropertyValues("idempotency.store=jpa")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(tables(context)).isZero();
			});
	}

	@Test
	void sliceKeepsInMemoryWhatBelongsToAStoreThatIsNotThere(CapturedOutput output) {
		slice(this.guarded).withUserConfiguration(OnRedisConfiguration.class)
			.withPropertyValues("idempotency.store=redis")
			.run((context) -> {
				assertThat(storeOfGreet(context)).isInstanceOf(MemoryIdempotencyStore.class);
				assertThat(spec(context, OnRedis.class, "work").store()).isSameAs(storeOfGreet(context));
				assertRunsOnce(context);
			});

		assertThat(output.getAll()).containsOnlyOnce("This test slice has no store 'redis'");
	}

	@Test
	void sliceWarnsOfEachNameThatIsNotThere(CapturedOutput output) {
		slice(this.guarded)
			.withPropertyValues("idempotency.store=redsi", "idempotency.operations.greet.store=archive",
					"idempotency.operations.import.programmatic=true", "idempotency.operations.import.store=mongo")
			.run((context) -> {
				AtomicInteger runs = new AtomicInteger();
				assertRunsOnce(context);
				context.getBean(Idempotency.class).call("import", "k").run(runs::incrementAndGet);
				context.getBean(Idempotency.class).call("other", "k").run(runs::incrementAndGet);
				assertThat(runs).hasValue(2);
			});

		assertThat(output.getAll()).containsOnlyOnce("This test slice has no store 'archive'")
			.containsOnlyOnce("This test slice has no store 'mongo'")
			.containsOnlyOnce("This test slice has no store 'redsi'");
	}

	@Test
	void sliceInWhichNothingIsGuardedStartsWithAStoreThatIsNotThere() {
		slice(this.bare).withPropertyValues("idempotency.store=redis")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void sliceUsesTheStoreThatIsNamedWhereItIsThere() {
		jpa(slice(this.guarded)).withPropertyValues("idempotency.store=jpa")
			.run((context) -> assertThat(storeOfGreet(context).name()).isEqualTo("jpa"));
	}

	@Test
	void sliceDoesNotMissTheMethodsThatItLeavesOut() {
		slice(this.guarded).withPropertyValues("idempotency.operations.work.ttl=1h")
			.run((context) -> assertRunsOnce(context));
	}

	@Test
	void operationMayHaveAStoreOfItsOwn() {
		jpa(this.guarded).withUserConfiguration(InMemoryConfiguration.class)
			.withPropertyValues("idempotency.operations.greet.store=memory")
			.run((context) -> {
				assertThat(storeOfGreet(context).name()).isEqualTo("memory");
				assertThat(spec(context, InMemory.class, "work").store().name()).isEqualTo("memory");
			});
	}

	@Test
	void storeThatNobodyUsesIsNotAsked() {
		jpa(this.guarded).withPropertyValues("idempotency.store=memory")
			.run((context) -> assertThat(tables(context)).isZero());
	}

	@Test
	void storeThatNobodyUsesNeedNotBeSupported() {
		jpa(this.guarded).withBean(OtherProduct.class)
			.withPropertyValues("idempotency.store=memory", "spring.flyway.enabled=false",
					"spring.jpa.database-platform=org.hibernate.dialect.H2Dialect")
			.run((context) -> assertRunsOnce(context));
	}

	@Test
	void applicationThatGuardsNothingStartsOnADatabaseThatIsNotSupported() {
		jpa(this.bare).withBean(OtherProduct.class)
			.withPropertyValues("spring.flyway.enabled=false",
					"spring.jpa.database-platform=org.hibernate.dialect.H2Dialect")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void everythingBacksOffForBeansOfTheApplication() {
		jpa(redis(this.guarded)).withUserConfiguration(OwnBeans.class)
			.withPropertyValues("idempotency.store=memory")
			.run((context) -> {
				assertThat(context).getBean(MemoryIdempotencyStore.class).isSameAs(context.getBean("ownMemory"));
				assertThat(context).getBean(SqlIdempotencyStore.class).isSameAs(context.getBean("ownSql"));
				assertThat(context).getBean(RedisIdempotencyStore.class).isSameAs(context.getBean("ownRedis"));
				assertThat(context).getBean(OutcomeCodec.class).isSameAs(context.getBean("ownCodec"));
				assertThat(context).getBean(IdempotencyEngine.class).isSameAs(context.getBean("ownEngine"));
				assertThat(context).getBean(Idempotency.class).isSameAs(context.getBean("ownFacade"));
				assertThat(context).getBean(ExpiredRecordPurge.class).isSameAs(context.getBean("ownPurge"));
				assertThat(context).getBean(ObservingListener.class).isSameAs(context.getBean("ownListener"));
				assertRunsOnce(context);
			});
	}

	@Test
	void clockOfTheApplicationDecidesWindows() {
		Clock clock = Clock.tick(Clock.systemUTC(), Duration.ofDays(1));
		this.guarded.withBean(Clock.class, () -> clock)
			.withPropertyValues("idempotency.store=memory", "idempotency.operations.greet.window=1d")
			.run((context) -> assertRunsOnce(context));
	}

	@Test
	void disabledLeavesNothing(CapturedOutput output) {
		jpa(redis(this.guarded)).withBean(ObservationRegistry.class, TestObservationRegistry::create)
			.withPropertyValues("idempotency.enabled=false")
			.run((context) -> {
				assertThat(context).doesNotHaveBean("idempotencyAdvisor")
					.doesNotHaveBean("idempotencyInnerAdvice")
					.doesNotHaveBean(IdempotencyStore.class)
					.doesNotHaveBean(IdempotencyEngine.class)
					.doesNotHaveBean(ExpiredRecordPurge.class)
					.doesNotHaveBean(OperationsAtStartup.class)
					.doesNotHaveBean(ObservingListener.class);
				assertThat(tables(context)).isZero();
				Greetings greetings = context.getBean(Greetings.class);
				assertThat(AopUtils.isAopProxy(greetings)).isFalse();
				greetings.greet("Ada");
				greetings.greet("Ada");
				assertThat(greetings.runs()).isEqualTo(2);
			});
		assertThat(output).contains("idempotency.enabled=false");
	}

	@Test
	void disabledFacadeRunsEverything() {
		this.bare.withPropertyValues("idempotency.enabled=false").run((context) -> {
			Idempotency facade = context.getBean(Idempotency.class);
			AtomicInteger runs = new AtomicInteger();
			for (int i = 0; i < 2; i++) {
				int answer = facade.call("charge", "k")
					.ttl(Duration.ofHours(1))
					.execute(Integer.class, runs::incrementAndGet);
				assertThat(answer).isEqualTo(i + 1);
				facade.call("charge", "k").run(runs::get);
			}
			assertThat(facade.resolve("charge", "k").runAgain()).isFalse();
		});
	}

	@Test
	void unknownOperationFailsWithTheKnownOnes() {
		this.guarded.withPropertyValues("idempotency.store=memory", "idempotency.operations.gret.ttl=1h")
			.run((context) -> assertThat(rootCause(context)).isInstanceOfSatisfying(UnknownOperationException.class,
					(ex) -> {
						assertThat(ex.getName()).isEqualTo("gret");
						assertThat(ex.getKnown()).containsExactly("greet");
					}));
	}

	@Test
	void programmaticOperationNeedsNoMethod() {
		this.guarded
			.withPropertyValues("idempotency.store=memory", "idempotency.operations.import.programmatic=true",
					"idempotency.operations.import.on-concurrent=reject")
			.run((context) -> {
				AtomicInteger runs = new AtomicInteger();
				Idempotency facade = context.getBean(Idempotency.class);
				for (int i = 0; i < 2; i++) {
					facade.call("import", "k").run(runs::incrementAndGet);
				}
				assertThat(runs).hasValue(1);
			});
	}

	@Test
	void propertiesOfAllOperationsReachThem() {
		this.guarded
			.withPropertyValues("idempotency.store=memory", "idempotency.ttl=36h", "idempotency.failure-ttl=90s",
					"idempotency.abandoned-ttl=9d", "idempotency.lease=12s", "idempotency.on-concurrent=reject",
					"idempotency.wait-timeout=3s", "idempotency.on-unknown=hold",
					"idempotency.on-store-failure=proceed", "idempotency.zone=Europe/Berlin")
			.run((context) -> {
				OperationSpec spec = spec(context, Greetings.class, "greet");
				assertThat(spec.ttl()).isEqualTo(Duration.ofHours(36));
				assertThat(spec.failureTtl()).isEqualTo(Duration.ofSeconds(90));
				assertThat(spec.abandonedTtl()).isEqualTo(Duration.ofDays(9));
				assertThat(spec.lease()).isEqualTo(Duration.ofSeconds(12));
				assertThat(spec.onConcurrent()).isEqualTo(OnConcurrent.REJECT);
				assertThat(spec.waitTimeout()).isEqualTo(Duration.ofSeconds(3));
				assertThat(spec.onUnknown()).isEqualTo(OnUnknown.HOLD);
				assertThat(spec.onStoreFailure()).isEqualTo(OnStoreFailure.PROCEED);
				assertThat(spec.zone()).isEqualTo(ZoneId.of("Europe/Berlin"));
			});
	}

	@Test
	void propertiesOfOneOperationOverrideItsAnnotationAndTheGlobalOnes() {
		this.guarded.withUserConfiguration(InMemoryConfiguration.class)
			.withPropertyValues("idempotency.store=memory", "idempotency.ttl=36h", "idempotency.lease=12s",
					"idempotency.operations.work.ttl=2h", "idempotency.operations.work.failure-ttl=5s",
					"idempotency.operations.work.abandoned-ttl=4d", "idempotency.operations.work.lease=7s",
					"idempotency.operations.work.wait-timeout=1s", "idempotency.operations.work.window=6h",
					"idempotency.operations.work.zone=Asia/Tokyo", "idempotency.operations.work.on-concurrent=wait",
					"idempotency.operations.work.on-unknown=hold",
					"idempotency.operations.work.on-store-failure=proceed",
					"idempotency.operations.work.remember-failures=java.lang.IllegalStateException",
					"idempotency.operations.work.safe-to-retry=java.io.IOException",
					"idempotency.operations.work.transaction=separate")
			.run((context) -> {
				OperationSpec spec = spec(context, InMemory.class, "work");
				assertThat(spec.ttl()).isEqualTo(Duration.ofHours(2));
				assertThat(spec.failureTtl()).isEqualTo(Duration.ofSeconds(5));
				assertThat(spec.abandonedTtl()).isEqualTo(Duration.ofDays(4));
				assertThat(spec.lease()).isEqualTo(Duration.ofSeconds(7));
				assertThat(spec.waitTimeout()).isEqualTo(Duration.ofSeconds(1));
				assertThat(spec.window()).isEqualTo(Window.parse("6h"));
				assertThat(spec.zone()).isEqualTo(ZoneId.of("Asia/Tokyo"));
				assertThat(spec.onConcurrent()).isEqualTo(OnConcurrent.WAIT);
				assertThat(spec.onUnknown()).isEqualTo(OnUnknown.HOLD);
				assertThat(spec.onStoreFailure()).isEqualTo(OnStoreFailure.PROCEED);
				assertThat(spec.rememberFailures()).isEqualTo(List.of(IllegalStateException.class));
				assertThat(spec.safeToRetry()).isEqualTo(List.of(IOException.class));
				assertThat(spec.transaction()).isEqualTo(TransactionMode.SEPARATE);
				assertThat(spec(context, Greetings.class, "greet").ttl()).isEqualTo(Duration.ofHours(36));
			});
	}

	@Test
	void defaultKeyCanBeForbidden() {
		this.guarded.withUserConfiguration(InMemoryConfiguration.class)
			.withPropertyValues("idempotency.store=memory", "idempotency.default-key=forbid")
			.run((context) -> assertThat(rootCause(context)).isInstanceOf(InvalidOperationException.class)
				.hasMessageContaining("'work'"));
	}

	@Test
	void orderOfTheAdvisorIsAProperty() {
		this.bare.run((context) -> assertThat(order(context)).isEqualTo(Ordered.LOWEST_PRECEDENCE - 100));
		this.bare.withPropertyValues("idempotency.order=42").run((context) -> assertThat(order(context)).isEqualTo(42));
	}

	@Test
	void redisThatCannotBeReachedIsOneWarningAndNoFailure(CapturedOutput output) {
		RedisServer server = RedisServer.launch();
		server.close();

		redis(this.guarded).withPropertyValues("spring.data.redis.url=" + server.url())
			.run((context) -> assertThat(storeOfGreet(context)).isInstanceOf(RedisIdempotencyStore.class));

		assertThat(output.getAll()).containsOnlyOnce("Redis did not answer at start-up")
			.contains("IdempotencyStoreUnavailableException until it does");
	}

	@Test
	void redisThatStallsAtStartUpIsOneWarningAndNoFailure(CapturedOutput output) throws IOException {
		RedisServer server = RedisServer.shared();
		try (TcpProxy proxy = TcpProxy.to(server.host(), server.port())) {
			proxy.freeze();

			redis(this.guarded)
				.withPropertyValues("spring.data.redis.url=redis://" + server.host() + ":" + proxy.port(),
						"spring.data.redis.timeout=500ms", "spring.data.redis.connect-timeout=500ms")
				.run((context) -> assertThat(context).hasNotFailed());
		}

		assertThat(output.getAll()).containsOnlyOnce("Redis did not answer at start-up");
	}

	@Test
	void prefixOfRedisKeysIsAProperty() {
		String prefix = "prefix-" + System.nanoTime() + ":";
		redis(this.guarded).withPropertyValues("idempotency.redis.key-prefix=" + prefix).run((context) -> {
			assertRunsOnce(context);
			try (var connection = context.getBean(RedisConnectionFactory.class).getConnection()) {
				assertThat(connection.keyCommands().keys((prefix + "*").getBytes())).hasSize(1);
			}
		});
	}

	@Test
	void tableIsAProperty() {
		jpa(this.guarded).withPropertyValues("idempotency.sql.table=calls").run((context) -> {
			assertRunsOnce(context);
			JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));
			assertThat(jdbc.queryForObject("select count(*) from calls", Integer.class)).isEqualTo(1);
		});
	}

	@Test
	void purgeCanBeTurnedOff() {
		this.guarded.withPropertyValues("idempotency.store=memory")
			.run((context) -> assertThat(context).hasSingleBean(ExpiredRecordPurge.class));
		this.guarded.withPropertyValues("idempotency.store=memory", "idempotency.sql.purge.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(ExpiredRecordPurge.class));
		this.guarded.withPropertyValues("idempotency.store=memory", "idempotency.sql.purge.batch-size=0")
			.run((context) -> assertThat(rootCause(context)).hasMessageContaining("idempotency.sql.purge"));
	}

	@Test
	void whatIsGuardedIsPrintedAtStart(CapturedOutput output) {
		this.guarded.withPropertyValues("idempotency.store=memory", "idempotency.operations.greet.window=1d")
			.run((context) -> assertThat(output.getOut()).contains("Idempotent operations:")
				.containsPattern("greet +key expression +memory +separate +PT24H +1d +retry"));
	}

	@Test
	void observesWhereThereIsARegistry() {
		this.bare.run((context) -> assertThat(context).doesNotHaveBean(ObservingListener.class));
		this.bare.withBean(ObservationRegistry.class, TestObservationRegistry::create)
			.run((context) -> assertThat(context).hasSingleBean(ObservingListener.class));
		this.bare.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("idempotencyObservingListener"));
	}

	@Test
	void storesNeedTheirLibraries() {
		redis(this.bare).withClassLoader(new FilteredClassLoader(RedisConnectionFactory.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("redisIdempotencyStore"));
		jpa(this.bare)
			.withClassLoader(new FilteredClassLoader("jakarta.persistence", "org.hibernate", "org.springframework.orm"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("jpaIdempotencyStore"));
	}

	@Test
	void codecFollowsTheMapperBean() {
		this.bare
			.run((context) -> assertThat(context).getBean(OutcomeCodec.class).isInstanceOf(Jackson3OutcomeCodec.class));
		ApplicationContextRunner withoutMapper = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(IdempotencyAutoConfiguration.class));
		withoutMapper
			.run((context) -> assertThat(context).getBean(OutcomeCodec.class).isInstanceOf(Jackson3OutcomeCodec.class));
		withoutMapper.withBean(com.fasterxml.jackson.databind.ObjectMapper.class)
			.run((context) -> assertThat(context).getBean(OutcomeCodec.class).isInstanceOf(Jackson2OutcomeCodec.class));
	}

	@Test
	void invalidDurationsAndNamesFailAtStart() {
		this.guarded.withPropertyValues("idempotency.store=memory", "idempotency.lease=10ms")
			.run((context) -> assertThat(rootCause(context)).isInstanceOf(InvalidOperationException.class)
				.hasMessageContaining("lease"));
		this.guarded.withPropertyValues("idempotency.store=memory", "idempotency.operations.greet.window=7m")
			.run((context) -> assertThat(context).hasFailed());
		jpa(this.guarded).withPropertyValues("idempotency.sql.table=x; drop table y")
			.run((context) -> assertThat(context).hasFailed());
	}

	private static void assertRunsOnce(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		Greetings greetings = context.getBean(Greetings.class);
		String first = greetings.greet("Ada");
		assertThat(greetings.greet("Ada")).isEqualTo(first).isEqualTo("Hello Ada, run 1");
		assertThat(greetings.runs()).isEqualTo(1);
	}

	private static Throwable rootCause(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		return NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure());
	}

	private static IdempotencyStore storeOfGreet(AssertableApplicationContext context) {
		return spec(context, Greetings.class, "greet").store();
	}

	private static OperationSpec spec(AssertableApplicationContext context, Class<?> type, String method) {
		assertThat(context).hasNotFailed();
		return context.getBean(MethodOperations.class)
			.of(ReflectionUtils.findMethod(type, method, String.class), type)
			.spec();
	}

	private static int order(AssertableApplicationContext context) {
		return ((Ordered) context.getBean(Advisor.class)).getOrder();
	}

	private static int tables(AssertableApplicationContext context) {
		return new JdbcTemplate(context.getBean(DataSource.class)).queryForObject(
				"select count(*) from information_schema.tables where lower(table_name) like 'idempotency%'",
				Integer.class);
	}

	private static ApplicationContextRunner redis(ApplicationContextRunner runner) {
		RedisServer server = RedisServer.shared();
		return runner.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class))
			.withPropertyValues("spring.data.redis.url=" + server.url());
	}

	private static ApplicationContextRunner slice(ApplicationContextRunner runner) {
		return runner.withConfiguration(AutoConfigurations.of(IdempotencySliceAutoConfiguration.class));
	}

	private static ApplicationContextRunner jpa(ApplicationContextRunner runner) {
		return runner.withConfiguration(
				AutoConfigurations.of(DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class,
						TransactionAutoConfiguration.class, FlywayAutoConfiguration.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class GuardedConfiguration {

		@Bean
		Greetings greetings() {
			return new Greetings();
		}

	}

	static class InMemory {

		@Idempotent(operation = "work", store = "memory", ttl = "1h", onConcurrent = OnConcurrent.REJECT)
		String work(String argument) {
			return argument;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InMemoryConfiguration {

		@Bean
		InMemory inMemory() {
			return new InMemory();
		}

	}

	static class OnRedis {

		@Idempotent(operation = "work-on-redis", store = "redis", ttl = "1h")
		String work(String argument) {
			return argument;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OnRedisConfiguration {

		@Bean
		OnRedis onRedis() {
			return new OnRedis();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBeans {

		@Bean
		MemoryIdempotencyStore ownMemory() {
			return new MemoryIdempotencyStore();
		}

		@Bean
		SqlIdempotencyStore ownSql(EntityManagerFactory entityManagerFactory) {
			return JpaIdempotencyStore.on(entityManagerFactory).table("own").build();
		}

		@Bean
		RedisIdempotencyStore ownRedis(RedisConnectionFactory connectionFactory) {
			return new RedisIdempotencyStore(connectionFactory, "own:");
		}

		@Bean
		OutcomeCodec ownCodec() {
			return new Jackson2OutcomeCodec(new com.fasterxml.jackson.databind.ObjectMapper());
		}

		@Bean
		IdempotencyEngine ownEngine(OutcomeCodec codec) {
			return new IdempotencyEngine(codec, List.of(), false);
		}

		@Bean
		Idempotency ownFacade() {
			return new UnguardedIdempotency();
		}

		@Bean
		ExpiredRecordPurge ownPurge() {
			return new ExpiredRecordPurge(List::of, Duration.ofDays(1), 1, Duration.ZERO);
		}

		@Bean
		ObservationRegistry registry() {
			return TestObservationRegistry.create();
		}

		@Bean
		ObservingListener ownListener(ObservationRegistry registry) {
			return new ObservingListener(registry);
		}

	}

}
