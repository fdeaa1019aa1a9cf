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
 * The form of characters in UTF-8.
 */
final class Utf8 {

	private Utf8() {
	}

	/** The number of bytes of a character; none for what is beyond Unicode. */
	static int length(int codePoint) {
		if (codePoint < 0x80) {
			return 1;
		}
		if (codePoint < 0x800) {
			return 2;
		}
		if (codePoint < 0x10000) {
			return 3;
		}
		return (codePoint <= Character.MAX_CODE_POINT) ? 4 : 0;
	}

	/** Whether this is half a character, which has no form. */
	static boolean isSurrogate(int codePoint) {
		return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
	}

	/** Write a character and return the position behind it. */
	static int write(int codePoint, byte[] out, int position) {
		int length = length(codePoint);
		if (length == 1) {
			out[position] = (byte) codePoint;
			return position + 1;
		}
		int rest = codePoint;
		for (int i = length - 1; i > 0; i--) {
			out[position + i] = (byte) (0x80 | (rest & 0x3F));
			rest >>= 6;
		}
		// As many leading ones as there are bytes
		out[position] = (byte) ((0xF00 >> length) | rest);
		return position + length;
	}

}
