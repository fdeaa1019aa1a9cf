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

package io.idempotency.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * A connection that knows as much of HTTP as the answers of the benchmark need: a status
 * of 200, and a body with a length or in chunks.
 */
final class HttpConnection implements Closeable {

	private static final String OK = "HTTP/1.1 200";

	private static final String LENGTH = "\r\ncontent-length: ";

	private static final String LAST_CHUNK = "\r\n0\r\n\r\n";

	private final Socket socket;

	private final InputStream in;

	private final OutputStream out;

	private final byte[] request = new byte[4096];

	private final byte[] answer = new byte[8192];

	HttpConnection(InetAddress address, int port) throws IOException {
		this.socket = new Socket(address, port);
		this.socket.setTcpNoDelay(true);
		this.in = this.socket.getInputStream();
		this.out = this.socket.getOutputStream();
	}

	@SuppressWarnings("deprecation")
	void exchange(byte[] head, String key, byte[] tail) throws IOException {
		System.arraycopy(head, 0, this.request, 0, head.length);
		key.getBytes(0, key.length(), this.request, head.length);
		System.arraycopy(tail, 0, this.request, head.length + key.length(), tail.length);
		this.out.write(this.request, 0, head.length + key.length() + tail.length);
		int size = 0;
		while (!isWhole(size)) {
			int count = this.in.read(this.answer, size, this.answer.length - size);
			if (count <= 0) {
				throw new IOException("Cut off: " + text(size));
			}
			size += count;
		}
		if (!startsWith(OK, 0)) {
			throw new IOException("Not the answer: " + text(size));
		}
	}

	private boolean isWhole(int size) {
		int end = endOfHead(size);
		if (end < 0) {
			return false;
		}
		for (int i = 0; i < end; i++) {
			if (this.answer[i] == '\r' && startsWith(LENGTH, i)) {
				return size == end + number(i + LENGTH.length());
			}
		}
		return size >= end + LAST_CHUNK.length() && startsWith(LAST_CHUNK, size - LAST_CHUNK.length());
	}

	private int endOfHead(int size) {
		for (int i = 3; i < size; i++) {
			if (this.answer[i] == '\n' && this.answer[i - 2] == '\n') {
				return i + 1;
			}
		}
		return -1;
	}

	private boolean startsWith(String expected, int offset) {
		for (int i = 0; i < expected.length(); i++) {
			if (Character.toLowerCase(expected.charAt(i)) != Character.toLowerCase((char) this.answer[offset + i])) {
				return false;
			}
		}
		return true;
	}

	private int number(int offset) {
		int number = 0;
		for (int i = offset; this.answer[i] >= '0' && this.answer[i] <= '9'; i++) {
			number = 10 * number + this.answer[i] - '0';
		}
		return number;
	}

	private String text(int size) {
		return new String(this.answer, 0, size, StandardCharsets.ISO_8859_1);
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
