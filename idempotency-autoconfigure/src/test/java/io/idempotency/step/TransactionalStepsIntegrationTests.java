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

package io.idempotency.step;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.OnUnknown;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.OperationSettings;
import io.idempotency.engine.OperationSpec;
import io.idempotency.step.Attempts.Declined;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.FailureNote;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.Release;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.store.sql.SqlIdempotencyStore;
import io.idempotency.store.sql.SqlTestDatabase;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Steps that commit their effect and their record together.
 */
@ParameterizedClass
@EnumSource(names = { "POSTGRES", "H2", "MARIADB" })
class TransactionalStepsIntegrationTests {

	private static SqlTestDatabase database;

	private static SqlIdempotencyStore store;

	private final DefaultListableBeanFactory beans = new DefaultListableBeanFactory();

	private final List<IdempotencyEngine> engines = new ArrayList<>();

	private final JdbcTemplate jdbc = new JdbcTemplate(database.pool());

	private final String key = UUID.randomUUID().toString();

	private final AtomicReference<@Nullable CommitFault> fault = new AtomicReference<>();

	TransactionalStepsIntegrationTests(Vendor vendor) {
	}

	@BeforeParameterizedClassInvocation
	static void createDatabase(Vendor vendor) {
		database = vendor.create();
		store = database.store();
		database.execute("CREATE TABLE ledger (id VARCHAR(80) NOT NULL PRIMARY KEY)");
	}

	@AfterParameterizedClassInvocation
	static void dropDatabase() throws Exception {
		database.close();
	}

	@BeforeEach
	void registerTheManager() {
		this.beans.registerSingleton("transactionManager", new FaultyManager());
	}

	@AfterEach
	void close() {
		this.engines.forEach(IdempotencyEngine::close);
	}

	@Test
	void effectAndRecordAreCommittedTogether() throws Throwable {
		assertThat(failure((steps) -> {
			debit(steps);
			throw new IllegalStateException("later");
		})).hasMessage("later");

		assertThat(attempt((steps) -> debit(steps).value())).isEqualTo("d-1");
		assertThat(effects("debit")).isEqualTo(1);
	}

	@Test
	void failureRollsTheEffectBackAndTheStepRunsAgain() throws Throwable {
		assertThat(failure((steps) -> steps.step("debit").transactional().run(() -> {
			effect("debit");
			throw new IOException("after the effect");
		}))).isInstanceOf(IOException.class);
		assertThat(effects("debit")).isZero();

		attempt((steps) -> debit(steps).value());

		assertThat(effects("debit")).isEqualTo(1);
	}

	@Test
	void stepIsTriedAgainInATransactionOfItsOwn() throws Throwable {
		List<String> tries = new ArrayList<>();

		attempt((steps) -> steps.step("debit").transactional().retry(2, Duration.ofMillis(1)).run(() -> {
			effect("debit");
			tries.add("try");
			if (tries.size() < 3) {
				throw new IllegalStateException("not yet");
			}
		}).value());

		assertThat(effects("debit")).isEqualTo(1);
	}

	@Test
	void rememberedFailureIsRecordedAndTheEffectIsNot() {
		Body body = (steps) -> steps.step("debit").transactional().rememberFailures(Declined.class).run(() -> {
			effect("debit");
			throw new Declined("no money");
		});

		assertThat(failure(body)).isInstanceOf(Declined.class);
		assertThat(failure(body)).isInstanceOf(Declined.class).hasMessage("no money");
		assertThat(effects("debit")).isZero();
	}

	@Test
	void transactionThatIsMarkedForRollbackLeavesNoRecord() throws Throwable {
		assertThat(failure((steps) -> steps.step("debit").transactional().run(() -> {
			effect("debit");
			new TransactionTemplate(this.beans.getBean(PlatformTransactionManager.class))
				.executeWithoutResult((status) -> status.setRollbackOnly());
		}))).isInstanceOf(UnexpectedRollbackException.class);
		assertThat(effects("debit")).isZero();

		attempt((steps) -> debit(steps).value());

		assertThat(effects("debit")).isEqualTo(1);
	}

	@Test
	void staleOwnersEffectIsRolledBack() {
		assertThat(failure((steps) -> steps.step("debit").transactional().run(() -> {
			effect("debit");
			takenOver();
		}))).isInstanceOf(IdempotencyLeaseLostException.class);

		assertThat(effects("debit")).isZero();
	}

	@Test
	void commitWhoseAnswerIsLostIsNotTriedAgainInTheSameAttempt() throws Throwable {
		for (CommitFault each : CommitFault.values()) {
			String name = "debit-" + each;
			this.fault.set(each);
			Body body = (steps) -> {
				steps.step(name).transactional().retry(3, Duration.ofMillis(1)).run(() -> effect(name));
				return name;
			};

			assertThat(failure((steps) -> {
				catchThrowable(() -> body.run(steps));
				steps.run("next-" + each, () -> {
					throw new AssertionError("goes on");
				});
				return "swallowed";
			})).isInstanceOf(TransactionSystemException.class);
		}

		assertThat(failure((steps) -> {
			for (CommitFault each : CommitFault.values()) {
				steps.step("debit-" + each).transactional().run(() -> effect("debit-" + each));
			}
			throw new IllegalStateException("both are done once");
		})).isInstanceOf(IllegalStateException.class);
		for (CommitFault each : CommitFault.values()) {
			assertThat(effects("debit-" + each)).isEqualTo(1);
		}
	}

	@Test
	void compensationIsCommittedWithItsRecord() {
		List<String> down = new ArrayList<>(List.of("down"));
		Body body = (steps) -> {
			debit(steps).compensateWith((debit) -> {
				effect("credit " + debit);
				if (!down.isEmpty()) {
					throw new IOException("after the effect");
				}
			});
			throw new Declined("no stock");
		};
		assertThat(failure(body)).isInstanceOf(IOException.class);
		assertThat(effects("credit d-1")).isZero();

		down.clear();

		assertThat(failure(body)).isInstanceOf(Declined.class);
		assertThat(failure(body)).isInstanceOf(Declined.class);
		assertThat(effects("debit")).isEqualTo(1);
		assertThat(effects("credit d-1")).isEqualTo(1);
	}

	@Test
	void stepWithinATransactionalOneIsRefused() {
		assertThat(failure(
				(steps) -> steps.step("debit").transactional().run(() -> steps.run("debit/fee", () -> effect("fee")))))
			.isInstanceOf(IllegalStateException.class)
			.hasMessageContaining("is in a transaction");
		assertThat(effects("fee")).isZero();
	}

	@Test
	void storeOutsideOfTransactionsIsRefused() {
		OperationSpec spec = OperationSpec.of("pay", String.class, false, OperationSettings.builder().build(),
				new MemoryIdempotencyStore());

		assertThat(catchThrowable(() -> engine().execute(call(spec), () -> debit(steps()).value())))
			.isInstanceOf(IllegalStateException.class)
			.hasMessageContaining("the store 'memory' takes part in no transaction");
		assertThat(effects("debit")).isZero();
	}

	@Test
	void missingOrAmbiguousManagerIsTold() {
		this.beans.registerSingleton("second", new DataSourceTransactionManager(database.pool()));
		assertThat(failure((steps) -> debit(steps).value())).hasMessageContaining("2 transaction managers");

		this.beans.destroySingletons();
		assertThat(failure((steps) -> debit(steps).value())).hasMessageContaining("is no transaction manager");
	}

	private DurableSteps.Completed<String> debit(DurableSteps steps) {
		return steps.step("debit").transactional().run(String.class, () -> {
			effect("debit");
			return "d-1";
		});
	}

	private void effect(String name) {
		try {
			this.jdbc.update("INSERT INTO ledger VALUES (?)", id(name));
		}
		catch (DuplicateKeyException ex) {
			throw new AssertionError("twice: " + name, ex);
		}
	}

	private long effects(String name) {
		return this.jdbc.queryForObject("SELECT count(*) FROM ledger WHERE id = ?", Long.class, id(name));
	}

	private String id(String name) {
		return this.key + " " + name;
	}

	private void takenOver() {
		Lease lease = lease();
		Thread other = new Thread(() -> {
			store.release(lease, new Release.Failed(new FailureNote("test", null)));
			store.claim(new ClaimRequest(lease.id(), "pay", UUID.randomUUID(), null, OnUnknown.RETRY,
					Duration.ofSeconds(30), Duration.ofDays(1), Duration.ofDays(1), false));
		});
		other.start();
		Awaitility.await().until(() -> !other.isAlive());
	}

	private Lease lease() {
		Optional<IdempotencyRecord> record = store.find(call(spec()).id());
		return new Lease(record.orElseThrow().id(), record.get().owner(), record.get().fence());
	}

	private @Nullable Object attempt(Body body) throws Throwable {
		return engine().execute(call(spec()), () -> body.run(steps()));
	}

	private Throwable failure(Body body) {
		return catchThrowable(() -> attempt(body));
	}

	private IdempotencyEngine engine() {
		IdempotencyEngine engine = new IdempotencyEngine(new Jackson3OutcomeCodec(JsonMapper.builder().build()),
				List.of(), false, new RecordedStepsFactory(this.beans));
		this.engines.add(engine);
		return engine;
	}

	private static OperationSpec spec() {
		return OperationSpec.of("pay", String.class, false,
				OperationSettings.builder().rememberFailures(List.of(Declined.class)).build(), store);
	}

	private GuardedCall call(OperationSpec spec) {
		return GuardedCall.of(spec, "", this.key, null, Instant.now(), GuardedCall.KEEP_ALL);
	}

	private static DurableSteps steps() {
		return IdempotencyContext.current().orElseThrow().steps();
	}

	@FunctionalInterface
	interface Body {

		@Nullable Object run(DurableSteps steps) throws Throwable;

	}

	/** Where the answer to a commit is lost. */
	enum CommitFault {

		BEFORE, AFTER

	}

	/** Begins transactions whose commits sometimes get no answer. */
	@SuppressWarnings("serial")
	private final class FaultyManager extends DataSourceTransactionManager {

		FaultyManager() {
			super(database.pool());
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
			CommitFault fault = TransactionalStepsIntegrationTests.this.fault.getAndSet(null);
			if (fault == CommitFault.BEFORE) {
				doRollback(status);
			}
			else {
				super.doCommit(status);
			}
			if (fault != null) {
				throw new TransactionSystemException("no answer", new SQLException());
			}
		}

	}

}
