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

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.idempotency.web.StoredResponse.Header;

/**
 * The stored form of a response: version, status in two bytes, the number of headers,
 * name and value of each, and the body. Numbers are in seven-bit groups, lowest first,
 * and each text is UTF-8 after its length in bytes.
 */
final class ResponseBytes {

	private static final byte VERSION = 1;

	private static final int MAX_NUMBER_BYTES = 5;

	private static final char REPLACEMENT = '\uFFFD';

	private final byte[] bytes;

	private int position;

	ResponseBytes(byte[] bytes) {
		this.bytes = bytes;
	}

	static byte[] write(StoredResponse response) {
		List<byte[]> texts = new ArrayList<>(2 * response.headers().size());
		int size = 3 + numberSize(response.headers().size());
		for (Header header : response.headers()) {
			texts.add(header.name().getBytes(StandardCharsets.UTF_8));
			texts.add(header.value().getBytes(StandardCharsets.UTF_8));
		}
		texts.add(response.body());
		for (byte[] text : texts) {
			size = Math.addExact(size, Math.addExact(numberSize(text.length), text.length));
		}
		ResponseBytes out = new ResponseBytes(new byte[size]);
		out.octet(VERSION);
		out.octet(response.status() >> 8);
		out.octet(response.status());
		out.number(response.headers().size());
		texts.forEach(out::text);
		return out.bytes;
	}

	private static int numberSize(int number) {
		return Math.max(1, (38 - Integer.numberOfLeadingZeros(number)) / 7);
	}

	private void octet(int value) {
		this.bytes[this.position++] = (byte) value;
	}

	private void number(int number) {
		int rest = number;
		while (rest > 0x7F) {
			octet((rest & 0x7F) | 0x80);
			rest >>>= 7;
		}
		octet(rest);
	}

	private void text(byte[] text) {
		number(text.length);
		System.arraycopy(text, 0, this.bytes, this.position, text.length);
		this.position += text.length;
	}

	StoredResponse read() {
		int version = octet();
		if (version != VERSION) {
			throw new UnreadableResponseException("its version is " + version + ", not " + VERSION);
		}
		int status = (octet() << 8) | octet();
		int count = number();
		// Not sized by the count, which may be any
		List<Header> headers = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			headers.add(header());
		}
		byte[] body = slice();
		if (this.position != this.bytes.length) {
			throw new UnreadableResponseException("there is something after its end");
		}
		try {
			return new StoredResponse(status, headers, body);
		}
		catch (IllegalArgumentException ex) {
			throw new UnreadableResponseException("its status is out of range");
		}
	}

	private Header header() {
		String name = text();
		String value = text();
		try {
			return new Header(name, value);
		}
		catch (IllegalArgumentException ex) {
			throw new UnreadableResponseException("it has a header that must not be sent");
		}
	}

	private String text() {
		int length = length();
		int start = this.position;
		this.position += length;
		String text = new String(this.bytes, start, length, StandardCharsets.UTF_8);
		// What stands for bytes that are no character may have been written as such
		return (text.indexOf(REPLACEMENT) < 0) ? text : strictly(start, length);
	}

	private String strictly(int start, int length) {
		try {
			return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(this.bytes, start, length)).toString();
		}
		catch (CharacterCodingException ex) {
			throw new UnreadableResponseException("it has a header that is not UTF-8");
		}
	}

	private byte[] slice() {
		byte[] slice = new byte[length()];
		System.arraycopy(this.bytes, this.position, slice, 0, slice.length);
		this.position += slice.length;
		return slice;
	}

	private int length() {
		int length = number();
		if (length > this.bytes.length - this.position) {
			throw new UnreadableResponseException("it is cut off");
		}
		return length;
	}

	private int number() {
		long number = 0;
		for (int i = 0; i < MAX_NUMBER_BYTES; i++) {
			int next = octet();
			number |= (long) (next & 0x7F) << (7 * i);
			if (next <= 0x7F) {
				return inRange(number);
			}
		}
		throw new UnreadableResponseException("it has a number that is too long");
	}

	private static int inRange(long number) {
		if (number > Integer.MAX_VALUE) {
			throw new UnreadableResponseException("it has a number that is too large");
		}
		return (int) number;
	}

	private int octet() {
		if (this.position == this.bytes.length) {
			throw new UnreadableResponseException("it is cut off");
		}
		return this.bytes[this.position++] & 0xFF;
	}

}
