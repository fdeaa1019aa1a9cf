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

import java.lang.reflect.Type;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;

import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.engine.CheckpointedRun;
import io.idempotency.engine.Work;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.TransactionalStore;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.util.ClassUtils;
import org.springframework.util.backoff.BackOffExecution;

/**
 * Does one thing after the other for a run and records each:
 * <ol>
 * <li>Run the work; try it again as its back-off says.
 * <li>Record what it came to, in the work's transaction or right after it. A store that
 * does not answer is asked a few times more: to record twice is to record once.
 * <li>If it is not recorded, or it is not known whether it is, halt: nothing more is done
 * in this attempt.
 * </ol>
 */
final class StepExecution {

	private static final boolean SPRING_TX = ClassUtils
		.isPresent("org.springframework.transaction.PlatformTransactionManager", StepExecution.class.getClassLoader());

	/** Between two tries to record, in milliseconds. */
	private static final long[] RECORDING_PAUSES = { 50, 150, 400 };

	private final CheckpointedRun run;

	private final ListableBeanFactory beanFactory;

	private final Pause pause;

	private final AtomicReference<@Nullable RuntimeException> halted = new AtomicReference<>();

	StepExecution(CheckpointedRun run, ListableBeanFactory beanFactory, Pause pause) {
		this.run = run;
		this.beanFactory = beanFactory;
		this.pause = pause;
	}

	/**
	 * Return why nothing more is done.
	 * @return the reason, or {@code null} to go on
	 */
	@Nullable RuntimeException halted() {
		return this.halted.get();
	}

	/**
	 * Run work and record its result, or its failure if that is to be remembered.
	 * @param name what to record it as
	 * @param manner how
	 * @param type the type of its result
	 * @param work the work
	 * @return its result
	 * @throws Throwable what it threw last, or why it is not recorded
	 */
	@Nullable Object execute(String name, Manner manner, Type type, Work work) throws Throwable {
		BackOffExecution pauses = manner.pauses();
		while (true) {
			try {
				return manner.transactional() ? inTransaction(name, type, work) : apart(name, type, work);
			}
			catch (Throwable ex) {
				if (this.halted.get() != null) {
					throw ex;
				}
				if (manner.remembers(ex)) {
					throw remembered(name, this.run.encode(ex, manner.remembered()), ex);
				}
				pauseOrThrow(manner.retries(ex) ? pauses.nextBackOff() : BackOffExecution.STOP, ex);
			}
		}
	}

	private Throwable remembered(String name, StoredOutcome outcome, Throwable failure) {
		try {
			record(name, outcome);
			return failure;
		}
		catch (RuntimeException ex) {
			ex.addSuppressed(failure);
			return ex;
		}
	}

	private void pauseOrThrow(long millis, Throwable failure) throws Throwable {
		if (millis == BackOffExecution.STOP) {
			throw failure;
		}
		boolean passed = this.pause.pass(jittered(millis), this.run::leaseLost);
		try {
			this.run.requireLease();
		}
		catch (IdempotencyLeaseLostException ex) {
			ex.addSuppressed(failure);
			throw halt(ex);
		}
		if (!passed) {
			throw failure;
		}
	}

	private static long jittered(long millis) {
		return millis - ThreadLocalRandom.current().nextLong(millis / 4 + 1);
	}

	private @Nullable Object apart(String name, Type type, Work work) throws Throwable {
		Object result = work.run();
		record(name, this.run.encode(name, result, type));
		return result;
	}

	private @Nullable Object inTransaction(String name, Type type, Work work) throws Throwable {
		if (!SPRING_TX || !(this.run.store() instanceof TransactionalStore store)) {
			throw new IllegalStateException("Step '" + name + "' of operation '" + this.run.operation()
					+ "' is to be transactional, but the store '" + this.run.store().name()
					+ "' takes part in no transaction. Use the store jpa or jdbc, or leave transactional() out and make "
					+ "the step safe to repeat, by IdempotencyContext.deriveKey");
		}
		AtomicReference<@Nullable StoredOutcome> written = new AtomicReference<>();
		Object result = new StepTransaction(store, this.beanFactory).run((transaction) -> {
			Object value = work.run();
			if (!transaction.isRollbackOnly()) {
				transaction.flush();
				StoredOutcome outcome = this.run.encode(name, value, type);
				write(transaction, name, outcome);
				written.set(outcome);
			}
			return value;
		}, this::halt);
		StoredOutcome outcome = written.get();
		if (outcome != null) {
			this.run.recorded(name, outcome);
		}
		return result;
	}

	private void write(TransactionalStore.JoinedVerbs transaction, String name, StoredOutcome outcome) {
		try {
			this.run.write(transaction, name, outcome);
		}
		catch (IdempotencyLeaseLostException ex) {
			throw halt(ex);
		}
	}

	/**
	 * Record an outcome.
	 * @param name what to record it as
	 * @param outcome the outcome
	 * @throws IdempotencyLeaseLostException if somebody else took over
	 * @throws IdempotencyStoreUnavailableException if the store does not answer
	 */
	void record(String name, StoredOutcome outcome) {
		for (int tries = 0;; tries++) {
			try {
				this.run.record(name, outcome);
				return;
			}
			catch (IdempotencyLeaseLostException ex) {
				throw halt(ex);
			}
			catch (RuntimeException ex) {
				if (tries == RECORDING_PAUSES.length
						|| !this.pause.pass(RECORDING_PAUSES[tries], this.run::leaseLost)) {
					throw halt(notRecorded(name, ex));
				}
			}
		}
	}

	private RuntimeException notRecorded(String name, RuntimeException cause) {
		return new IdempotencyStoreUnavailableException(this.run.operation(),
				"'" + name + "' of " + this.run.label() + " came to its end, but the store '" + this.run.store().name()
						+ "' failed to record it. This attempt is over; the next one runs it again unless it was "
						+ "recorded after all",
				cause);
	}

	private RuntimeException halt(RuntimeException why) {
		this.halted.compareAndSet(null, why);
		return why;
	}

}
