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

import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

/**
 * What the items of a batch came to, in the order in which they were given. Cannot be
 * changed.
 *
 * @param <R> the results' type
 */
public final class BatchAnswers<R> extends AbstractList<BatchAnswer<R>> {

	private final List<BatchAnswer<R>> answers;

	/**
	 * Create the answers.
	 * @param answers one per item
	 */
	public BatchAnswers(List<BatchAnswer<R>> answers) {
		this.answers = List.copyOf(answers);
	}

	@Override
	public BatchAnswer<R> get(int index) {
		return this.answers.get(index);
	}

	@Override
	public int size() {
		return this.answers.size();
	}

	/**
	 * Return all results, if there is one for each item.
	 * @param <X> what the work throws
	 * @return the results in the order of the items, some of them {@code null} where the
	 * work returned that
	 * @throws X the first failure, if there is one. What was done stays done: the same
	 * batch again gets those answers, and runs what failed
	 */
	@SuppressWarnings("unchecked")
	public <X extends Throwable> List<@Nullable R> values() throws X {
		for (BatchAnswer<R> answer : this.answers) {
			if (answer.failure() != null) {
				throw (X) answer.failure();
			}
		}
		return this.answers.stream().map(BatchAnswer::value).collect(Collectors.toList());
	}

	/**
	 * Return what failed.
	 * @return the failures by the position of their items, in that order
	 */
	public SortedMap<Integer, Throwable> failures() {
		return IntStream.range(0, size())
			.filter((i) -> get(i).failure() != null)
			.boxed()
			.collect(Collectors.toMap((i) -> i, (i) -> Objects.requireNonNull(get(i).failure()), (one, other) -> one,
					TreeMap::new));
	}

}
