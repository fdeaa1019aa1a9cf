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

import io.idempotency.web.KeptBytes;
import io.idempotency.web.ProblemException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;

/**
 * Keeps what is read from the container, and gives it from the beginning.
 */
final class KeptBody extends ServletInputStream {

	private final ServletInputStream source;

	private final KeptBytes kept;

	private final ServletExchange exchange;

	private int position;

	private boolean end;

	KeptBody(ServletInputStream source, KeptBytes kept, ServletExchange exchange) {
		this.source = source;
		this.kept = kept;
		this.exchange = exchange;
	}

	byte[] drain() throws IOException {
		while (fill()) {
			continue;
		}
		return this.kept.whole();
	}

	/** Take no memory of other requests any longer. */
	void release() {
		this.kept.close();
	}

	private boolean fill() throws IOException {
		if (this.end) {
			return false;
		}
		if (this.kept.room() == 0) {
			if (this.kept.isMaybeWhole()) {
				return fillBeyond();
			}
			makeRoom();
		}
		int count = this.source.read(this.kept.array(), this.kept.size(), this.kept.room());
		this.end = count < 0;
		if (!this.end) {
			this.kept.received(count);
		}
		return !this.end;
	}

	private boolean fillBeyond() throws IOException {
		int next = this.source.read();
		this.end = next < 0;
		if (!this.end) {
			makeRoom();
			this.kept.add((byte) next);
		}
		return !this.end;
	}

	// Readers of JSON take what is thrown here for an error in the body
	private void makeRoom() {
		try {
			this.kept.makeRoom(1);
		}
		catch (ProblemException ex) {
			this.exchange.refuse(ex.problem());
			throw ex;
		}
	}

	private boolean isRead() {
		return this.position >= this.kept.size();
	}

	@Override
	public int read() throws IOException {
		while (isRead()) {
			if (!fill()) {
				return -1;
			}
		}
		return this.kept.array()[this.position++] & 0xFF;
	}

	@Override
	public int read(byte[] target, int offset, int length) throws IOException {
		if (length == 0) {
			return 0;
		}
		while (isRead()) {
			if (!fill()) {
				return -1;
			}
		}
		int count = Math.min(length, this.kept.size() - this.position);
		System.arraycopy(this.kept.array(), this.position, target, offset, count);
		this.position += count;
		return count;
	}

	@Override
	public int available() throws IOException {
		return isRead() ? this.source.available() : this.kept.size() - this.position;
	}

	@Override
	public boolean isFinished() {
		return this.end && isRead();
	}

	@Override
	public boolean isReady() {
		return !isRead() || this.end || this.source.isReady();
	}

	@Override
	public void setReadListener(ReadListener listener) {
		throw new IllegalStateException(
				"The body of a guarded request is read before the handler runs; read it without a listener");
	}

}
