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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

import io.idempotency.BatchAnswer;
import io.idempotency.store.RecordId;

/**
 * One call for many keys:
 * <ol>
 * <li>Claim all keys at once, answer those that have an answer, run the work of those
 * that were won, and settle them at once.
 * <li>Of those that somebody else is at, wait for one, holding none, then begin again.
 * </ol>
 * A key that is named twice is one key; both get its answer.
 */
final class Batch {

	/** So many keys are claimed, worked on and settled at a time. */
	static final int MOST_AT_ONCE = 1_000;

	private final BatchAdmission admission;

	private final BatchWave wave;

	private final BatchWork work;

	private final LongSupplier nanoTime;

	/** Those whose key was named before, and by whom. */
	private final Map<BatchEntry, BatchEntry> again = new LinkedHashMap<>();

	private final List<BatchEntry> distinct = new ArrayList<>();

	private long patience;

	Batch(BatchAdmission admission, BatchWave wave, BatchWork work, LongSupplier nanoTime) {
		this.admission = admission;
		this.wave = wave;
		this.work = work;
		this.nanoTime = nanoTime;
	}

	/**
	 * Answer all calls.
	 * @param entries one for each call
	 * @return their answers, in the same order
	 */
	List<BatchAnswer<Object>> answer(List<BatchEntry> entries) {
		this.patience = entries.isEmpty() ? 0 : entries.get(0).conversation().call().spec().waitTimeout().toNanos();
		tellApart(entries);
		for (int from = 0; from < this.distinct.size(); from += MOST_AT_ONCE) {
			advance(this.distinct.subList(from, Math.min(from + MOST_AT_ONCE, this.distinct.size())));
		}
		List<BatchEntry> pending = pending();
		while (!pending.isEmpty()) {
			await(pending.get(0));
			advance(pending.subList(0, Math.min(MOST_AT_ONCE, pending.size())));
			pending = pending();
		}
		this.again.forEach(BatchEntry::sameAs);
		return entries.stream().map(BatchEntry::answer).toList();
	}

	private void tellApart(List<BatchEntry> entries) {
		Map<RecordId, BatchEntry> known = new HashMap<>();
		for (BatchEntry entry : entries) {
			GuardedCall call = entry.conversation().call();
			BatchEntry first = known.putIfAbsent(call.id(), entry);
			if (first == null) {
				this.distinct.add(entry);
			}
			else if (!first.conversation().matches(call.fingerprint())) {
				entry.failed(Refusals.mismatch(entry.conversation()));
			}
			else {
				this.again.put(entry, first);
			}
		}
	}

	private List<BatchEntry> pending() {
		return this.distinct.stream().filter(BatchEntry::pending).toList();
	}

	/** Time spent on work of its own does not count. */
	private void await(BatchEntry entry) {
		long start = this.nanoTime.getAsLong();
		entry.conversation().waitFor(this.patience);
		this.admission.await(entry);
		this.patience = Math.max(this.patience - (this.nanoTime.getAsLong() - start), 0);
	}

	private void advance(List<BatchEntry> entries) {
		entries.forEach((entry) -> entry.conversation().waitFor(this.patience));
		this.admission.admit(entries.stream().filter((entry) -> !entry.answered()).toList());
		List<BatchEntry> won = in(BatchState.Won.class, entries);
		if (!won.isEmpty()) {
			this.wave.run(won, this.work);
		}
		List<BatchEntry> unprotected = in(BatchState.Unprotected.class, entries);
		if (!unprotected.isEmpty()) {
			this.wave.runUnprotected(unprotected, this.work);
		}
	}

	private static List<BatchEntry> in(Class<? extends BatchState> state, List<BatchEntry> entries) {
		return entries.stream().filter((entry) -> state.isInstance(entry.state())).toList();
	}

}
