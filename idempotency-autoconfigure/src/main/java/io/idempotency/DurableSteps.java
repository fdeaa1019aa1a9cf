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

package io.idempotency;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.util.backoff.BackOff;

/**
 * The steps of guarded work: each is recorded when it is done, so that an attempt after a
 * failure or a crash goes on where the one before it stopped.
 *
 * <pre class="code">
 * &#64;Idempotent(key = "#order.id")
 * public Receipt place(Order order, DurableSteps steps) {
 * 	String reservation = steps.run("reserve", String.class, () -&gt; stock.reserve(order)).value();
 * 	steps.run("charge", () -&gt; bank.charge(order)).compensateWith(() -&gt; bank.refund(order));
 * 	return new Receipt(reservation);
 * }
 * </pre>
 *
 * A guarded method gets them as a parameter, for which its callers pass
 * {@link #ofTheGuard()}, or {@code null}; other work asks
 * {@link IdempotencyContext#steps()}.
 *
 * <p>
 * A step that is recorded as done never runs again: a later attempt gets its result. A
 * step whose attempt ended before it was recorded does run again, so its effect has to be
 * {@linkplain Step#transactional() committed with the record} or be recognized where it
 * arrives, by a {@linkplain IdempotencyContext#deriveKey derived key}. An owner that lost
 * its lease records nothing any more and gets an {@link IdempotencyLeaseLostException};
 * where the store does not answer the attempt ends with an
 * {@link IdempotencyStoreUnavailableException}, whatever becomes of that in the work.
 *
 * <p>
 * What is outside of the steps runs on every attempt. Steps are told apart by their names
 * alone, so their order may change between two attempts. A step within a step has a name
 * that begins with that of the outer one and a slash, {@code charge/fee}; once the outer
 * one is done, it stands for both. Steps do not begin inside a transaction: a record of
 * them would outlive its rollback.
 *
 * <p>
 * When the work fails with an exception that its operation
 * {@linkplain Idempotent#rememberFailures() remembers}, which is final, the
 * {@linkplain Completed#compensateWith compensations} of the steps that are done run in
 * reverse, each once, and the failure is recorded after the last. From then on there is
 * no way forward: attempts after a crash go on to compensate.
 *
 * <p>
 * Safe for use by many threads, so steps may run in parallel. The work has to wait for
 * its threads: a step that begins after its end is refused, and one that ends after it is
 * undone by the next attempt only.
 */
public interface DurableSteps {

	/**
	 * Return what callers of a guarded method pass for its parameter. The guard puts the
	 * steps of the run in its place, whatever was passed.
	 * @return a placeholder. To use it throws an {@link IllegalStateException}, which is
	 * what happens to a method that is called without its guard
	 */
	static DurableSteps ofTheGuard() {
		return StepsOfTheGuard.INSTANCE;
	}

	/**
	 * Run a step, unless it is done.
	 * @param name the name of the step, the same on each attempt
	 * @param work what the step does
	 * @param <X> what the step throws
	 * @return the step, done
	 * @throws X what the step threw, after which it is not done
	 */
	<X extends Throwable> Completed<@Nullable Void> run(String name, Idempotency.Action<X> work) throws X;

	/**
	 * Run a step, or take its result.
	 * @param name the name of the step, the same on each attempt
	 * @param type the result's type, by which a recorded result is restored
	 * @param work what the step does
	 * @param <T> the result's type
	 * @param <X> what the step throws
	 * @return the step, done
	 * @throws X what the step threw, after which it is not done
	 */
	<T extends @Nullable Object, X extends Throwable> Completed<T> run(String name, Class<T> type,
			Idempotency.Work<T, X> work) throws X;

	/**
	 * Run a step, or take its result of a generic type.
	 * @param name the name of the step, the same on each attempt
	 * @param type the result's type, by which a recorded result is restored
	 * @param work what the step does
	 * @param <T> the result's type
	 * @param <X> what the step throws
	 * @return the step, done
	 * @throws X what the step threw, after which it is not done
	 */
	<T extends @Nullable Object, X extends Throwable> Completed<T> run(String name, ParameterizedTypeReference<T> type,
			Idempotency.Work<T, X> work) throws X;

	/**
	 * Begin the description of a step that needs more than a name.
	 * @param name the name of the step, the same on each attempt
	 * @return a description to refine and run
	 */
	Step step(String name);

	/**
	 * A step that is being described. Not safe for use by several threads.
	 */
	interface Step {

		/**
		 * Set what the step was called in earlier versions of the code. A step that was
		 * done under one of these names is done. What the step calls and sends keeps the
		 * keys that it had under the oldest one.
		 * @param names former names, the oldest last
		 * @return this
		 */
		Step formerly(String... names);

		/**
		 * Try the step again when it throws, after pauses that double, up to 30 seconds.
		 * @param times how often, beyond the first try
		 * @param pause the first pause, positive
		 * @return this
		 */
		Step retry(int times, Duration pause);

		/**
		 * Try the step again when it throws. Not after an {@link Error}, after what the
		 * step or the operation remembers, or once the lease is lost; an interrupt ends
		 * the pause and the step. Each pause is shortened at random by up to a quarter.
		 * The same counts for its compensation, which is tried five times otherwise.
		 * @param backOff how long to pause, and when to stop
		 * @return this
		 */
		Step retry(BackOff backOff);

		/**
		 * Set which failures are answers of this step: they are recorded, and thrown
		 * again on later attempts instead of running it. They are restored like those
		 * that an operation {@linkplain Idempotent#rememberFailures() remembers}.
		 * @param failures exception types, subclasses included
		 * @return this
		 */
		@SuppressWarnings("unchecked")
		Step rememberFailures(Class<? extends Throwable>... failures);

		/**
		 * Run the step in a transaction of its own on the store's database, which commits
		 * its effect and its record together. Its compensation runs in one, too. An
		 * exception rolls it back.
		 * @return this
		 */
		Step transactional();

		/**
		 * Run the step, as {@link DurableSteps#run(String, Idempotency.Action)}.
		 * @param work what the step does
		 * @param <X> what the step throws
		 * @return the step, done
		 * @throws X what the step threw
		 * @throws IllegalStateException if the step is to be transactional and the store
		 * takes part in no transaction
		 */
		<X extends Throwable> Completed<@Nullable Void> run(Idempotency.Action<X> work) throws X;

		/**
		 * Run the step, as {@link DurableSteps#run(String, Class, Idempotency.Work)}.
		 * @param type the result's type
		 * @param work what the step does
		 * @param <T> the result's type
		 * @param <X> what the step throws
		 * @return the step, done
		 * @throws X what the step threw
		 */
		<T extends @Nullable Object, X extends Throwable> Completed<T> run(Class<T> type, Idempotency.Work<T, X> work)
				throws X;

		/**
		 * Run the step, as
		 * {@link DurableSteps#run(String, ParameterizedTypeReference, Idempotency.Work)}.
		 * @param type the result's type
		 * @param work what the step does
		 * @param <T> the result's type
		 * @param <X> what the step throws
		 * @return the step, done
		 * @throws X what the step threw
		 */
		<T extends @Nullable Object, X extends Throwable> Completed<T> run(ParameterizedTypeReference<T> type,
				Idempotency.Work<T, X> work) throws X;

	}

	/**
	 * A step that is done, in this attempt or in one before it.
	 *
	 * @param <T> the result's type
	 */
	interface Completed<T extends @Nullable Object> {

		/**
		 * Return the result.
		 * @return what the step returned, now or in an earlier attempt
		 * @throws IdempotencyResultUnavailableException if the result of an earlier
		 * attempt could not be stored or cannot be read. The step does not run again
		 */
		T value();

		/**
		 * Return whether the step was done in an earlier attempt.
		 * @return whether nothing was done now
		 */
		boolean replayed();

		/**
		 * Set what undoes the step if the work fails for good. To be called on every
		 * attempt, before the work ends.
		 * @param undo undoes the step; it runs again where it threw or its end could not
		 * be recorded, so it has to be safe to repeat, as the step has
		 * @return this
		 */
		Completed<T> compensateWith(Idempotency.Action<?> undo);

		/**
		 * Set what undoes the step if the work fails for good, by its result.
		 * @param undo undoes the step
		 * @return this
		 */
		Completed<T> compensateWith(Compensation<T> undo);

	}

	/**
	 * What undoes a step.
	 *
	 * @param <T> the type of the step's result
	 */
	@FunctionalInterface
	interface Compensation<T extends @Nullable Object> {

		/**
		 * Undo the step.
		 * @param result what the step returned
		 * @throws Throwable to be tried again
		 */
		void undo(T result) throws Throwable;

	}

}
