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
import java.io.OutputStreamWriter;
import java.io.UnsupportedEncodingException;
import java.io.Writer;
import java.util.Arrays;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.WriteListener;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a response: they pass to the container, are held, or are dropped. Each
 * stream and writer that was given out follows the changes. Used by one thread at a time.
 */
final class HeldOutput {

	private static final byte[] NOTHING = new byte[0];

	private final ServletResponse target;

	private final Action beforeFirstByte;

	private final Action overflow;

	private final int limit;

	private byte[] held = NOTHING;

	private int size;

	private State state = State.PASSING;

	private boolean wasHeld;

	HeldOutput(ServletResponse target, Action beforeFirstByte, Action overflow, int limit) {
		this.target = target;
		this.beforeFirstByte = beforeFirstByte;
		this.overflow = overflow;
		this.limit = limit;
	}

	boolean passing() {
		return this.state == State.PASSING;
	}

	void hold() {
		this.state = State.HOLDING;
		this.wasHeld = true;
	}

	void passThrough() throws IOException {
		if (this.state == State.HOLDING) {
			this.state = State.PASSING;
			if (this.size > 0) {
				this.target.getOutputStream().write(this.held, 0, this.size);
				clear();
			}
		}
	}

	void drop() {
		this.state = State.DROPPING;
		clear();
	}

	void clear() {
		this.size = 0;
	}

	int size() {
		return this.size;
	}

	/** What is held, not to be changed. */
	byte[] bytes() {
		return (this.size == this.held.length) ? this.held : Arrays.copyOf(this.held, this.size);
	}

	ServletOutputStream stream() {
		return new Stream();
	}

	Writer writer(String encoding) throws UnsupportedEncodingException {
		return new SwitchingWriter(new OutputStreamWriter(new Stream(), encoding));
	}

	private void write(byte[] bytes, int offset, int length) throws IOException {
		if (this.state == State.HOLDING && this.size == 0 && length > 0) {
			this.beforeFirstByte.run();
		}
		if (this.state == State.HOLDING && this.size + length > this.limit) {
			this.overflow.run();
		}
		switch (this.state) {
			case PASSING -> this.target.getOutputStream().write(bytes, offset, length);
			case HOLDING -> keep(bytes, offset, length);
			case DROPPING -> {
			}
		}
	}

	// Most responses are written at once, and then no more memory is taken than they need
	private void keep(byte[] bytes, int offset, int length) {
		if (length > this.held.length - this.size) {
			this.held = Arrays.copyOf(this.held, Math.max(this.size + length, Math.min(2 * this.size, this.limit)));
		}
		System.arraycopy(bytes, offset, this.held, this.size, length);
		this.size += length;
	}

	private enum State {

		PASSING, HOLDING, DROPPING

	}

	/**
	 * Something that may change the state.
	 */
	@FunctionalInterface
	interface Action {

		void run() throws IOException;

	}

	private final class Stream extends ServletOutputStream {

		@Override
		public void write(int value) throws IOException {
			HeldOutput.this.write(new byte[] { (byte) value }, 0, 1);
		}

		@Override
		public void write(byte[] bytes, int offset, int length) throws IOException {
			HeldOutput.this.write(bytes, offset, length);
		}

		@Override
		public void flush() throws IOException {
			if (passing()) {
				HeldOutput.this.target.getOutputStream().flush();
			}
		}

		@Override
		public void close() throws IOException {
			if (passing()) {
				HeldOutput.this.target.getOutputStream().close();
			}
		}

		@Override
		public boolean isReady() {
			try {
				return !passing() || HeldOutput.this.target.getOutputStream().isReady();
			}
			catch (IOException ex) {
				return false;
			}
		}

		@Override
		public void setWriteListener(WriteListener listener) {
			try {
				if (!passing()) {
					HeldOutput.this.overflow.run();
				}
				HeldOutput.this.target.getOutputStream().setWriteListener(listener);
			}
			catch (IOException ex) {
				listener.onError(ex);
			}
		}

	}

	/**
	 * Writes to the container's own writer until something was held, and from then on
	 * encodes by itself: the container then has been asked for its stream.
	 */
	private final class SwitchingWriter extends Writer {

		private final OutputStreamWriter encoder;

		private SwitchingWriter(OutputStreamWriter encoder) {
			this.encoder = encoder;
		}

		private @Nullable Writer containers() throws IOException {
			return (passing() && !HeldOutput.this.wasHeld) ? HeldOutput.this.target.getWriter() : null;
		}

		@Override
		public void write(char[] chars, int offset, int length) throws IOException {
			Writer containers = containers();
			if (containers != null) {
				containers.write(chars, offset, length);
				return;
			}
			this.encoder.write(chars, offset, length);
			if (passing()) {
				this.encoder.flush();
			}
		}

		@Override
		public void flush() throws IOException {
			Writer containers = containers();
			if (containers != null) {
				containers.flush();
			}
			else {
				this.encoder.flush();
			}
		}

		@Override
		public void close() throws IOException {
			Writer containers = containers();
			if (containers != null) {
				containers.close();
			}
			else {
				this.encoder.flush();
			}
		}

	}

}
