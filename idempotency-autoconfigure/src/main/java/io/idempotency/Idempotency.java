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
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import org.springframework.core.ParameterizedTypeReference;

/**
 * The same guard as {@link Idempotent} without an annotation:
 *
 * <pre class="code">
 * Receipt receipt = idempotency.call("charge", order.id())
 * 	.ttl(Duration.ofHours(36))
 * 	.execute(Receipt.class, () -&gt; gateway.charge(order));
 * </pre>
 *
 * A bean of this type is there wherever the library is enabled. It is safe for use by
 * many threads; a {@link Call} is not.
 */
public interface Idempotency {

	/**
	 * Begin the description of a call. Its settings come from
	 * {@code idempotency.operations.<operation>.*} and {@code idempotency.*}, as for a
	 * method.
	 * @param operation the name of the operation, lower-case kebab form
	 * @param key the key; text, numbers and the like are taken as they are, other objects
	 * are digested
	 * @return a description to refine and execute
	 */
	Call call(String operation, Object key);

	/**
	 * Begin the description of a call for many keys, which are claimed and recorded
	 * together. Its settings come from {@code idempotency.operations.<operation>.*} and
	 * {@code idempotency.*}.
	 * @param operation the name of the operation, lower-case kebab form
	 * @return a description to refine and execute
	 */
	IdempotencyBatch batch(String operation);

	/**
	 * Begin an operator's decision on a record, usually one that is
	 * {@linkplain IdempotencyOutcomeUnknownException unknown}. The records of requests
	 * are decided on with {@code io.idempotency.web.HttpResolutions}.
	 * @param operation the name of the operation
	 * @param key the key that the callers use
	 * @return a description to refine and carry out
	 */
	Resolve resolve(String operation, Object key);

	/**
	 * A call that is being described.
	 */
	interface Call {

		/**
		 * Set whom the key belongs to; two scopes never see each other's answers.
		 * @param scope a tenant, a principal or both
		 * @return this
		 */
		Call scope(String scope);

		/**
		 * Set what must be equal when the key is used again. Without it nothing is
		 * compared.
		 * @param request what is asked for, digested member by member
		 * @return this
		 */
		Call fingerprint(@Nullable Object request);

		/**
		 * Override the retention of the outcome.
		 * @param ttl a positive duration
		 * @return this
		 */
		Call ttl(Duration ttl);

		/**
		 * Override the window, as in {@link Idempotent#window()}.
		 * @param window the period
		 * @return this
		 */
		Call window(String window);

		/**
		 * Override what a concurrent caller does.
		 * @param onConcurrent the policy
		 * @return this
		 */
		Call onConcurrent(OnConcurrent onConcurrent);

		/**
		 * Override what happens when the outcome is not known.
		 * @param onUnknown the policy
		 * @return this
		 */
		Call onUnknown(OnUnknown onUnknown);

		/**
		 * Set which results are returned and forgotten.
		 * @param unless a test of the result
		 * @return this
		 */
		Call unless(Predicate<@Nullable Object> unless);

		/**
		 * Set which failures are remembered.
		 * @param failures exception types, subclasses included
		 * @return this
		 */
		@SuppressWarnings("unchecked")
		Call rememberFailures(Class<? extends Throwable>... failures);

		/**
		 * Set which failures prove that the work had no effect.
		 * @param failures exception types, subclasses included
		 * @return this
		 */
		@SuppressWarnings("unchecked")
		Call safeToRetry(Class<? extends Throwable>... failures);

		/**
		 * Choose the store by name.
		 * @param store a store's name, as in {@link Idempotent#store()}
		 * @return this
		 */
		Call store(String store);

		/**
		 * Run the work, or give the recorded answer.
		 * @param type the result's type, by which a recorded answer is restored
		 * @param work what happens once
		 * @param <T> the result's type
		 * @param <X> what the work throws
		 * @return the first answer, equal for all callers
		 * @throws X what the work threw
		 */
		<T extends @Nullable Object, X extends Throwable> T execute(Class<T> type, Work<T, X> work) throws X;

		/**
		 * Run the work, or give the recorded answer of a generic type.
		 * @param type the result's type, by which a recorded answer is restored
		 * @param work what happens once
		 * @param <T> the result's type
		 * @param <X> what the work throws
		 * @return the first answer, equal for all callers
		 * @throws X what the work threw
		 */
		<T extends @Nullable Object, X extends Throwable> T execute(ParameterizedTypeReference<T> type, Work<T, X> work)
				throws X;

		/**
		 * Run work that has no result, or do nothing because it was done.
		 * @param work what happens once
		 * @param <X> what the work throws
		 * @throws X what the work threw
		 */
		<X extends Throwable> void run(Action<X> work) throws X;

	}

	/**
	 * Work with a result.
	 *
	 * @param <T> the result's type
	 * @param <X> what the work throws
	 */
	@FunctionalInterface
	interface Work<T extends @Nullable Object, X extends Throwable> {

		T run() throws X;

	}

	/**
	 * Work without a result.
	 *
	 * @param <X> what the work throws
	 */
	@FunctionalInterface
	interface Action<X extends Throwable> {

		void run() throws X;

	}

	/**
	 * An operator's decision that is being described. Each verb is atomic, answers
	 * whether it was carried out, and is refused while an owner's lease lives or when the
	 * record changed since it was looked at. A late owner can no longer complete
	 * afterwards.
	 */
	interface Resolve {

		/**
		 * Set whom the key belongs to.
		 * @param scope as in {@link Call#scope(String)}
		 * @return this
		 */
		Resolve scope(String scope);

		/**
		 * Override the window; the current period is meant.
		 * @param window as in {@link Call#window(String)}
		 * @return this
		 */
		Resolve window(String window);

		/**
		 * The work was done: record this answer for later callers.
		 * @param result the answer, of the type that the operation returns
		 * @return whether the record was there, not live, and unchanged
		 */
		boolean succeeded(@Nullable Object result);

		/**
		 * The work failed for good: later callers get an
		 * {@link IdempotencyRememberedFailureException} for the retention of an outcome.
		 * @param message what callers are told
		 * @return whether the record was there, not live, and unchanged
		 */
		boolean failed(String message);

		/**
		 * The work had no effect, or may be repeated: the next caller runs it again. The
		 * record is kept as failed, for audit.
		 * @return whether the record was there, not live, and unchanged
		 */
		boolean runAgain();

	}

}
