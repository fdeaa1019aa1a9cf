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
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import org.springframework.core.ParameterizedTypeReference;

/**
 * Many keys of one operation at a time, made by {@link Idempotency#batch}: they are
 * claimed in one round trip to the store, the work sees just the items that were not done
 * yet, and their outcomes are recorded in one round trip.
 *
 * <pre class="code">
 * BatchAnswers&lt;Receipt&gt; answers = idempotency.batch("notify")
 * 	.keys(items, Item::id)
 * 	.execute(Receipt.class, (newItems) -&gt; mailer.sendAll(newItems));
 * </pre>
 *
 * Not safe for use by several threads.
 */
public interface IdempotencyBatch {

	/**
	 * Set the items.
	 * @param items what is to be done; items with the same key are one, the first
	 * @param key the key of an item, as in {@link Idempotency#call(String, Object)}
	 * @param <T> the items' type
	 * @return a description to refine and execute
	 */
	<T> Items<T> keys(Collection<? extends T> items, Function<? super T, ?> key);

	/**
	 * A batch that is being described. The settings are those of {@link Idempotency.Call}
	 * and count for each item.
	 * <p>
	 * What it answers, it answers for each item. If work throws, none of its items was
	 * done, and each is given back; a {@link PartialFailureException} names those that
	 * were not. Items that somebody else is working on are waited for when all others are
	 * settled; if they turn out to be free, the work is called again, with those. It is
	 * called on this thread, and with at most 1,000 items at a time.
	 * <p>
	 * A batch is not called inside of a transaction that its work would take part in;
	 * that is an {@link IllegalStateException}. The work itself may open transactions.
	 *
	 * @param <T> the items' type
	 */
	interface Items<T> {

		/**
		 * Set whom the keys belong to.
		 * @param scope as in {@link Idempotency.Call#scope}
		 * @return this
		 */
		Items<T> scope(String scope);

		/**
		 * Set what must be equal when the key of an item is used again. Without it
		 * nothing is compared.
		 * @param request what is asked for by an item
		 * @return this
		 */
		Items<T> fingerprint(Function<? super T, ? extends @Nullable Object> request);

		/**
		 * Override the retention of the outcomes.
		 * @param ttl a positive duration
		 * @return this
		 */
		Items<T> ttl(Duration ttl);

		/**
		 * Override the window, as in {@link Idempotent#window()}.
		 * @param window the period
		 * @return this
		 */
		Items<T> window(String window);

		/**
		 * Override what is done about items that somebody else is working on.
		 * @param onConcurrent the policy
		 * @return this
		 */
		Items<T> onConcurrent(OnConcurrent onConcurrent);

		/**
		 * Override what happens when the outcome of an item is not known.
		 * @param onUnknown the policy
		 * @return this
		 */
		Items<T> onUnknown(OnUnknown onUnknown);

		/**
		 * Set which results are returned and forgotten.
		 * @param unless a test of the result of an item
		 * @return this
		 */
		Items<T> unless(Predicate<@Nullable Object> unless);

		/**
		 * Set which failures are remembered.
		 * @param failures exception types, subclasses included
		 * @return this
		 */
		@SuppressWarnings("unchecked")
		Items<T> rememberFailures(Class<? extends Throwable>... failures);

		/**
		 * Set which failures prove that the work had no effect.
		 * @param failures exception types, subclasses included
		 * @return this
		 */
		@SuppressWarnings("unchecked")
		Items<T> safeToRetry(Class<? extends Throwable>... failures);

		/**
		 * Choose the store by name.
		 * @param store a store's name, as in {@link Idempotent#store()}
		 * @return this
		 */
		Items<T> store(String store);

		/**
		 * Run the work for all items that were not done yet.
		 * @param type the type of one result, by which recorded answers are restored
		 * @param work what happens once for each item
		 * @param <R> the results' type
		 * @return the answers in the order of the items
		 */
		<R> BatchAnswers<R> execute(Class<R> type, Work<T, R> work);

		/**
		 * Run the work for all items that were not done yet.
		 * @param type the type of one result, by which recorded answers are restored
		 * @param work what happens once for each item
		 * @param <R> the results' type
		 * @return the answers in the order of the items
		 */
		<R> BatchAnswers<R> execute(ParameterizedTypeReference<R> type, Work<T, R> work);

		/**
		 * Run the work for one item after the other, all of them claimed and recorded
		 * together. An item whose work throws disturbs no other, and
		 * {@link IdempotencyContext#current()} tells about the item.
		 * @param type the type of one result, by which recorded answers are restored
		 * @param work what happens once for each item
		 * @param <R> the results' type
		 * @return the answers in the order of the items
		 */
		<R> BatchAnswers<R> executeEach(Class<R> type, EachWork<T, R> work);

		/**
		 * Run the work for one item after the other, as in
		 * {@link #executeEach(Class, EachWork)}.
		 * @param type the type of one result, by which recorded answers are restored
		 * @param work what happens once for each item
		 * @param <R> the results' type
		 * @return the answers in the order of the items
		 */
		<R> BatchAnswers<R> executeEach(ParameterizedTypeReference<R> type, EachWork<T, R> work);

		/**
		 * Run work without results for all items that were not done yet.
		 * @param work what happens once for each item
		 * @return the answers in the order of the items, all of them without a value
		 */
		BatchAnswers<Void> run(Action<T> work);

	}

	/**
	 * Work with results.
	 *
	 * @param <T> the items' type
	 * @param <R> the results' type
	 */
	@FunctionalInterface
	interface Work<T, R> {

		/**
		 * Do the work.
		 * @param newItems the items that were not done yet, in their order
		 * @return one result for each, in the same order
		 * @throws Exception why none of them was done, or a
		 * {@link PartialFailureException}
		 */
		List<R> run(List<T> newItems) throws Exception;

	}

	/**
	 * Work on one item.
	 *
	 * @param <T> the items' type
	 * @param <R> the results' type
	 */
	@FunctionalInterface
	interface EachWork<T, R> {

		/**
		 * Do the work.
		 * @param item an item that was not done yet
		 * @return its result
		 * @throws Exception why it was not done
		 */
		R run(T item) throws Exception;

	}

	/**
	 * Work without results.
	 *
	 * @param <T> the items' type
	 */
	@FunctionalInterface
	interface Action<T> {

		/**
		 * Do the work.
		 * @param newItems the items that were not done yet, in their order
		 * @throws Exception why none of them was done, or a
		 * {@link PartialFailureException}
		 */
		void run(List<T> newItems) throws Exception;

	}

}
