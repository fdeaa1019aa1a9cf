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

import org.jspecify.annotations.Nullable;

/**
 * One way to write a JSON text (RFC 8259): no white space, members sorted by the UTF-8
 * bytes of their names, no escape that can be avoided, numbers as they were written. RFC
 * 8785 rounds numbers; here {@code 1} and {@code 1.0} stay apart, and so do integers
 * beyond 2<sup>53</sup>. Open containers are on a stack with a limit, and the members of
 * an object are sorted when it ends.
 */
final class CanonicalJson {

	private static final int MAX_DEPTH = 200;

	private static final int NO_OBJECT = -1;

	private final JsonText text;

	private final JsonMembers members = new JsonMembers();

	/** For each open object its first member, for each open array that it is none. */
	private int[] open = new int[16];

	private int depth;

	private CanonicalJson(byte[] json) {
		this.text = new JsonText(json);
	}

	/**
	 * Read a text.
	 * @param json the text, not changed
	 * @return its canonical form, or {@code null} if it is not JSON in UTF-8 or nested
	 * too deeply
	 */
	static @Nullable CanonicalJson of(byte[] json) {
		CanonicalJson canonical = new CanonicalJson(json);
		try {
			canonical.read();
			return canonical;
		}
		catch (NotJsonException ex) {
			return null;
		}
	}

	/** Whether an object has two members of one name. */
	boolean isAmbiguous() {
		return this.members.areAmbiguous();
	}

	/** The canonical form, followed by bytes without meaning. */
	byte[] bytes() {
		return this.text.out();
	}

	int size() {
		return this.text.size();
	}

	private void read() throws NotJsonException {
		boolean more = true;
		while (more) {
			more = enter() || advance();
		}
		this.text.end();
	}

	/**
	 * Begin a value.
	 * @return whether it is a container and the first value in it comes next
	 */
	private boolean enter() throws NotJsonException {
		int first = this.text.peek();
		if (first != '{' && first != '[') {
			this.text.scalar();
			return false;
		}
		open((first == '{') ? this.members.count() : NO_OBJECT);
		this.text.copy();
		if (this.text.peek() == closing()) {
			close();
			return false;
		}
		if (first == '{') {
			name();
		}
		return true;
	}

	/**
	 * Leave a value that is complete, and the containers that end with it.
	 * @return whether another value comes next
	 */
	private boolean advance() throws NotJsonException {
		while (this.depth > 0) {
			int next = this.text.peek();
			if (next == ',') {
				this.text.copy();
				if (closing() == '}') {
					name();
				}
				return true;
			}
			if (next != closing()) {
				throw NotJsonException.INSTANCE;
			}
			close();
		}
		return false;
	}

	private void name() throws NotJsonException {
		this.text.expect('"');
		int start = this.text.size();
		this.text.scalar();
		this.members.add(start, this.text.size());
		this.text.expect(':');
		this.text.copy();
	}

	private void open(int firstMember) throws NotJsonException {
		if (this.depth == MAX_DEPTH) {
			throw NotJsonException.INSTANCE;
		}
		if (this.depth == this.open.length) {
			this.open = Arrays.copyOf(this.open, 2 * this.depth);
		}
		this.open[this.depth++] = firstMember;
	}

	private int closing() {
		return (this.open[this.depth - 1] == NO_OBJECT) ? ']' : '}';
	}

	private void close() {
		int firstMember = this.open[--this.depth];
		if (firstMember != NO_OBJECT) {
			this.members.sort(firstMember, this.text.out(), this.text.size());
		}
		this.text.copy();
	}

}
