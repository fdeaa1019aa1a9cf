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
 * The characters of header fields, by RFC 9110, section 5.
 */
final class FieldSyntax {

	private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

	private FieldSyntax() {
	}

	static boolean isToken(String text) {
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
			if (!alphanumeric && TOKEN_MARKS.indexOf(c) < 0) {
				return false;
			}
		}
		return !text.isEmpty();
	}

	/** Whether a value can be sent in one line and stays in it. */
	static boolean isValue(String text) {
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if ((c < 0x20 && c != '\t') || c == 0x7F || (c > 0xFF && endsLine(c))) {
				return false;
			}
		}
		return true;
	}

	/** There were servers that sent the lower byte of what is beyond ISO 8859-1. */
	private static boolean endsLine(char c) {
		int octet = c & 0xFF;
		return octet == '\r' || octet == '\n';
	}

	static boolean isPrintableAscii(String text) {
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if (c < 0x20 || c > 0x7E) {
				return false;
			}
		}
		return true;
	}

	/** Without the spaces and tabs that may surround a value. */
	static String trim(String text) {
		int start = 0;
		int end = text.length();
		while (start < end && isSpace(text.charAt(start))) {
			start++;
		}
		while (end > start && isSpace(text.charAt(end - 1))) {
			end--;
		}
		return text.substring(start, end);
	}

	private static boolean isSpace(char c) {
		return c == ' ' || c == '\t';
	}

}
