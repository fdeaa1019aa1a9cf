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

/**
 * The kinds of values in the canonical form. A kind is not a class: an {@code int} and a
 * {@code long} are both numbers. The numbers are part of the form: only append.
 */
final class Tag {

	/** Ends what has members or elements. */
	static final byte END = 0;

	static final byte NULL = 1;

	static final byte FALSE = 2;

	static final byte TRUE = 3;

	static final byte TEXT = 4;

	static final byte NUMBER = 5;

	/** Not a number, or an infinite one. */
	static final byte NOT_FINITE = 6;

	static final byte BYTES = 7;

	static final byte ENUM = 8;

	/** A constant of another enum than the declared type. */
	static final byte NAMED_ENUM = 9;

	static final byte INSTANT = 10;

	/** A kind's name and the text of the value. */
	static final byte SCALAR = 11;

	static final byte SEQUENCE = 12;

	static final byte UNORDERED = 13;

	static final byte MAP = 14;

	static final byte OBJECT = 15;

	/** An object of another class than the declared type. */
	static final byte NAMED_OBJECT = 16;

	static final byte ARGUMENTS = 17;

	private Tag() {
	}

}
