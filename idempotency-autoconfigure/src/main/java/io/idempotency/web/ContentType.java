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

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.ConcurrentLruCache;

/**
 * A content type as far as it makes a difference.
 *
 * @param normalized the type, or {@code null} if there is none
 * @param kind what its content is
 */
public record ContentType(@Nullable String normalized, Kind kind) {

	private static final ContentType NONE = new ContentType(null, Kind.OTHER);

	/**
	 * What nearly all requests send; to look it up would be the larger part of reading.
	 */
	private static final ContentType PLAIN_JSON = new ContentType(MediaType.APPLICATION_JSON_VALUE, Kind.JSON);

	/** An API has a few, and clients repeat them. */
	private static final ConcurrentLruCache<String, ContentType> KNOWN = new ConcurrentLruCache<>(64,
			ContentType::read);

	/**
	 * Read a content type.
	 * @param value the value of the header, or {@code null}
	 * @return the type, which is some other one if the value is no media type
	 */
	public static ContentType parse(@Nullable String value) {
		if (value == null) {
			return NONE;
		}
		return value.equals(MediaType.APPLICATION_JSON_VALUE) ? PLAIN_JSON : KNOWN.get(value);
	}

	private static ContentType read(String value) {
		try {
			MediaType type = MediaType.parseMediaType(value);
			return new ContentType(normalize(type), kind(type));
		}
		catch (InvalidMediaTypeException ex) {
			return new ContentType(FieldSyntax.trim(value), Kind.OTHER);
		}
	}

	private static String normalize(MediaType type) {
		StringBuilder text = new StringBuilder();
		text.append(type.getType()).append('/').append(type.getSubtype());
		for (Map.Entry<String, String> parameter : parameters(type).entrySet()) {
			text.append(';').append(parameter.getKey()).append('=').append(parameter.getValue());
		}
		return text.toString();
	}

	private static Map<String, String> parameters(MediaType type) {
		Map<String, String> sorted = new TreeMap<>();
		type.getParameters().forEach((name, value) -> {
			String key = name.toLowerCase(Locale.ROOT);
			String unquoted = unquote(value);
			sorted.put(key, key.equals("charset") ? unquoted.toLowerCase(Locale.ROOT) : unquoted);
		});
		if (type.getType().equals("multipart")) {
			sorted.remove("boundary");
		}
		return sorted;
	}

	/** Without quotes that are not needed; needed ones keep the parameters apart. */
	private static String unquote(String value) {
		boolean quoted = value.length() > 1 && value.charAt(0) == '"' && value.endsWith("\"");
		String inner = quoted ? value.substring(1, value.length() - 1) : value;
		return FieldSyntax.isToken(inner) ? inner : value;
	}

	private static Kind kind(MediaType type) {
		if (isJson(type)) {
			return Kind.JSON;
		}
		if (MediaType.APPLICATION_FORM_URLENCODED.equalsTypeAndSubtype(type)) {
			return Kind.FORM;
		}
		return type.getType().equals("multipart") ? Kind.MULTIPART : Kind.OTHER;
	}

	private static boolean isJson(MediaType type) {
		boolean json = type.getSubtype().equals("json") || type.getSubtype().endsWith("+json");
		String charset = parameters(type).get("charset");
		return json && (charset == null || charset.equals("utf-8") || charset.equals("us-ascii"));
	}

	/**
	 * What a content is, as far as it makes a difference.
	 */
	public enum Kind {

		/** JSON in UTF-8. */
		JSON,

		/** The fields of a form, in one line. */
		FORM,

		/** Parts, of a form or of something else. */
		MULTIPART,

		/** Bytes. */
		OTHER

	}

}
