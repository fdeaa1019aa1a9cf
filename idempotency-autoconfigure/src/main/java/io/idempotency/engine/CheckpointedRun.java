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

package io.idempotency.engine;

import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.idempotency.ContextStack;
import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.IdempotencyResultUnavailableException;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.TransactionalStore.JoinedVerbs;
import org.jspecify.annotations.Nullable;

/**
 * A run as its steps see it: what was done of it, in this attempt and before, and the
 * ways to record more. Safe for use by many threads.
 */
public final class CheckpointedRun {

	private final RunContext run;

	private final Outcomes outcomes;

	private final Transactions transactions;

	private final IdempotencyListener listener;

	private final Map<String, StoredOutcome> checkpoints;

	CheckpointedRun(RunContext run, Map<String, StoredOutcome> checkpoints, Outcomes outcomes,
			Transactions transactions, IdempotencyListener listener) {
		this.run = run;
		this.outcomes = outcomes;
		this.transactions = transactions;
		this.listener = listener;
		this.checkpoints = new LinkedHashMap<>(checkpoints);
	}

	/**
	 * Return the name of the operation.
	 * @return the operation
	 */
	public String operation() {
		return this.run.operation();
	}

	/**
	 * Describe the run for a message or a log line.
	 * @return the operation's name and the key's hash
	 */
	public String label() {
		return this.run.call().label();
	}

	/**
	 * Return where the run is recorded.
	 * @return the store
	 */
	public IdempotencyStore store() {
		return this.run.call().spec().store();
	}

	/**
	 * Return what is recorded.
	 * @return the outcomes by name, in the order in which they came
	 */
	public synchronized Map<String, StoredOutcome> checkpoints() {
		return new LinkedHashMap<>(this.checkpoints);
	}

	/**
	 * Return what is recorded under a name.
	 * @param name the name
	 * @return the outcome, or {@code null}
	 */
	public synchronized @Nullable StoredOutcome checkpoint(String name) {
		return this.checkpoints.get(name);
	}

	/**
	 * Record an outcome under a name.
	 * @param name the name
	 * @param outcome the outcome
	 * @throws IdempotencyLeaseLostException if somebody else took over
	 * @throws RuntimeException if the store does not answer; it may be recorded then
	 */
	public void record(String name, StoredOutcome outcome) {
		if (!store().checkpoint(this.run.lease(), name, outcome)) {
			throw lost();
		}
		recorded(name, outcome);
	}

	/**
	 * Write an outcome under a name in a transaction, to be {@linkplain #recorded noted}
	 * after its commit.
	 * @param transaction the thread's transaction
	 * @param name the name
	 * @param outcome the outcome
	 * @throws IdempotencyLeaseLostException if somebody else took over: the transaction
	 * has to be rolled back
	 */
	public void write(JoinedVerbs transaction, String name, StoredOutcome outcome) {
		if (!transaction.checkpoint(this.run.lease(), name, outcome)) {
			throw lost();
		}
	}

	/**
	 * Note that an outcome is recorded.
	 * @param name the name
	 * @param outcome the outcome
	 */
	public synchronized void recorded(String name, StoredOutcome outcome) {
		this.checkpoints.putIfAbsent(name, outcome);
	}

	/**
	 * Tell those who watch what became of a step.
	 * @param step the step's name
	 * @param outcome what became of it
	 */
	public void tell(String step, StepOutcome outcome) {
		this.listener.step(this.run.call(), step, outcome);
	}

	/**
	 * Check that nobody else took over, as far as is known.
	 * @throws IdempotencyLeaseLostException if somebody did
	 */
	public void requireLease() {
		if (this.run.leaseLost()) {
			throw lost();
		}
	}

	/**
	 * Return whether the lease is known to be lost.
	 * @return whether a write or a renewal was refused
	 */
	public boolean leaseLost() {
		return this.run.leaseLost();
	}

	private IdempotencyLeaseLostException lost() {
		if (this.run.lost()) {
			this.listener.leaseLost(this.run.call());
		}
		return new IdempotencyLeaseLostException(operation(),
				"The lease of " + label() + " lapsed between its steps, and somebody else took over. Nothing more is "
						+ "recorded for this attempt. Ask again for the recorded answer; set a longer lease if this "
						+ "happens without a crash",
				null);
	}

	/**
	 * Return whether this thread is in a transaction.
	 * @return whether there is one, on whatever database
	 */
	public boolean inTransaction() {
		return this.transactions.current() != null;
	}

	/**
	 * Try a step on this thread, where {@link IdempotencyContext#current()} then tells
	 * about this run.
	 * @param step what the step's calls and messages are told apart by, the same on each
	 * attempt
	 * @param work what to do
	 * @return its result
	 * @throws Throwable what it throws
	 */
	public @Nullable Object within(String step, Work work) throws Throwable {
		try (ContextStack.Running frame = ContextStack.open(new StepContext(this.run, step))) {
			return work.run();
		}
	}

	/**
	 * Encode a result. One that cannot be encoded must not lead to a second run: the
	 * outcome then says so.
	 * @param name what it is the result of
	 * @param result the result
	 * @param type its declared type
	 * @return the outcome
	 */
	public StoredOutcome encode(String name, @Nullable Object result, Type type) {
		return this.outcomes.of("step '" + name + "' of " + label(), result, type);
	}

	/**
	 * Restore a result.
	 * @param name what it is the result of
	 * @param outcome what was recorded, not a failure
	 * @param type the declared type
	 * @return the result
	 * @throws IdempotencyResultUnavailableException if it cannot be restored
	 */
	public @Nullable Object decode(String name, StoredOutcome outcome, Type type) {
		if (outcome.kind() == StoredOutcome.Kind.UNAVAILABLE) {
			throw unavailable(name, null);
		}
		try {
			return this.outcomes.value(outcome, type);
		}
		catch (RuntimeException ex) {
			throw unavailable(name, ex);
		}
	}

	private IdempotencyResultUnavailableException unavailable(String name, @Nullable Throwable cause) {
		return new IdempotencyResultUnavailableException(operation(),
				"Step '" + name + "' of " + label()
						+ " was done, but its result could not be stored or cannot be read. "
						+ "It does not run again; look the result up where the step left it",
				cause);
	}

	/**
	 * Encode a failure.
	 * @param failure the failure
	 * @param listed the types that are remembered
	 * @return the outcome
	 */
	public StoredOutcome encode(Throwable failure, List<Class<? extends Throwable>> listed) {
		return this.outcomes.ofFailure(listed, failure);
	}

	/**
	 * Restore a failure.
	 * @param name what failed
	 * @param outcome what was recorded
	 * @param listed the types that may be made from a message
	 * @return the failure
	 */
	public Throwable failure(String name, StoredOutcome outcome, List<Class<? extends Throwable>> listed) {
		Throwable failure = this.outcomes.failure(operation(), outcome, listed);
		return (failure != null) ? failure : unavailable(name, null);
	}

	/**
	 * Return the failures that are final for this run.
	 * @return the types that the operation remembers
	 */
	public List<Class<? extends Throwable>> finalFailures() {
		return this.run.call().spec().rememberFailures();
	}

}
