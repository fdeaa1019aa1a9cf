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

package io.idempotency.web.conformance;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a server answered.
 *
 * @param status the status code
 * @param headers the header lines in their order
 * @param bytes the body as it came, without its chunks
 */
record Answer(int status, List<Header> headers, byte[] bytes) {

	private static final JsonMapper JSON = new JsonMapper();

	private static final Set<String> OF_NO_INTEREST = Set.of("Vary", "Date", "Connection", "Keep-Alive", "Expires",
			"Pragma", "X-Content-Type-Options", "X-XSS-Protection", "X-Frame-Options");

	/**
	 * Return the only header line of that name.
	 * @param name the name, in any case
	 * @return the value, or {@code null} if there is none
	 */
	@Nullable String header(String name) {
		List<String> values = all(name);
		if (values.size() > 1) {
			throw new AssertionError("Several header lines " + name + ": " + values);
		}
		return values.isEmpty() ? null : values.get(0);
	}

	List<String> all(String name) {
		return this.headers.stream()
			.filter((header) -> header.name().equalsIgnoreCase(name))
			.map(Header::value)
			.toList();
	}

	boolean replayed() {
		return "true".equals(header("Idempotent-Replayed"));
	}

	boolean gzipped() {
		return "gzip".equals(header("Content-Encoding"));
	}

	/**
	 * Return the body as the server's application wrote it.
	 * @return the bytes inside of the compression
	 */
	byte[] content() {
		try {
			return gzipped() ? new GZIPInputStream(new ByteArrayInputStream(this.bytes)).readAllBytes() : this.bytes;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	String text() {
		return new String(content(), StandardCharsets.UTF_8);
	}

	JsonNode json() {
		return JSON.readTree(content());
	}

	/**
	 * Return what a receipt says.
	 * @param name the name of a member
	 * @return its value as text
	 */
	String member(String name) {
		return json().path(name).asString();
	}

	@Override
	public String toString() {
		String lines = this.headers.stream()
			.filter((header) -> !OF_NO_INTEREST.contains(header.name()))
			.map(Header::toString)
			.collect(Collectors.joining(", ", " [", "] "));
		return this.status + lines + ((this.bytes.length < 500) ? text() : this.bytes.length + " bytes");
	}

	/**
	 * A header line.
	 *
	 * @param name the name as it came
	 * @param value the value without the white space around it
	 */
	record Header(String name, String value) {

		@Override
		public String toString() {
			return this.name + ": " + this.value;
		}

	}

}
