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
import java.io.PrintWriter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * A response that is held back from the moment it is asked to until it is recorded.
 * Status and headers are those of the response itself, which is not committed meanwhile;
 * the bytes wait here. What cannot wait, because it is a stream or larger than the limit,
 * is let through after its {@link ServletExchange} was told.
 */
final class HeldResponse extends UnsizedResponse {

	private static final List<String> STREAMS = List.of("text/event-stream", "application/x-ndjson",
			"application/stream+json", "multipart/x-mixed-replace");

	private final HttpServletResponse target;

	private final ServletExchange exchange;

	private final HeldOutput output;

	private @Nullable PrintWriter writer;

	private @Nullable ServletOutputStream stream;

	private @Nullable Map<String, Collection<String>> ofOthers;

	private boolean errorSent;

	HeldResponse(HttpServletResponse target, ServletExchange exchange, int limit) {
		super(target);
		this.target = target;
		this.exchange = exchange;
		this.output = new HeldOutput(target, this::beforeFirstByte, exchange::passThrough, limit);
	}

	HttpServletResponse target() {
		return this.target;
	}

	/** Hold back what is written from now on. */
	void hold() {
		if (this.ofOthers == null && !this.target.isCommitted()) {
			this.output.hold();
			this.ofOthers = headers();
		}
	}

	/**
	 * Begin the response anew, with the headers that it had before the handler.
	 * @param status the status
	 */
	void restart(int status) {
		Map<String, Collection<String>> headers = this.ofOthers;
		if (headers != null) {
			this.target.reset();
			headers.forEach((name, values) -> values.forEach((value) -> this.target.addHeader(name, value)));
		}
		else {
			this.target.resetBuffer();
		}
		this.target.setStatus(status);
	}

	/** Let through what is held, and what is written from now on. */
	void passThrough() throws IOException {
		flushWriter();
		this.output.passThrough();
	}

	/** Drop what is held, and what is written from now on. */
	void drop() {
		this.output.drop();
	}

	boolean errorSent() {
		return this.errorSent;
	}

	int heldSize() {
		flushWriter();
		return this.output.size();
	}

	byte[] heldBytes() {
		flushWriter();
		return this.output.bytes();
	}

	Map<String, Collection<String>> headers() {
		// Some containers keep this one apart
		String contentType = getContentType();
		Collection<String> names = this.target.getHeaderNames();
		if (names.isEmpty()) {
			return (contentType != null) ? Map.of("Content-Type", List.of(contentType)) : Map.of();
		}
		Map<String, Collection<String>> headers = new LinkedHashMap<>();
		if (contentType != null) {
			headers.put("Content-Type", List.of(contentType));
		}
		for (String name : names) {
			if (!name.equalsIgnoreCase("Content-Type")) {
				headers.put(name, this.target.getHeaders(name));
			}
		}
		return headers;
	}

	private void flushWriter() {
		if (this.writer != null) {
			this.writer.flush();
		}
	}

	private void beforeFirstByte() throws IOException {
		String type = getContentType();
		if (type != null && isStream(type)) {
			this.exchange.passThrough();
		}
	}

	private static boolean isStream(String type) {
		for (String each : STREAMS) {
			if (type.regionMatches(true, 0, each, 0, each.length())) {
				return true;
			}
		}
		return false;
	}

	@Override
	public ServletOutputStream getOutputStream() throws IOException {
		if (this.writer != null) {
			throw new IllegalStateException("getWriter() was called for this response");
		}
		if (this.stream == null) {
			this.stream = this.output.stream();
		}
		return this.stream;
	}

	@Override
	public PrintWriter getWriter() throws IOException {
		if (this.stream != null) {
			throw new IllegalStateException("getOutputStream() was called for this response");
		}
		PrintWriter writer = this.writer;
		if (writer == null) {
			// From here on the content type tells the charset, as the container's writer
			// has it
			setCharacterEncoding(getCharacterEncoding());
			writer = new PrintWriter(this.output.writer(getCharacterEncoding()));
			this.writer = writer;
		}
		return writer;
	}

	@Override
	public void flushBuffer() throws IOException {
		flushWriter();
		if (passing()) {
			super.flushBuffer();
		}
	}

	@Override
	public boolean isCommitted() {
		return passing() && super.isCommitted();
	}

	@Override
	public void resetBuffer() {
		if (passing()) {
			super.resetBuffer();
		}
		flushWriter();
		this.output.clear();
	}

	@Override
	public void reset() {
		super.reset();
		this.output.clear();
		this.writer = null;
		this.stream = null;
	}

	@Override
	public void setBufferSize(int size) {
		if (passing()) {
			super.setBufferSize(size);
		}
	}

	@Override
	public void sendError(int status) throws IOException {
		if (errorCounts()) {
			super.sendError(status);
		}
	}

	@Override
	public void sendError(int status, String message) throws IOException {
		if (errorCounts()) {
			super.sendError(status, message);
		}
	}

	private boolean errorCounts() {
		boolean counts = this.exchange.answer() == null;
		if (counts) {
			this.errorSent = true;
			this.output.clear();
		}
		return counts;
	}

	// The container would commit
	@Override
	public void sendRedirect(String location) throws IOException {
		if (passing()) {
			super.sendRedirect(location);
			return;
		}
		sendRedirect(location, SC_FOUND, true);
	}

	// Of Servlet 6.1: where these are called, the container has them, too

	public void sendRedirect(String location, int status) throws IOException {
		sendRedirect(location, status, true);
	}

	public void sendRedirect(String location, boolean clearBuffer) throws IOException {
		sendRedirect(location, SC_FOUND, clearBuffer);
	}

	public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
		if (passing()) {
			super.sendRedirect(location, status, clearBuffer);
			return;
		}
		if (clearBuffer) {
			resetBuffer();
		}
		setStatus(status);
		setHeader("Location", location);
	}

	@Override
	boolean passing() {
		return this.output.passing();
	}

}
