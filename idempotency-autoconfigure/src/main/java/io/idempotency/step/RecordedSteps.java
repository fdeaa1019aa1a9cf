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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

import io.idempotency.Idempotency;
import io.idempotency.codec.RestorableTypes;
import io.idempotency.engine.CheckpointedRun;
import io.idempotency.engine.EndingSteps;
import io.idempotency.engine.StepOutcome;
import io.idempotency.engine.StepsEnd;
import io.idempotency.engine.Work;
import io.idempotency.store.StoredOutcome;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.util.Assert;

/**
 * The steps of one attempt:
 * <ol>
 * <li>A step that is recorded gives its result. Any other one runs and is recorded,
 * unless an attempt failed for good before: then it throws that failure.
 * <li>When the work returned or threw, wait for the steps that other threads still run.
 * <li>Leave the rest to the {@link Saga}.
 * </ol>
 */
final class RecordedSteps implements EndingSteps {

	private static final Log logger = LogFactory.getLog(RecordedSteps.class);

	private final CheckpointedRun run;

	private final StepExecution execution;

	private final Saga saga;

	/** Steps that began in this attempt, by their names. */
	private final Set<String> begun = new HashSet<>();

	private final ReachedSteps reached = new ReachedSteps();

	private final ThreadLocal<@Nullable String> outer = new ThreadLocal<>();

	private int running;

	private boolean over;

	RecordedSteps(CheckpointedRun run, StepExecution execution) {
		this.run = run;
		this.execution = execution;
		this.saga = new Saga(run, execution);
	}

	@Override
	public Step step(String name) {
		return new RecordedStep(this, name);
	}

	@Override
	public <X extends Throwable> Completed<@Nullable Void> run(String name, Idempotency.Action<X> work) throws X {
		return step(name).run(work);
	}

	@Override
	public <T extends @Nullable Object, X extends Throwable> Completed<T> run(String name, Class<T> type,
			Idempotency.Work<T, X> work) throws X {
		return step(name).run(type, work);
	}

	@Override
	public <T extends @Nullable Object, X extends Throwable> Completed<T> run(String name,
			ParameterizedTypeReference<T> type, Idempotency.Work<T, X> work) throws X {
		return step(name).run(type, work);
	}

	CompletedStep<?> run(RecordedStep step, Type type, Work work) throws Throwable {
		RestorableTypes.reasonAgainst(type).ifPresent((reason) -> {
			throw new IllegalArgumentException("The result of step '" + step.name() + "' is " + type.getTypeName()
					+ ", which cannot be restored for a later attempt: it " + reason);
		});
		String recordedAs = begin(step);
		if (recordedAs != null) {
			return replay(step, recordedAs, type);
		}
		boolean done = false;
		try {
			Object result = this.execution.execute(step.name(), step.manner(this.run.finalFailures()), type,
					toldOf(step, () -> within(step, work)));
			done = true;
			return new CompletedStep<@Nullable Object>(this, step, step.name(), () -> result, false);
		}
		finally {
			end(step, done);
			this.run.tell(step.name(), done ? StepOutcome.EXECUTED : StepOutcome.FAILED);
		}
	}

	private Work toldOf(RecordedStep step, Work work) {
		AtomicBoolean again = new AtomicBoolean();
		return () -> {
			if (again.getAndSet(true)) {
				this.run.tell(step.name(), StepOutcome.RETRIED);
			}
			return work.run();
		};
	}

	/**
	 * Begin a step.
	 * @return what it is recorded as, or {@code null} if it has to run
	 */
	private synchronized @Nullable String begin(RecordedStep step) throws Throwable {
		String outer = this.outer.get();
		Assert.state(!this.over || outer != null, () -> "Step '" + step.name() + "' began after the work of "
				+ this.run.label() + " had ended. Wait in the work for the threads that run its steps");
		Assert.state(outer == null || step.name().startsWith(outer + "/"), () -> "Step '" + step.name()
				+ "' runs within step '" + outer + "', so its name has to begin with '" + outer + "/'");
		Assert.state(!this.begun.contains(step.name()), () -> "There are two steps '" + step.name()
				+ "' in one attempt of " + this.run.label() + ", and names tell steps apart. Give each its own");
		String sibling = ambiguous(step.name(), outer);
		Assert.state(sibling == null, () -> "By their names, one of the steps '" + step.name() + "' and '" + sibling
				+ "' of " + this.run.label() + " is within the other, but neither runs there. Name one of them anew");
		for (String name : step.names()) {
			StoredOutcome outcome = this.run.checkpoint(name);
			if (outcome != null) {
				this.begun.add(step.name());
				this.reached.add(name);
				if (ReachedSteps.done(outcome)) {
					this.reached.addDoneBefore(step.names());
				}
				return name;
			}
		}
		refuseToRun(step);
		this.begun.add(step.name());
		this.running++;
		return null;
	}

	/**
	 * What is done within a step is forgotten with it, so a name must not lie about that.
	 */
	private @Nullable String ambiguous(String name, @Nullable String outer) {
		return this.begun.stream()
			.filter((other) -> other.startsWith(name + "/")
					|| (name.startsWith(other + "/") && (outer == null || other.length() > outer.length())))
			.findFirst()
			.orElse(null);
	}

	private void refuseToRun(RecordedStep step) throws Throwable {
		RuntimeException halted = this.execution.halted();
		if (halted != null) {
			throw halted;
		}
		this.saga.refuseToGoForward();
		Assert.state(!this.run.inTransaction(), () -> "Step '" + step.name() + "' of " + this.run.label()
				+ " is in a transaction, whose rollback its record would outlive. Run steps outside of transactions, and "
				+ "give the step one of its own with transactional()");
		this.run.requireLease();
	}

	private CompletedStep<?> replay(RecordedStep step, String recordedAs, Type type) throws Throwable {
		StoredOutcome outcome = this.run.checkpoint(recordedAs);
		if (outcome == null) {
			throw new IllegalStateException("Checkpoint '" + recordedAs + "' is gone");
		}
		if (!ReachedSteps.done(outcome)) {
			this.run.tell(step.name(), StepOutcome.FAILED);
			throw this.run.failure(recordedAs, outcome, step.rememberFailures());
		}
		this.run.tell(step.name(), StepOutcome.REPLAYED);
		return new CompletedStep<@Nullable Object>(this, step, recordedAs,
				() -> this.run.decode(recordedAs, outcome, type), true);
	}

	private @Nullable Object within(RecordedStep step, Work work) throws Throwable {
		String before = this.outer.get();
		forgetInner(step.name());
		this.outer.set(step.name());
		try {
			return this.run.within(step.firstName(), work);
		}
		finally {
			this.outer.set(before);
		}
	}

	/** A step that is tried again comes to its inner ones again. */
	private synchronized void forgetInner(String name) {
		this.begun.removeIf((each) -> each.startsWith(name + "/"));
	}

	/**
	 * A step that ends after the work is not reached: it is too late to tell what undoes
	 * it.
	 */
	private synchronized void end(RecordedStep step, boolean done) {
		if (done) {
			if (!this.over) {
				this.reached.add(step.name());
			}
			this.saga.forgetInner(step.name());
		}
		else {
			this.begun.remove(step.name());
		}
		this.running--;
		notifyAll();
	}

	synchronized void compensate(String recordedAs, RecordedStep step, Work undo) {
		if (this.over) {
			this.reached.remove(recordedAs);
			String late = "What undoes step '" + recordedAs + "' of " + this.run.label()
					+ " was told after the work had ended, so this attempt does not undo it. Wait in the work for its "
					+ "threads";
			logger.error(late);
			throw new IllegalStateException(late);
		}
		this.saga.add(recordedAs, step, undo);
	}

	@Override
	public StepsEnd end(@Nullable Throwable thrown) {
		awaitSteps();
		RuntimeException halted = this.execution.halted();
		if (halted != null) {
			return Saga.unfinished(halted, thrown);
		}
		StepsEnd end = this.saga.end(thrown, unreached());
		if (end instanceof StepsEnd.FailedForGood) {
			List<String> toldMeanwhile = unreached();
			return toldMeanwhile.isEmpty() ? end : this.saga.cannotUndo(toldMeanwhile, thrown);
		}
		return end;
	}

	private synchronized List<String> unreached() {
		return this.reached.missing(this.run.checkpoints(), this.saga::undone);
	}

	private synchronized void awaitSteps() {
		this.over = true;
		boolean interrupted = false;
		while (this.running > 0) {
			try {
				wait();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

}
