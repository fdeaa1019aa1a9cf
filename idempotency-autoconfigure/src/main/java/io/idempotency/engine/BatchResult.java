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

import java.util.ArrayList;
import java.util.List;

import io.idempotency.PartialFailureException;
import org.jspecify.annotations.Nullable;

/**
 * What the work of one of many calls came to.
 *
 * @param value the result, {@code null} if there is none
 * @param failure what kept it from being done, or {@code null}
 * @param begun whether anything was done about it
 */
public record BatchResult(@Nullable Object value, @Nullable Throwable failure, boolean begun) {

	/**
	 * The work was done.
	 * @param value its result, or {@code null}
	 * @return the result, to be recorded
	 */
	public static BatchResult done(@Nullable Object value) {
		return new BatchResult(value, null, true);
	}

	/**
	 * The work failed.
	 * @param failure why
	 * @return the result, by which the record is given back, or answered if the failure
	 * is one that the operation remembers
	 */
	public static BatchResult failed(Throwable failure) {
		return new BatchResult(null, failure, true);
	}

	/**
	 * The work was not begun.
	 * @param reason why, for the caller
	 * @return the result, by which the record is forgotten
	 */
	public static BatchResult notBegun(Throwable reason) {
		return new BatchResult(null, reason, false);
	}

	/**
	 * Take a partial failure apart.
	 * @param failure what the work of several calls threw
	 * @param count how many they were
	 * @return what each came to
	 * @throws IllegalStateException if it does not fit so many
	 */
	public static List<BatchResult> of(PartialFailureException failure, int count) {
		List<@Nullable Object> values = failure.results();
		boolean fits = (values.isEmpty() || values.size() == count)
				&& failure.failures().keySet().stream().allMatch((position) -> position >= 0 && position < count);
		if (!fits) {
			throw new IllegalStateException(
					"The work of a batch of " + count + " items threw a partial failure of " + values.size()
							+ " results with failures at " + failure.failures().keySet()
							+ ". Give one result for each item or none at all, and name positions in the list of items",
					failure);
		}
		List<BatchResult> results = new ArrayList<>(count);
		for (int i = 0; i < count; i++) {
			Throwable failed = failure.failures().get(i);
			results.add((failed != null) ? failed(failed) : done(values.isEmpty() ? null : values.get(i)));
		}
		return results;
	}

}
