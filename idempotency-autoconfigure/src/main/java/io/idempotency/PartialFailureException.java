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

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * Some items of a batch failed, others were done. The work of a batch throws it to say
 * which, by their positions in the list that the work was given: those that are named are
 * free to run again, the others are recorded with their results. The caller of a method
 * with {@link Idempotent#each()} gets one with the positions in its own list.
 */
@SuppressWarnings("serial")
public class PartialFailureException extends RuntimeException {

	private final List<@Nullable Object> results;

	private final Map<Integer, Throwable> failures;

	/**
	 * Create the exception for work that has results.
	 * @param results one for each item, anything for those that failed
	 * @param failures why items failed, by their positions; at least one
	 */
	public PartialFailureException(List<? extends @Nullable Object> results,
			Map<Integer, ? extends Throwable> failures) {
		super(failures.size() + " items of a batch failed, at the positions " + new TreeMap<>(failures).keySet(),
				failures.isEmpty() ? null : new TreeMap<>(failures).firstEntry().getValue());
		if (failures.isEmpty()) {
			throw new IllegalArgumentException("Nothing failed: return the results");
		}
		this.results = Collections.unmodifiableList(new ArrayList<>(results));
		this.failures = Collections.unmodifiableMap(new TreeMap<>(failures));
	}

	/**
	 * Create the exception for work that has no results.
	 * @param failures why items failed, by their positions; at least one
	 */
	public PartialFailureException(Map<Integer, ? extends Throwable> failures) {
		this(List.of(), failures);
	}

	/**
	 * Return the results.
	 * @return one for each item, or none at all if there are no results
	 */
	public List<@Nullable Object> results() {
		return this.results;
	}

	/**
	 * Return why items failed.
	 * @return the failures by the positions of the items
	 */
	public Map<Integer, Throwable> failures() {
		return this.failures;
	}

}
