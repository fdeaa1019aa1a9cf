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
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.OnUnknown;
import io.idempotency.TransactionMode;
import io.idempotency.key.Identity;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.sql.SqlTestDatabase;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

import org.springframework.context.support.GenericApplicationContext;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever the transactions do, the record says what the ledger says, and a retry of the
 * same key leaves one row in the ledger and gets one answer: for each propagation,
 * isolation, rollback rule and end, outside and inside of a caller's transaction. Where
 * both are in one transaction, they agree at the moment of its commit.
 * <p>
 * Where the record is written apart from the transaction, some ends cannot be known. Such
 * a cell runs under {@link OnUnknown#HOLD}, and its record has to say that it is not
 * known.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TransactionMatrix {

	private static final ConcurrentMap<String, Class<? extends GuardedWork>> WORK = new ConcurrentHashMap<>();

	private static final Set<RecordStatus> NOT_KNOWN = EnumSet.of(RecordStatus.UNKNOWN, RecordStatus.IN_PROGRESS);

	private static final Duration LEASE = Duration.ofMinutes(5);

	private static final Log logger = LogFactory.getLog(TransactionMatrix.class);

	private static final long SEED = Long.getLong("idempotency.matrix.seed", 20_261_122);

	private LedgerApplication application;

	private Ledger ledger;

	/**
	 * Create the application's database.
	 * @return an empty database
	 */
	abstract SqlTestDatabase createDatabase();

	/**
	 * Return what makes the application.
	 * @return a configuration
	 */
	abstract Class<?> application();

	/**
	 * Return the settings that choose the store.
	 * @return properties, at least {@code idempotency.store}
	 */
	abstract Map<String, Object> properties();

	/**
	 * Return the modes that the store supports.
	 * @return the modes, {@link TransactionMode#AUTO} alone for a store outside of the
	 * database
	 */
	Set<TransactionMode> modes() {
		return EnumSet.complementOf(EnumSet.of(TransactionMode.UNSET));
	}

	/**
	 * Return of how many cells one is checked, at random: what the library decides is the
	 * same on each database, and one of them has all cells in each build.
	 * @return the number of cells, 1 for all
	 */
	int oneOf() {
		return 1;
	}

	/**
	 * Return whether the transaction manager has savepoints.
	 * @return whether a nested transaction is possible
	 */
	abstract boolean savepoints();

	@BeforeAll
	void start() {
		Map<String, Object> properties = new HashMap<>(properties());
		properties.put("idempotency.on-concurrent", "reject");
		properties.put("idempotency.lease", LEASE);
		this.application = new LedgerApplication(createDatabase(), application(), properties, this::register);
		this.ledger = this.application.ledger();
	}

	@AfterAll
	void stop() throws Exception {
		if (this.application != null) {
			this.application.close();
		}
	}

	private void register(GenericApplicationContext beans) {
		cells().forEach((cell) -> {
			String name = cell.operation(policy(cell));
			if (!beans.containsBeanDefinition(name)) {
				beans.registerBean(name, WORK.computeIfAbsent(name, (any) -> GuardedWork.like(cell, policy(cell))));
			}
		});
	}

	@TestFactory
	Stream<DynamicContainer> ledgerIsRecord() {
		return modes().stream()
			.map((mode) -> DynamicContainer.dynamicContainer(mode.name(), cells().filter((cell) -> cell.mode() == mode)
				.map((cell) -> DynamicTest.dynamicTest(cell.toString(), () -> check(cell)))));
	}

	/**
	 * The same cells are chosen wherever the seed is the same, and each pair of values
	 * that meets in some cell meets in one of these.
	 */
	private Stream<Cell> cells() {
		List<Cell> all = allCells();
		Set<String> met = new HashSet<>();
		List<Cell> chosen = all.stream().filter((cell) -> met.addAll(pairs(cell)) || isDrawn(cell)).toList();
		logger.info(getClass().getSimpleName() + ": " + chosen.size() + " of " + all.size() + " cells, seed " + SEED);
		return chosen.stream();
	}

	private List<Cell> allCells() {
		List<Cell> cells = new ArrayList<>();
		for (TransactionMode mode : modes()) {
			for (Isolation isolation : isolations(mode)) {
				addCells(cells, mode, null, isolation, Cell.Rule.ORDINARY);
				for (Propagation propagation : Propagation.values()) {
					for (Cell.Rule rule : Cell.Rule.values()) {
						addCells(cells, mode, propagation, isolation, rule);
					}
				}
			}
		}
		return cells;
	}

	private static Set<String> pairs(Cell cell) {
		List<String> values = List.of("mode " + cell.mode(), "propagation " + cell.propagation(),
				"isolation " + cell.isolation(), "rule " + cell.rule(), "place " + cell.place(), "end " + cell.end());
		return values.stream()
			.flatMap((one) -> values.stream()
				.filter((other) -> one.compareTo(other) < 0)
				.map((other) -> one + ", " + other))
			.collect(Collectors.toSet());
	}

	private boolean isDrawn(Cell cell) {
		return new Random(SEED * 31 + cell.toString().hashCode()).nextInt(oneOf()) == 0;
	}

	/** What AUTO comes to is what the other modes are; they are left to the extremes. */
	private static List<Isolation> isolations(TransactionMode mode) {
		return (mode == TransactionMode.AUTO) ? List.of(Isolation.DEFAULT, Isolation.READ_COMMITTED,
				Isolation.REPEATABLE_READ, Isolation.SERIALIZABLE) : List.of(Isolation.DEFAULT, Isolation.SERIALIZABLE);
	}

	private void addCells(List<Cell> cells, TransactionMode mode, Propagation propagation, Isolation isolation,
			Cell.Rule rule) {
		for (Cell.Place place : Cell.Place.values()) {
			for (Cell.End end : Cell.End.values()) {
				Cell cell = new Cell(mode, propagation, isolation, rule, place, end);
				if (starts(cell) && cell.exists(transaction(cell))) {
					cells.add(cell);
				}
			}
		}
	}

	/** An application with some methods does not start. */
	private static boolean starts(Cell cell) {
		return switch (cell.mode()) {
			case UNSET, AUTO, SEPARATE -> true;
			case ATOMIC -> cell.opens();
			case JOINED -> cell.opens() || !cell.leaves();
		};
	}

	private Cell.Transaction transaction(Cell cell) {
		Cell.Transaction transaction = cell.transaction(savepoints());
		boolean refused = switch (cell.mode()) {
			case UNSET, AUTO -> false;
			case SEPARATE, ATOMIC -> cell.place() == Cell.Place.IN_TRANSACTION && !cell.leaves();
			case JOINED -> transaction == Cell.Transaction.NONE;
		};
		return refused ? Cell.Transaction.REFUSED : transaction;
	}

	/** Whether the record is written in the transaction of the work. */
	private boolean together(Cell cell) {
		return modes().size() > 1 && cell.mode() != TransactionMode.SEPARATE
				&& transaction(cell) != Cell.Transaction.NONE;
	}

	private OnUnknown policy(Cell cell) {
		if (together(cell)) {
			return OnUnknown.RETRY;
		}
		boolean inDoubt = switch (cell.end()) {
			case COMMIT_FAILS, COMMIT_ANSWER_LOST -> true;
			case THROW, THROW_CHECKED ->
				transaction(cell) != Cell.Transaction.OWN && cell.effects(transaction(cell)) > 0;
			default -> false;
		};
		return inDoubt ? OnUnknown.HOLD : OnUnknown.RETRY;
	}

	private void check(Cell cell) {
		String key = UUID.randomUUID().toString();
		List<Boolean> seenTogether = new ArrayList<>();
		if (together(cell)) {
			this.application.dataSource()
				.observeEnds(() -> seenTogether.add((effects(key) > 0) == completed(cell, key)));
		}

		Answer first = call(cell, key, cell.end());
		this.application.dataSource().observeEnds(() -> {
		});
		Optional<IdempotencyRecord> record = record(cell, key);

		assertThat(seenTogether).doesNotContain(false);
		if (together(cell) && transaction(cell) != Cell.Transaction.REFUSED) {
			assertThat(seenTogether).as("looks at the end of the transaction").isNotEmpty();
		}
		assertThat(effects(key)).isEqualTo(cell.effects(transaction(cell)));
		if (transaction(cell) == Cell.Transaction.REFUSED) {
			assertThat(first.failure()).isInstanceOfAny(TransactionException.class, IllegalStateException.class);
			assertThat(record).isEmpty();
		}
		else if (policy(cell) == OnUnknown.HOLD) {
			assertThat(record.map(IdempotencyRecord::status)).get().isIn(NOT_KNOWN);
			assertThatNothingRunsUntilItIsKnown(cell, key);
		}
		else if (effects(key) > 0) {
			assertThat(record.map(IdempotencyRecord::status)).contains(RecordStatus.COMPLETED);
			assertThatTheRecordedAnswerIsGiven(cell, key);
		}
		else {
			assertThat(record.map(IdempotencyRecord::status)).isNotEqualTo(Optional.of(RecordStatus.COMPLETED));
			assertThatTheRetryRunsOnce(cell, key);
		}
	}

	private void assertThatTheRecordedAnswerIsGiven(Cell cell, String key) {
		String recorded = this.ledger.lastAnswer();

		Answer retry = call(cell, key, Cell.End.RETURN);

		if (cell.throwing()) {
			assertThat(retry.failure()).isInstanceOf(IdempotencyRememberedFailureException.class)
				.hasMessageContaining(recorded);
		}
		else {
			assertThat(retry).isEqualTo(new Answer(recorded, null));
		}
		assertThat(effects(key)).isOne();
	}

	private void assertThatTheRetryRunsOnce(Cell cell, String key) {
		if (record(cell, key).filter((left) -> left.status() == RecordStatus.IN_PROGRESS).isPresent()) {
			assertThat(call(cell, key, Cell.End.RETURN).failure()).isInstanceOf(IdempotencyInProgressException.class);
			this.application.database().elapse(id(cell, key), LEASE.plusSeconds(1));
		}

		Answer retry = call(cell, key, Cell.End.RETURN);
		Answer again = call(cell, key, Cell.End.RETURN);

		assertThat(retry).isEqualTo(new Answer(this.ledger.lastAnswer(), null)).isEqualTo(again);
		assertThat(effects(key)).isOne();
	}

	private void assertThatNothingRunsUntilItIsKnown(Cell cell, String key) {
		int effects = effects(key);

		assertThat(call(cell, key, Cell.End.RETURN).failure()).isInstanceOfAny(IdempotencyInProgressException.class,
				IdempotencyOutcomeUnknownException.class);

		assertThat(effects(key)).isEqualTo(effects);
	}

	private Answer call(Cell cell, String key, Cell.End end) {
		GuardedWork work = this.application.bean(cell.operation(policy(cell)), GuardedWork.class);
		this.ledger.endNextWith(end);
		if (cell.place() == Cell.Place.OUTSIDE) {
			return call(work, key);
		}
		TransactionTemplate callers = this.application.inTransaction();
		callers.setIsolationLevel(cell.isolation().value());
		try {
			return callers.execute((status) -> {
				this.ledger.calledIn(status);
				Answer answer = call(work, key);
				if (end == Cell.End.CALLER_ROLLS_BACK) {
					status.setRollbackOnly();
				}
				return answer;
			});
		}
		catch (RuntimeException ex) {
			return new Answer(null, ex);
		}
	}

	private static Answer call(GuardedWork work, String key) {
		try {
			return new Answer(work.pay(key), null);
		}
		catch (Exception ex) {
			return new Answer(null, ex);
		}
	}

	private RecordId id(Cell cell, String key) {
		return Identity.of("", cell.operation(policy(cell)), "", key);
	}

	private boolean completed(Cell cell, String key) {
		return record(cell, key).filter((record) -> record.status() == RecordStatus.COMPLETED).isPresent();
	}

	private Optional<IdempotencyRecord> record(Cell cell, String key) {
		return this.application.record(cell.operation(policy(cell)), key);
	}

	private int effects(String key) {
		return this.application.effects(key);
	}

	/**
	 * What a caller got.
	 *
	 * @param value the answer
	 * @param failure or why there is none
	 */
	private record Answer(String value, Exception failure) {

	}

}
