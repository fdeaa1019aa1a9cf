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
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.springframework.util.LinkedCaseInsensitiveMap;

/**
 * A response as it is recorded and sent again. Everything in it was checked: nothing can
 * be stored or restored that splits a response, or that belongs to one exchange only.
 *
 * @param status the status code, 100 to 599
 * @param headers what is sent with it, in order
 * @param body the bytes before any compression, not copied here or by the accessor: who
 * passes them on must not change them
 */
public record StoredResponse(int status, List<Header> headers, byte[] body) {

	private static final int LOWEST_STATUS = 100;

	private static final int HIGHEST_STATUS = 599;

	/**
	 * Create a response.
	 * @throws IllegalArgumentException if the status is out of range
	 */
	public StoredResponse {
		if (status < LOWEST_STATUS || status > HIGHEST_STATUS) {
			throw new IllegalArgumentException(status + " is not a status code");
		}
		headers = List.copyOf(headers);
	}

	/**
	 * Return the form that goes into a store. It begins with a version, and what was
	 * written by this version stays readable.
	 * @return new bytes
	 */
	public byte[] encode() {
		return ResponseBytes.write(this);
	}

	/**
	 * Read what came out of a store, which is not trusted.
	 * @param stored the bytes
	 * @return the response
	 * @throws UnreadableResponseException if the bytes are not exactly one response of a
	 * known version that {@link #encode()} could have written
	 */
	public static StoredResponse decode(byte[] stored) {
		return new ResponseBytes(stored).read();
	}

	/**
	 * Return the headers as they are set on a response.
	 * @return all values of each name, in order
	 */
	public Map<String, List<String>> valuesByName() {
		if (this.headers.size() == 1) {
			Header only = this.headers.get(0);
			return Map.of(only.name(), List.of(only.value()));
		}
		Map<String, List<String>> values = new LinkedCaseInsensitiveMap<>(this.headers.size(), Locale.ROOT);
		for (Header header : this.headers) {
			values.computeIfAbsent(header.name(), (name) -> new ArrayList<>(1)).add(header.value());
		}
		return values;
	}

	@Override
	public boolean equals(Object other) {
		return this == other || (other instanceof StoredResponse that && this.status == that.status
				&& this.headers.equals(that.headers) && Arrays.equals(this.body, that.body));
	}

	@Override
	public int hashCode() {
		return 31 * (31 * this.status + this.headers.hashCode()) + Arrays.hashCode(this.body);
	}

	/** Without headers and body, so that it may stand in a log. */
	@Override
	public String toString() {
		return "StoredResponse[status=" + this.status + ", headers=" + this.headers.size() + ", body="
				+ this.body.length + " bytes]";
	}

	/**
	 * One line of a response's header.
	 *
	 * @param name the name of the field
	 * @param value its value
	 */
	public record Header(String name, String value) {

		/**
		 * Create a line.
		 * @throws IllegalArgumentException if the name is no name of a field or one that
		 * is never sent again, or if the value has control characters
		 */
		public Header {
			if (!RecordedHeaders.isUsual(name)) {
				checkName(name);
			}
			if (!FieldSyntax.isValue(value)) {
				throw new IllegalArgumentException("The value of the header " + name + " has control characters");
			}
		}

		private static void checkName(String name) {
			if (!FieldSyntax.isToken(name)) {
				throw new IllegalArgumentException("The name of a header has characters that it must not have");
			}
			if (RecordedHeaders.isForbidden(name)) {
				throw new IllegalArgumentException("The header " + name + " is never sent again");
			}
		}

		/** Without the value, which may be confidential. */
		@Override
		public String toString() {
			return this.name;
		}

	}

}
