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

/**
 * Reads the tokens of a JSON text and writes them in their canonical form, which is never
 * longer.
 */
final class JsonText {

	private static final String SHORT_ESCAPES = "\b\t\n\f\r";

	private static final String SHORT_LETTERS = "btnfr";

	private static final String HEX = "0123456789abcdef";

	private final byte[] in;

	private final byte[] out;

	private int position;

	private int size;

	JsonText(byte[] in) {
		this.in = in;
		this.out = new byte[in.length];
		boolean byteOrderMark = in.length >= 3 && in[0] == (byte) 0xEF && in[1] == (byte) 0xBB && in[2] == (byte) 0xBF;
		this.position = byteOrderMark ? 3 : 0;
	}

	byte[] out() {
		return this.out;
	}

	int size() {
		return this.size;
	}

	/** Skip white space and return what comes next. */
	int peek() throws NotJsonException {
		skipSpace();
		return at(this.position);
	}

	void expect(char c) throws NotJsonException {
		if (peek() != c) {
			throw NotJsonException.INSTANCE;
		}
	}

	void end() throws NotJsonException {
		skipSpace();
		if (this.position != this.in.length) {
			throw NotJsonException.INSTANCE;
		}
	}

	/** Take over the byte that comes next. */
	void copy() {
		this.out[this.size++] = this.in[this.position++];
	}

	/** Read a value that is not a container. */
	void scalar() throws NotJsonException {
		switch (peek()) {
			case '"' -> string();
			case 't' -> literal("true");
			case 'f' -> literal("false");
			case 'n' -> literal("null");
			default -> number();
		}
	}

	private void skipSpace() {
		while (this.position < this.in.length && isSpace(this.in[this.position])) {
			this.position++;
		}
	}

	private static boolean isSpace(byte b) {
		return b == ' ' || b == '\n' || b == '\r' || b == '\t';
	}

	private int at(int index) throws NotJsonException {
		if (index >= this.in.length) {
			throw NotJsonException.INSTANCE;
		}
		return this.in[index] & 0xFF;
	}

	private void literal(String literal) throws NotJsonException {
		for (int i = 0; i < literal.length(); i++) {
			if (at(this.position) != literal.charAt(i)) {
				throw NotJsonException.INSTANCE;
			}
			copy();
		}
	}

	private void number() throws NotJsonException {
		if (at(this.position) == '-') {
			copy();
		}
		if (at(this.position) == '0') {
			copy();
		}
		else {
			digits();
		}
		if (isNext('.')) {
			copy();
			digits();
		}
		if (isNext('e') || isNext('E')) {
			copy();
			if (isNext('+') || isNext('-')) {
				copy();
			}
			digits();
		}
	}

	private boolean isNext(char c) {
		return this.position < this.in.length && this.in[this.position] == c;
	}

	private void digits() throws NotJsonException {
		if (!isDigit(at(this.position))) {
			throw NotJsonException.INSTANCE;
		}
		while (this.position < this.in.length && isDigit(this.in[this.position])) {
			copy();
		}
	}

	private static boolean isDigit(int c) {
		return c >= '0' && c <= '9';
	}

	private void string() throws NotJsonException {
		copy();
		while (true) {
			plain();
			int c = at(this.position);
			if (c == '"') {
				copy();
				return;
			}
			if (c == '\\') {
				escape();
			}
			else if (c >= 0x80) {
				multibyte(c);
			}
			else {
				throw NotJsonException.INSTANCE;
			}
		}
	}

	/** Take over what stands for itself in one byte. */
	private void plain() {
		int from = this.position;
		int next = from;
		// Bytes from 0x80 on are negative
		while (next < this.in.length && this.in[next] >= ' ' && this.in[next] != '"' && this.in[next] != '\\') {
			next++;
		}
		System.arraycopy(this.in, from, this.out, this.size, next - from);
		this.size += next - from;
		this.position = next;
	}

	private void multibyte(int lead) throws NotJsonException {
		int more = (lead >= 0xF0) ? 3 : (lead >= 0xE0) ? 2 : 1;
		int codePoint = lead & (0x3F >> more);
		for (int i = 1; i <= more; i++) {
			int next = at(this.position + i);
			if ((next & 0xC0) != 0x80) {
				throw NotJsonException.INSTANCE;
			}
			codePoint = (codePoint << 6) | (next & 0x3F);
		}
		if (lead < 0xC0 || lead > 0xF4 || Utf8.length(codePoint) != more + 1 || Utf8.isSurrogate(codePoint)) {
			throw NotJsonException.INSTANCE;
		}
		for (int i = 0; i <= more; i++) {
			copy();
		}
	}

	private void escape() throws NotJsonException {
		int letter = at(this.position + 1);
		this.position += 2;
		if (letter == 'u') {
			character(unicode());
			return;
		}
		int index = SHORT_LETTERS.indexOf(letter);
		if (index >= 0) {
			character(SHORT_ESCAPES.charAt(index));
		}
		else if (letter == '"' || letter == '\\' || letter == '/') {
			character(letter);
		}
		else {
			throw NotJsonException.INSTANCE;
		}
	}

	/** Read the digits of an escape, and a second one where both are one character. */
	private int unicode() throws NotJsonException {
		int unit = hex();
		if (!Character.isHighSurrogate((char) unit) || !isNext('\\') || at(this.position + 1) != 'u') {
			return unit;
		}
		int behindFirst = this.position;
		this.position += 2;
		int second = hex();
		if (Character.isLowSurrogate((char) second)) {
			return Character.toCodePoint((char) unit, (char) second);
		}
		this.position = behindFirst;
		return unit;
	}

	private int hex() throws NotJsonException {
		int unit = 0;
		for (int i = 0; i < 4; i++) {
			int c = at(this.position++);
			int digit = (c < 0x80) ? Character.digit(c, 16) : -1;
			if (digit < 0) {
				throw NotJsonException.INSTANCE;
			}
			unit = (unit << 4) | digit;
		}
		return unit;
	}

	/** Write a character that was escaped, and escape it only if it must be. */
	private void character(int c) {
		int index = SHORT_ESCAPES.indexOf(c);
		if (c == '"' || c == '\\') {
			octets('\\', c);
		}
		else if (index >= 0) {
			octets('\\', SHORT_LETTERS.charAt(index));
		}
		else if (c < 0x20 || Utf8.isSurrogate(c)) {
			octets('\\', 'u', HEX.charAt(c >> 12), HEX.charAt((c >> 8) & 0xF));
			octets(HEX.charAt((c >> 4) & 0xF), HEX.charAt(c & 0xF));
		}
		else {
			this.size = Utf8.write(c, this.out, this.size);
		}
	}

	private void octets(int... octets) {
		for (int octet : octets) {
			this.out[this.size++] = (byte) octet;
		}
	}

}
