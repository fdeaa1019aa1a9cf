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

import java.util.List;
import java.util.regex.Pattern;

import org.greenbytes.http.sfv.Item;
import org.greenbytes.http.sfv.ParseException;
import org.greenbytes.http.sfv.Parser;
import org.greenbytes.http.sfv.StringItem;
import org.jspecify.annotations.Nullable;

/**
 * Reads the key of a request from its header: an Item of type String by RFC 9651, as the
 * draft of the {@code Idempotency-Key} header has it, or, with {@link KeySyntax#LENIENT},
 * the bare key.
 *
 * <p>
 * A key has 1 to 255 printable ASCII characters that are not all spaces. Upper and lower
 * case and spaces inside the quotes count; parameters after the closing quote do not. A
 * bare key cannot have spaces at its ends, and no comma or quote, which make a list or
 * are the remains of one. Immutable.
 */
public final class IdempotencyKeyHeader {

	private static final int MAX_LENGTH = 255;

	private static final Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

	private final String name;

	private final KeySyntax syntax;

	private final KeyFormat format;

	/**
	 * Create a reader.
	 * @param name the name of the header
	 * @param syntax how keys are written
	 * @param format what keys look like
	 * @throws IllegalArgumentException if the name cannot be one of a header
	 */
	public IdempotencyKeyHeader(String name, KeySyntax syntax, KeyFormat format) {
		if (!FieldSyntax.isToken(name)) {
			throw new IllegalArgumentException("'" + name + "' is not the name of a header");
		}
		this.name = name;
		this.syntax = syntax;
		this.format = format;
	}

	/**
	 * Return the name of the header.
	 * @return the name as it was given
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Read the key.
	 * @param lines the values of the header, one for each line of the request
	 * @return the key without quotes, or {@code null} if the request has no such header
	 * @throws ProblemException of {@link ProblemType#INVALID_KEY} if there is a header
	 * and not exactly one usable key in it
	 */
	public @Nullable String read(List<String> lines) {
		if (lines.isEmpty()) {
			return null;
		}
		if (lines.size() > 1) {
			throw invalid("several-keys");
		}
		String key = decode(FieldSyntax.trim(lines.get(0)));
		check(key);
		return key;
	}

	private String decode(String value) {
		if (value.isEmpty()) {
			throw invalid("empty");
		}
		if (this.syntax == KeySyntax.STRICT || value.charAt(0) == '"') {
			return string(value);
		}
		if (value.indexOf(',') >= 0) {
			throw invalid("several-keys");
		}
		if (value.indexOf('"') >= 0) {
			throw invalid("syntax");
		}
		return value;
	}

	private static String string(String value) {
		if (isPlain(value)) {
			return value.substring(1, value.length() - 1);
		}
		Item<?> item;
		try {
			item = Parser.parseItem(value);
		}
		catch (ParseException ex) {
			// Not as the cause: it quotes the value
			throw invalid("syntax");
		}
		if (item instanceof StringItem string) {
			return string.get();
		}
		throw invalid("syntax");
	}

	/** Nearly all keys are: quotes around what needs no escape, and nothing behind. */
	private static boolean isPlain(String value) {
		int last = value.length() - 1;
		return last > 0 && value.charAt(0) == '"' && value.indexOf('"', 1) == last && value.indexOf('\\') < 0
				&& FieldSyntax.isPrintableAscii(value);
	}

	private void check(String key) {
		if (key.isBlank()) {
			throw invalid("empty");
		}
		if (key.length() > MAX_LENGTH) {
			throw invalid("too-long");
		}
		if (!FieldSyntax.isPrintableAscii(key)) {
			throw invalid("characters");
		}
		if (this.format == KeyFormat.UUID && !UUID.matcher(key).matches()) {
			throw invalid("not-a-uuid");
		}
	}

	private static ProblemException invalid(String reason) {
		return new ProblemException(new Problem(ProblemType.INVALID_KEY, "", null, reason));
	}

}
