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
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * What the running work and its caller may know about the idempotent call.
 *
 * <p>
 * The work asks {@link #current()}; the caller wraps its call in {@link #capture} and
 * learns whether the answer was {@linkplain Answer#replayed() a replay}. Both are bound
 * to the thread: they are not carried to other threads.
 */
public interface IdempotencyContext {

	/**
	 * What {@link #leaseRemaining()} returns where there is no lease: longer than any
	 * lease, and short enough to be counted in nanoseconds by a {@code long}.
	 */
	Duration NO_LEASE = Duration.ofNanos(Long.MAX_VALUE);

	/**
	 * Return the innermost call that is running on this thread.
	 * @return the context, or empty outside of guarded work
	 */
	static Optional<IdempotencyContext> current() {
		return Optional.ofNullable(ContextStack.innermost());
	}

	/**
	 * Make a call and learn how its answer came about. The last guarded call that the
	 * work makes on this thread counts; calls nested in that one do not.
	 * @param call the code that makes the guarded call
	 * @param <T> the answer's type
	 * @param <X> what the call throws
	 * @return the answer, and whether it was a replay
	 * @throws X what the call threw
	 */
	static <T extends @Nullable Object, X extends Throwable> Answer<T> capture(Idempotency.Work<T, X> call) throws X {
		return ContextStack.capture(call);
	}

	/**
	 * Return the name of the operation.
	 * @return the operation's name
	 */
	String operation();

	/**
	 * Return the key as the caller gave it, or the digest that stands for it. Treat it as
	 * confidential: it may be a secret of the caller's.
	 * @return the key
	 */
	String key();

	/**
	 * Return the first characters of the record id, the form in which a key appears in
	 * logs.
	 * @return eight hexadecimal characters
	 */
	String keyHash();

	/**
	 * Return how often the work of this key was begun, this time included.
	 * @return 1 for the first run
	 */
	int attempt();

	/**
	 * Return the fence of this run: it grows with every takeover of the record, so that a
	 * downstream system can refuse what a stale owner sends.
	 * @return a number that only grows for a key
	 */
	long fence();

	/**
	 * Return for how long this run is known to own the key, counted on this machine since
	 * the last claim or renewal was sent. Where the claim is part of the transaction of
	 * the work ({@link TransactionMode#JOINED}) there is no lease that could lapse:
	 * nobody takes over before that transaction ended, and only its own time-out limits
	 * the work.
	 * @return the remaining lease, zero when it lapsed; {@link #NO_LEASE} without one
	 */
	Duration leaseRemaining();

	/**
	 * Return whether the lease was lost: somebody else may be working on the key, and
	 * what this run computes will not be recorded. Long work should look here between its
	 * steps and stop.
	 * @return whether a renewal was refused
	 */
	boolean leaseLost();

	/**
	 * Derive a key from this call's: for a call to another system that recognizes
	 * repetitions by a key of their own, or for an id that has to be the same when the
	 * work is done again. It is the same on every attempt, on every instance and after a
	 * deployment, and another one for another operation, scope, window or key. Nobody can
	 * compute these from it; whoever can guess them can confirm the guess.
	 * @param parts what the key is for; without any, there is one for the whole call
	 * @return the 36 characters of a UUID
	 */
	String deriveKey(String... parts);

	/**
	 * Return the steps of this run, the same ones each time.
	 * @return the steps
	 * @throws IllegalStateException if this run cannot have any: it is recorded in a
	 * transaction, by a web framework's edge, or asynchronously
	 */
	DurableSteps steps();

	/**
	 * An answer and how it came about.
	 *
	 * @param value what the call returned
	 * @param guarded whether a guarded call was made at all
	 * @param replayed whether the answer is that of an earlier or concurrent run
	 * @param age the time since the first run began, by the store's clock; zero for a
	 * first run
	 * @param <T> the answer's type
	 */
	record Answer<T extends @Nullable Object>(T value, boolean guarded, boolean replayed, Duration age) {

	}

}
