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

package io.idempotency.web.servlet;

import java.io.IOException;
import java.util.Arrays;

import io.idempotency.web.ProblemException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;

/**
 * Keeps what is read from the container, and gives it from the beginning.
 */
final class KeptBody extends ServletInputStream {

	private static final int CHUNK = 8 * 1024;

	private static final byte[] NOTHING = new byte[0];

	private final ServletInputStream source;

	private final int limit;

	private final int expected;

	private byte[] kept;

	private int size;

	private int position;

	private boolean end;

	KeptBody(ServletInputStream source, int limit, int expected) {
		this.source = source;
		this.limit = limit;
		this.expected = expected;
		this.kept = NOTHING;
	}

	byte[] drain() throws IOException {
		while (fill()) {
			continue;
		}
		return (this.size == this.kept.length) ? this.kept : Arrays.copyOf(this.kept, this.size);
	}

	// The one byte more than the limit tells that there is more
	private boolean fill() throws IOException {
		if (this.end) {
			return false;
		}
		if (this.size == this.expected) {
			return fillBeyondExpected();
		}
		if (this.size == this.kept.length) {
			// What is only announced costs no memory yet
			int most = (this.size < this.expected) ? this.expected : this.limit + 1;
			this.kept = Arrays.copyOf(this.kept, Math.min(Math.max(this.size * 2, CHUNK), most));
		}
		int count = this.source.read(this.kept, this.size, this.kept.length - this.size);
		if (count < 0) {
			this.end = true;
			return false;
		}
		this.size += count;
		if (this.size > this.limit) {
			throw ProblemException.tooLarge();
		}
		return true;
	}

	// A filter may have made the body longer than the client announced
	private boolean fillBeyondExpected() throws IOException {
		int next = this.source.read();
		if (next < 0) {
			this.end = true;
			return false;
		}
		if (this.size == this.limit) {
			throw ProblemException.tooLarge();
		}
		this.kept = Arrays.copyOf(this.kept, Math.min(Math.max(this.size * 2, CHUNK), this.limit + 1));
		this.kept[this.size++] = (byte) next;
		return true;
	}

	@Override
	public int read() throws IOException {
		while (this.position == this.size) {
			if (!fill()) {
				return -1;
			}
		}
		return this.kept[this.position++] & 0xFF;
	}

	@Override
	public int read(byte[] target, int offset, int length) throws IOException {
		if (length == 0) {
			return 0;
		}
		while (this.position == this.size) {
			if (!fill()) {
				return -1;
			}
		}
		int count = Math.min(length, this.size - this.position);
		System.arraycopy(this.kept, this.position, target, offset, count);
		this.position += count;
		return count;
	}

	@Override
	public int available() throws IOException {
		return (this.position < this.size) ? this.size - this.position : this.source.available();
	}

	@Override
	public boolean isFinished() {
		return this.end && this.position == this.size;
	}

	@Override
	public boolean isReady() {
		return this.position < this.size || this.end || this.source.isReady();
	}

	@Override
	public void setReadListener(ReadListener listener) {
		throw new IllegalStateException(
				"The body of a guarded request is read before the handler runs; read it without a listener");
	}

}
