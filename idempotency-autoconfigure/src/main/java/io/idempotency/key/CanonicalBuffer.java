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

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Bytes on their way into SHA-256. Everything that is written is tagged or prefixed with
 * its length, so that no two different sequences of values are the same bytes. Not safe
 * for use by several threads.
 */
final class CanonicalBuffer {

	private static final int INITIAL_SIZE = 512;

	private static final int KEPT_SIZE = 64 * 1024;

	/** Digits that every {@code double} and every {@code float} keeps. */
	private static final int DOUBLE_DIGITS = 15;

	private static final int FLOAT_DIGITS = 6;

	private static final double EXACT_INTEGERS = 1L << 53;

	private static final int LONG_DIGITS = 18;

	private final MessageDigest sha256;

	private byte[] bytes = new byte[INITIAL_SIZE];

	private int size;

	CanonicalBuffer() {
		try {
			this.sha256 = MessageDigest.getInstance("SHA-256");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

	int size() {
		return this.size;
	}

	void clear() {
		this.size = 0;
		if (this.bytes.length > KEPT_SIZE) {
			this.bytes = new byte[INITIAL_SIZE];
		}
	}

	byte[] digest() {
		this.sha256.update(this.bytes, 0, this.size);
		return this.sha256.digest();
	}

	void tag(byte tag) {
		ensure(1);
		this.bytes[this.size++] = tag;
	}

	void raw(byte[] value) {
		ensure(value.length);
		System.arraycopy(value, 0, this.bytes, this.size, value.length);
		this.size += value.length;
	}

	void bytes(byte[] value) {
		unsigned(value.length);
		raw(value);
	}

	byte[] copyFrom(int start) {
		return Arrays.copyOfRange(this.bytes, start, this.size);
	}

	void unsigned(long value) {
		ensure(10);
		long rest = value;
		while ((rest & ~0x7FL) != 0) {
			this.bytes[this.size++] = (byte) ((rest & 0x7F) | 0x80);
			rest >>>= 7;
		}
		this.bytes[this.size++] = (byte) rest;
	}

	void signed(long value) {
		unsigned((value << 1) ^ (value >> 63));
	}

	/**
	 * Length and UTF-8. A surrogate without its other half takes the three bytes of its
	 * code unit, so that different texts never become the same bytes.
	 */
	void text(String value) {
		int length = value.length();
		int utf8 = utf8Length(value, length);
		unsigned(utf8);
		ensure(utf8);
		if (utf8 == length) {
			asciiBytes(value, length);
		}
		else {
			utf8Bytes(value, length);
		}
	}

	@SuppressWarnings("deprecation")
	private void asciiBytes(String value, int length) {
		value.getBytes(0, length, this.bytes, this.size);
		this.size += length;
	}

	private static int utf8Length(String value, int length) {
		int result = length;
		for (int i = 0; i < length; i++) {
			char c = value.charAt(i);
			if (c >= 0x800) {
				result += 2;
				if (isPair(value, i, length)) {
					// Both units are in the length already, which makes four bytes
					i++;
				}
			}
			else if (c >= 0x80) {
				result++;
			}
		}
		return result;
	}

	private static boolean isPair(String value, int index, int length) {
		return Character.isHighSurrogate(value.charAt(index)) && index + 1 < length
				&& Character.isLowSurrogate(value.charAt(index + 1));
	}

	private void utf8Bytes(String value, int length) {
		for (int i = 0; i < length; i++) {
			int c = value.charAt(i);
			if (isPair(value, i, length)) {
				c = value.codePointAt(i++);
				octet(0xF0 | (c >> 18));
				octet(0x80 | ((c >> 12) & 0x3F));
				octet(0x80 | ((c >> 6) & 0x3F));
				octet(0x80 | (c & 0x3F));
			}
			else if (c >= 0x800) {
				octet(0xE0 | (c >> 12));
				octet(0x80 | ((c >> 6) & 0x3F));
				octet(0x80 | (c & 0x3F));
			}
			else if (c >= 0x80) {
				octet(0xC0 | (c >> 6));
				octet(0x80 | (c & 0x3F));
			}
			else {
				octet(c);
			}
		}
	}

	private void octet(int value) {
		this.bytes[this.size++] = (byte) value;
	}

	/** Scale and unscaled value without trailing zeros, hence by value. */
	void number(long unscaled, long scale) {
		long value = unscaled;
		long digits = (value != 0) ? scale : 0;
		while (value != 0 && value % 10 == 0) {
			value /= 10;
			digits--;
		}
		signed(digits);
		int length = (64 - Long.numberOfLeadingZeros(value ^ (value >> 63))) / 8 + 1;
		unsigned(length);
		ensure(length);
		for (int shift = (length - 1) * 8; shift >= 0; shift -= 8) {
			this.bytes[this.size++] = (byte) (value >> shift);
		}
	}

	void number(BigDecimal value) {
		if (value.precision() <= LONG_DIGITS) {
			number(value.unscaledValue().longValue(), value.scale());
			return;
		}
		BigDecimal stripped = value.stripTrailingZeros();
		if (stripped.precision() <= LONG_DIGITS) {
			number(stripped.unscaledValue().longValue(), stripped.scale());
			return;
		}
		signed(stripped.scale());
		bytes(stripped.unscaledValue().toByteArray());
	}

	void number(BigInteger value) {
		number(new BigDecimal(value));
	}

	/**
	 * The decimal with the fewest digits that is this number. Counted here, because what
	 * {@code Double.toString} prints depends on the Java version.
	 */
	static BigDecimal decimal(double value) {
		if (Math.abs(value) < EXACT_INTEGERS && value == (long) value) {
			return BigDecimal.valueOf((long) value);
		}
		BigDecimal exact = new BigDecimal(value);
		for (int digits = DOUBLE_DIGITS;; digits++) {
			BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
			if (rounded.doubleValue() == value || digits > DOUBLE_DIGITS + 2) {
				return rounded;
			}
		}
	}

	static BigDecimal decimal(float value) {
		BigDecimal exact = new BigDecimal(value);
		for (int digits = FLOAT_DIGITS;; digits++) {
			BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
			if (rounded.floatValue() == value || digits > FLOAT_DIGITS + 3) {
				return rounded;
			}
		}
	}

	/**
	 * Put what was written since then into the order of its bytes.
	 * @param starts where each piece begins, the first one being where the sort begins
	 * @param count how many pieces there are
	 */
	void sort(int[] starts, int count) {
		if (count < 2) {
			return;
		}
		byte[][] pieces = new byte[count][];
		for (int i = 0; i < count; i++) {
			int end = (i + 1 < count) ? starts[i + 1] : this.size;
			pieces[i] = Arrays.copyOfRange(this.bytes, starts[i], end);
		}
		Arrays.sort(pieces, Arrays::compareUnsigned);
		this.size = starts[0];
		for (byte[] piece : pieces) {
			raw(piece);
		}
	}

	private void ensure(int more) {
		if (this.bytes.length - this.size < more) {
			int wanted = Math.max(Math.addExact(this.size, more),
					(int) Math.min(Integer.MAX_VALUE - 8L, this.size * 2L));
			this.bytes = Arrays.copyOf(this.bytes, wanted);
		}
	}

}
