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
package io.idempotency.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import io.idempotency.chaos.Call.Mode;

/**
 * The calls of a test: each key about three times, half of the duplicates at the same
 * time and half of them later. The same seed gives the same calls.
 */
final class CallPlan {

	private static final int DUPLICATES = 3;

	private static final int KEYS_PER_DECLINED_KEY = 20;

	private final int keys;

	private final Random random;

	private int number;

	CallPlan(int calls, long seed) {
		this.keys = (calls + DUPLICATES - 1) / DUPLICATES;
		this.random = new Random(seed);
	}

	List<String> keys() {
		return IntStream.range(0, this.keys).mapToObj((key) -> "k" + key).toList();
	}

	/** Two fifths of the keys are ATOMIC, as many are JOINED, the others AUTO. */
	Mode mode(String key) {
		return switch (index(key) % 5) {
			case 0, 1 -> Mode.ATOMIC;
			case 2, 3 -> Mode.JOINED;
			default -> Mode.AUTO;
		};
	}

	/**
	 * Return whether a key is always declined. Failures cannot be remembered in a joined
	 * transaction, which takes the record along.
	 */
	boolean declined(String key) {
		return mode(key) == Mode.ATOMIC && index(key) % KEYS_PER_DECLINED_KEY == 0;
	}

	private static int index(String key) {
		return Integer.parseInt(key.substring(1));
	}

	/** Return calls under which the work behaves as it likes. */
	List<Call> calls() {
		List<List<Call>> groups = new ArrayList<>();
		for (String key : keys()) {
			boolean together = this.random.nextBoolean();
			List<Call> group = new ArrayList<>();
			for (int i = 0; i < DUPLICATES; i++) {
				group.add(call(key, fate(key)));
			}
			groups.addAll(together ? List.of(group) : group.stream().map(List::of).toList());
		}
		Collections.shuffle(groups, this.random);
		return groups.stream().flatMap(List::stream).toList();
	}

	/** Return one more call for each key, under which the work is done if it was not. */
	List<Call> settlingCalls() {
		return keys().stream().map((key) -> call(key, declined(key) ? Fate.DECLINE : Fate.SUCCEED)).toList();
	}

	private Call call(String key, Fate fate) {
		Mode mode = mode(key);
		boolean inTransaction = mode != Mode.ATOMIC && this.random.nextBoolean();
		return new Call(this.number++, mode, key, fate, inTransaction);
	}

	private Fate fate(String key) {
		int percent = this.random.nextInt(100);
		if (percent < 5) {
			return Fate.FAIL_EARLY;
		}
		if (percent < 15) {
			return Fate.FAIL_LATE;
		}
		if (declined(key)) {
			return Fate.DECLINE;
		}
		if (percent < 20) {
			return Fate.FAIL_COMMITTED;
		}
		if (percent < 25) {
			return Fate.GIVE_BACK;
		}
		if (percent < 30) {
			return Fate.SPOIL;
		}
		if (percent < 40) {
			return Fate.SUCCEED_SLOWLY;
		}
		if (percent < 45) {
			return Fate.SUCCEED_AROUND_ANOTHER_TRANSACTION;
		}
		return (percent < 50) ? Fate.SUCCEED_AFTER_A_SAVEPOINT : Fate.SUCCEED;
	}

}
