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
package io.idempotency.method;

import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

import io.idempotency.TransactionMode;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.engine.OperationSpec;
import org.jspecify.annotations.Nullable;

/**
 * The parameter of a guarded method whose elements have a key each.
 *
 * @param position which parameter
 */
record EachItem(int position) {

	/** What an element is called in expressions. */
	static final String NAME = "item";

	/**
	 * Find the parameter.
	 * @param operation the operation's name
	 * @param annotations what the method declares
	 * @param method the method
	 * @param parameters its parameters
	 * @param edge whether an edge calls it
	 * @return the parameter, or {@code null} if the call has one key
	 * @throws InvalidOperationException if that cannot work
	 */
	static @Nullable EachItem of(String operation, IdempotentAnnotations annotations, Method method,
			MethodParameters parameters, boolean edge) {
		if (annotations.string("each").isEmpty()) {
			return null;
		}
		if (!annotations.string("key").isEmpty() || parameters.keys().length > 0) {
			throw new InvalidOperationException(operation, "has 'each' and a key of the whole call",
					"Remove 'key' and @IdempotencyKey, or 'each'");
		}
		if (edge) {
			throw new InvalidOperationException(operation, "has 'each' on a method that a request or a message calls",
					"Move the work on many items into a method of a service, with 'each' there");
		}
		requireSeparate(operation, annotations.constant("transaction", TransactionMode.class, TransactionMode.UNSET));
		int[] collections = IntStream.range(0, method.getParameterCount())
			.filter((i) -> takesList(method.getParameterTypes()[i]))
			.toArray();
		if (collections.length != 1) {
			throw new InvalidOperationException(operation,
					"has 'each' and " + ((collections.length == 0) ? "no parameter" : "several parameters")
							+ " of type List or Collection: " + method.toGenericString(),
					"Give it one List of the items, and other collections inside of an object");
		}
		return new EachItem(collections[0]);
	}

	private static void requireSeparate(String operation, TransactionMode mode) {
		if (mode == TransactionMode.ATOMIC || mode == TransactionMode.JOINED) {
			throw new InvalidOperationException(operation, "has 'each' and transaction=" + mode,
					"Remove 'transaction': the records of many items are written apart from transactions. "
							+ "For records in the transaction of the work, guard the work on one item");
		}
	}

	private static boolean takesList(Class<?> type) {
		return Collection.class.isAssignableFrom(type) && type.isAssignableFrom(ArrayList.class);
	}

	/**
	 * Return the type of the result for one item.
	 * @param operation the operation's name
	 * @param returned what the method returns
	 * @return the type of its elements, or {@code void}
	 * @throws InvalidOperationException if it is neither a list nor nothing
	 */
	static Type resultType(String operation, Type returned) {
		if (returned == void.class) {
			return void.class;
		}
		if (returned instanceof ParameterizedType list
				&& (list.getRawType() == List.class || list.getRawType() == Collection.class)) {
			return list.getActualTypeArguments()[0];
		}
		throw new InvalidOperationException(operation, "has 'each' and returns " + returned.getTypeName(),
				"Return a List with one element for each item, in their order, or void");
	}

	/**
	 * Check what properties set.
	 * @param spec the operation
	 * @throws InvalidOperationException if it is to be part of a transaction
	 */
	static void check(OperationSpec spec) {
		requireSeparate(spec.name(), spec.transaction());
	}

	/**
	 * Return the items of a call.
	 * @param arguments its arguments
	 * @return the items, or {@code null} if there is no list
	 */
	@Nullable List<@Nullable Object> items(@Nullable Object[] arguments) {
		return (arguments[this.position] instanceof Collection<?> items) ? new ArrayList<>(items) : null;
	}

	/**
	 * Return the arguments of a call with other items.
	 * @param arguments its arguments
	 * @param items the items
	 * @return the changed arguments
	 */
	@Nullable Object[] with(@Nullable Object[] arguments, List<@Nullable Object> items) {
		@Nullable Object[] changed = arguments.clone();
		changed[this.position] = items;
		return changed;
	}

	/**
	 * Return the arguments with one item in the place of all of them.
	 * @param arguments the arguments of the call
	 * @param item one of its items
	 * @return the changed arguments
	 */
	@Nullable Object[] inPlace(@Nullable Object[] arguments, @Nullable Object item) {
		return with(arguments, Collections.singletonList(item));
	}

	/**
	 * Return the arguments followed by an item, as the expressions see them.
	 * @param arguments the arguments of the call
	 * @param item one of its items
	 * @return one more than there are parameters
	 */
	@Nullable Object[] seen(@Nullable Object[] arguments, @Nullable Object item) {
		@Nullable Object[] seen = Arrays.copyOf(arguments, arguments.length + 1);
		seen[arguments.length] = item;
		return seen;
	}

}
