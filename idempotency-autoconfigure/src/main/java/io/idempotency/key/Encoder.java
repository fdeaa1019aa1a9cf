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

package io.idempotency.key;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * One walk through a value: writes its canonical form and remembers the way, for errors
 * and to notice cycles. Not safe for use by several threads.
 */
final class Encoder {

	private static final int MAX_DEPTH = 64;

	private static final int MAX_SIZE = 64 * 1024 * 1024;

	private static final int NO_INDEX = -1;

	private final CanonicalBuffer out = new CanonicalBuffer();

	private final @Nullable Object[] inside = new Object[MAX_DEPTH];

	private final String[] steps = new String[MAX_DEPTH];

	private final int[] indexes = new int[MAX_DEPTH];

	private int depth;

	CanonicalBuffer out() {
		return this.out;
	}

	void clear() {
		Arrays.fill(this.inside, 0, this.depth, null);
		this.depth = 0;
		this.out.clear();
	}

	void value(@Nullable Object value, Declared declared) {
		Object present = Declared.unwrap(value);
		if (present == null) {
			this.out.tag(Tag.NULL);
			return;
		}
		Forms.of(present.getClass()).write(this, present, declared);
	}

	/**
	 * Go into a value that has others inside.
	 * @param value what has members or elements
	 */
	void enter(Object value) {
		for (int i = 0; i < this.depth; i++) {
			if (this.inside[i] == value) {
				throw refuse(value, "it contains itself", null);
			}
		}
		if (this.depth == MAX_DEPTH) {
			throw refuse(value, "it is nested more than " + MAX_DEPTH + " levels deep", null);
		}
		if (this.out.size() > MAX_SIZE) {
			throw refuse(value, "there is more than " + MAX_SIZE / 1024 / 1024 + " MB around it", null);
		}
		at("");
		this.inside[this.depth++] = value;
	}

	void leave() {
		this.inside[--this.depth] = null;
	}

	void member(String name) {
		this.steps[this.depth - 1] = name;
		this.indexes[this.depth - 1] = NO_INDEX;
	}

	void element(int index) {
		this.indexes[this.depth - 1] = index;
	}

	private void at(String step) {
		this.steps[this.depth] = step;
		this.indexes[this.depth] = NO_INDEX;
	}

	UndigestibleArgumentException refuse(Object value, String reason, @Nullable Throwable cause) {
		return new UndigestibleArgumentException(path(), value.getClass(), reason, cause);
	}

	private String path() {
		StringBuilder path = new StringBuilder();
		for (int i = 0; i < this.depth; i++) {
			if (this.indexes[i] != NO_INDEX) {
				path.append('[').append(this.indexes[i]).append(']');
			}
			else if (!this.steps[i].isEmpty()) {
				path.append(path.isEmpty() ? "" : ".").append(this.steps[i]);
			}
		}
		return path.toString();
	}

}
