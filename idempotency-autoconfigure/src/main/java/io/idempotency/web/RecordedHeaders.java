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

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import io.idempotency.web.StoredResponse.Header;

/**
 * Chooses the headers of a response that are recorded with it: those that describe the
 * content, and what the application adds. Immutable.
 *
 * <p>
 * A response's {@code Content-Encoding} is recorded as well: it is there only if the
 * handler encoded the bytes, and they cannot be read without it. Compression by the
 * server or by a filter around this one comes later and leaves nothing here.
 */
public final class RecordedHeaders {

	private static final List<String> ALWAYS = List.of("Content-Type", "Content-Encoding", "Content-Language",
			"Content-Disposition", "Location", "ETag", "Last-Modified", "Cache-Control", "Link");

	private static final String FORBIDDEN_PREFIX = "access-control-";

	/**
	 * What belongs to one exchange or one connection (RFC 9110, sections 6.6.1 and
	 * 7.6.1), what carries credentials or asks for them, what is computed anew for a
	 * replay, and the key, which is nowhere stored as it is.
	 */
	private static final Set<String> FORBIDDEN = Set.of("set-cookie", "set-cookie2", "date", "age", "connection",
			"keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer", "upgrade", "content-length",
			"www-authenticate", "authentication-info", "proxy-authenticate", "proxy-authorization",
			"proxy-authentication-info", "clear-site-data", "idempotent-replayed", "idempotency-key");

	/** As nearly all responses write them. */
	private static final Set<String> USUAL = Set.copyOf(ALWAYS);

	private final Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

	/**
	 * Create a choice.
	 * @param additional names of headers that are recorded as well, in upper or lower
	 * case
	 * @param keyHeader the name of the header that carries keys, which a response may
	 * repeat
	 * @throws IllegalArgumentException if one of them is no name of a header, must not be
	 * sent again, or carries keys
	 */
	public RecordedHeaders(Collection<String> additional, String keyHeader) {
		List<String> refused = additional.stream().filter(RecordedHeaders::isRefused).toList();
		if (!refused.isEmpty()) {
			throw new IllegalArgumentException("These headers cannot be recorded, because they are valid for one"
					+ " response only or are no names of headers: " + String.join(", ", refused));
		}
		this.names.addAll(ALWAYS);
		this.names.addAll(additional);
		if (this.names.contains(keyHeader)) {
			throw new IllegalArgumentException("The header '" + keyHeader
					+ "' cannot be recorded, because it carries the keys of requests, which are stored nowhere as they"
					+ " are");
		}
	}

	private static boolean isRefused(String name) {
		return !FieldSyntax.isToken(name) || isForbidden(name);
	}

	/** Whether a name is known to be one that can be recorded. */
	static boolean isUsual(String name) {
		return USUAL.contains(name);
	}

	static boolean isForbidden(String name) {
		String lowerCase = name.toLowerCase(Locale.ROOT);
		return FORBIDDEN.contains(lowerCase) || lowerCase.startsWith(FORBIDDEN_PREFIX);
	}

	/**
	 * Choose from the headers of a response. A value with control characters is left out:
	 * the response is given to its first client in any case, and what the server made of
	 * such a value is not known.
	 * @param headers the values by name
	 * @return what is recorded, in the order of the map and of the values
	 */
	public List<Header> of(Map<String, ? extends Collection<String>> headers) {
		List<Header> recorded = new ArrayList<>();
		headers.forEach((name, values) -> {
			if (isUsual(name) || this.names.contains(name)) {
				values.forEach((value) -> add(recorded, name, value));
			}
		});
		return recorded;
	}

	private static void add(List<Header> recorded, String name, @Nullable String value) {
		if (value != null && FieldSyntax.isValue(value)) {
			recorded.add(new Header(name, value));
		}
	}

}
