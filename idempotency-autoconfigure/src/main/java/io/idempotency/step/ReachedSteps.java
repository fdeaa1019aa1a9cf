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

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

import io.idempotency.store.StoredOutcome;

/**
 * The steps that are done and that one attempt has come to, before its work ended. Not
 * safe for use by many threads.
 */
final class ReachedSteps {

	/** What they are recorded as. */
	private final Set<String> names = new HashSet<>();

	/** All names, former ones too, of steps that were done in an attempt before. */
	private final Set<String> doneBefore = new HashSet<>();

	void add(String recordedAs) {
		this.names.add(recordedAs);
	}

	void addDoneBefore(Collection<String> allNames) {
		this.doneBefore.addAll(allNames);
	}

	void remove(String recordedAs) {
		this.names.remove(recordedAs);
	}

	/**
	 * Return the steps that are done, not undone, and that the attempt has not come to.
	 * One within a step that is done is part of it, also if that has another name by now.
	 * @param checkpoints what is recorded
	 * @param undone tells which steps are undone
	 * @return what they are recorded as
	 */
	List<String> missing(Map<String, StoredOutcome> checkpoints, Predicate<String> undone) {
		List<String> done = checkpoints.entrySet()
			.stream()
			.filter((entry) -> done(entry.getValue()))
			.map(Map.Entry::getKey)
			.toList();
		Set<String> outer = new HashSet<>(this.doneBefore);
		outer.addAll(done);
		return done.stream()
			.filter((name) -> !name.startsWith(RecordedStep.RESERVED) && !this.names.contains(name))
			.filter((name) -> !within(outer, name) && !undone.test(name))
			.toList();
	}

	/** A failure that is an answer of its step leaves what was done within it. */
	static boolean done(StoredOutcome outcome) {
		return outcome.kind() != StoredOutcome.Kind.FAILURE;
	}

	private static boolean within(Set<String> outer, String name) {
		for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
			if (outer.contains(name.substring(0, slash))) {
				return true;
			}
		}
		return false;
	}

}
