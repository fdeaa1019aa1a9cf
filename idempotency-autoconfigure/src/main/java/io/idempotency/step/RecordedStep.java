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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.DurableSteps;
import io.idempotency.Idempotency;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.util.Assert;
import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.BackOffExecution;
import org.springframework.util.backoff.ExponentialBackOff;

/**
 * What is known of a step before it runs.
 */
final class RecordedStep implements DurableSteps.Step {

	/** The longest name of a step, in characters. */
	static final int LONGEST_NAME = 200;

	/** Names that begin so are not for steps. */
	static final String RESERVED = "$";

	private static final long LONGEST_PAUSE = Duration.ofSeconds(30).toMillis();

	private final RecordedSteps steps;

	private final List<String> names = new ArrayList<>(1);

	private @Nullable BackOff backOff;

	private List<Class<? extends Throwable>> rememberFailures = List.of();

	private boolean transactional;

	RecordedStep(RecordedSteps steps, String name) {
		this.steps = steps;
		this.names.add(valid(name));
	}

	private static String valid(String name) {
		Assert.hasText(name, "A step needs a name");
		Assert.isTrue(name.length() <= LONGEST_NAME,
				() -> "The name of a step has at most " + LONGEST_NAME + " characters, not " + name.length());
		Assert.isTrue(!name.startsWith(RESERVED),
				() -> "The name '" + name + "' begins with " + RESERVED + ", which no step's may");
		return name;
	}

	@Override
	public DurableSteps.Step formerly(String... names) {
		for (String name : names) {
			this.names.add(valid(name));
		}
		return this;
	}

	@Override
	public DurableSteps.Step retry(int times, Duration pause) {
		return retry(doubling(times, pause));
	}

	static BackOff doubling(int times, Duration pause) {
		Assert.isTrue(times >= 0, "A step is not tried again a negative number of times");
		Assert.isTrue(pause.toMillis() > 0, "The pause before a step is tried again has at least a millisecond");
		ExponentialBackOff backOff = new ExponentialBackOff(pause.toMillis(), 2);
		backOff.setMaxInterval(Math.max(LONGEST_PAUSE, pause.toMillis()));
		return () -> upTo(times, backOff.start());
	}

	/** Counts itself: Spring 6 and 7 name the limit of a back-off by different types. */
	private static BackOffExecution upTo(int times, BackOffExecution pauses) {
		AtomicInteger left = new AtomicInteger(times);
		return () -> (left.getAndDecrement() > 0) ? pauses.nextBackOff() : BackOffExecution.STOP;
	}

	@Override
	public DurableSteps.Step retry(BackOff backOff) {
		this.backOff = backOff;
		return this;
	}

	@Override
	@SafeVarargs
	public final DurableSteps.Step rememberFailures(Class<? extends Throwable>... failures) {
		this.rememberFailures = List.of(failures);
		return this;
	}

	@Override
	public DurableSteps.Step transactional() {
		this.transactional = true;
		return this;
	}

	@Override
	@SuppressWarnings("NullAway") // does not carry a nullable type argument into a lambda
	public <X extends Throwable> DurableSteps.Completed<@Nullable Void> run(Idempotency.Action<X> work) throws X {
		return this.<@Nullable Void, X>completed(void.class, () -> {
			work.run();
			return null;
		});
	}

	@Override
	public <T extends @Nullable Object, X extends Throwable> DurableSteps.Completed<T> run(Class<T> type,
			Idempotency.Work<T, X> work) throws X {
		return completed(type, work);
	}

	@Override
	public <T extends @Nullable Object, X extends Throwable> DurableSteps.Completed<T> run(
			ParameterizedTypeReference<T> type, Idempotency.Work<T, X> work) throws X {
		return completed(type.getType(), work);
	}

	@SuppressWarnings("unchecked")
	private <T extends @Nullable Object, X extends Throwable> DurableSteps.Completed<T> completed(Type type,
			Idempotency.Work<T, X> work) throws X {
		try {
			return (DurableSteps.Completed<T>) this.steps.run(this, type, work::run);
		}
		catch (Throwable ex) {
			// What the work throws, and unchecked exceptions
			throw (X) ex;
		}
	}

	String name() {
		return this.names.get(0);
	}

	/** What the step was named at first, however often it was renamed. */
	String firstName() {
		return this.names.get(this.names.size() - 1);
	}

	/**
	 * Return what the step may be recorded as.
	 * @return its name, then its former ones
	 */
	List<String> names() {
		return this.names;
	}

	List<Class<? extends Throwable>> rememberFailures() {
		return this.rememberFailures;
	}

	/**
	 * Return how the step runs.
	 * @param finalFailures what ends the whole work
	 * @return the manner
	 */
	Manner manner(List<Class<? extends Throwable>> finalFailures) {
		return new Manner(this.transactional, this.rememberFailures, finalFailures, this.backOff);
	}

	Manner mannerOfUndoing(BackOff usual) {
		return new Manner(this.transactional, List.of(), List.of(), (this.backOff != null) ? this.backOff : usual);
	}

}
