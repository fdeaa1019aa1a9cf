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

package io.idempotency.web;

import java.util.Arrays;

/**
 * Where the members of the open objects are in the canonical form, innermost object last.
 */
final class JsonMembers {

	private int[] starts = new int[32];

	private int[] nameEnds = new int[32];

	private int count;

	private byte[] copy = new byte[0];

	private boolean ambiguous;

	int count() {
		return this.count;
	}

	boolean areAmbiguous() {
		return this.ambiguous;
	}

	/** Add a member by its name, quotes included. */
	void add(int start, int nameEnd) {
		if (this.count == this.starts.length) {
			this.starts = Arrays.copyOf(this.starts, 2 * this.count);
			this.nameEnds = Arrays.copyOf(this.nameEnds, 2 * this.count);
		}
		this.starts[this.count] = start;
		this.nameEnds[this.count++] = nameEnd;
	}

	/**
	 * Put the members of the innermost object into order, and forget them.
	 * @param first the number of its first member
	 * @param bytes the canonical form
	 * @param end where its last member ends
	 */
	void sort(int first, byte[] bytes, int end) {
		if (!isSorted(first, bytes)) {
			Integer[] order = new Integer[this.count - first];
			Arrays.setAll(order, (i) -> first + i);
			Arrays.sort(order, (one, other) -> compare(one, other, bytes));
			for (int i = 1; i < order.length; i++) {
				this.ambiguous |= compare(order[i - 1], order[i], bytes) == 0;
			}
			rewrite(order, bytes, end);
		}
		this.count = first;
	}

	private boolean isSorted(int first, byte[] bytes) {
		for (int i = first + 1; i < this.count; i++) {
			if (compare(i - 1, i, bytes) >= 0) {
				return false;
			}
		}
		return true;
	}

	private int compare(int one, int other, byte[] bytes) {
		return Arrays.compareUnsigned(bytes, this.starts[one] + 1, this.nameEnds[one] - 1, bytes,
				this.starts[other] + 1, this.nameEnds[other] - 1);
	}

	private void rewrite(Integer[] order, byte[] bytes, int end) {
		int base = this.starts[this.count - order.length];
		if (this.copy.length < end - base) {
			this.copy = new byte[Math.max(end - base, 2 * this.copy.length)];
		}
		System.arraycopy(bytes, base, this.copy, 0, end - base);
		int position = base;
		for (int member : order) {
			int start = this.starts[member];
			// The next one begins after a comma
			int length = ((member + 1 < this.count) ? this.starts[member + 1] - 1 : end) - start;
			if (position > base) {
				bytes[position++] = ',';
			}
			System.arraycopy(this.copy, start - base, bytes, position, length);
			position += length;
		}
	}

}
