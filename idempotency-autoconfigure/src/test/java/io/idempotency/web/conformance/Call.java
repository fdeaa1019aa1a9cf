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

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A request that can be sent again and again, as it is or with one thing changed.
 * Immutable.
 */
final class Call {

	private static final String KEY = "Idempotency-Key";

	private final Server server;

	private final String method;

	private final String target;

	private final List<Answer.Header> headers;

	private final byte[] body;

	private final Work work;

	private final boolean chunked;

	/**
	 * Create a call without any header lines and with an empty body.
	 */
	Call(Server server, String method, String target, Work work) {
		this(server, method, target, List.of(), new byte[0], work, false);
	}

	private Call(Server server, String method, String target, List<Answer.Header> headers, byte[] body, Work work,
			boolean chunked) {
		this.server = server;
		this.method = method;
		this.target = target;
		this.headers = List.copyOf(headers);
		this.body = body;
		this.work = work;
		this.chunked = chunked;
	}

	Call method(String other) {
		return new Call(this.server, other, this.target, this.headers, this.body, this.work, this.chunked);
	}

	Call to(String otherTarget) {
		return new Call(this.server, this.method, otherTarget, this.headers, this.body, this.work, this.chunked);
	}

	Call query(String other) {
		return to(this.target + (this.target.contains("?") ? "&" : "?") + other);
	}

	/**
	 * Put spaces in front of the body, up to a length.
	 */
	Call padded(int length) {
		byte[] padded = new byte[length];
		Arrays.fill(padded, (byte) ' ');
		System.arraycopy(this.body, 0, padded, length - this.body.length, this.body.length);
		return body(padded);
	}

	Call body(byte[] other) {
		return new Call(this.server, this.method, this.target, this.headers, other, this.work, this.chunked);
	}

	Call body(String other) {
		return body(other.getBytes(StandardCharsets.UTF_8));
	}

	Call body(String contentType, String other) {
		return header("Content-Type", contentType).body(other);
	}

	Call chunked() {
		return new Call(this.server, this.method, this.target, this.headers, this.body, this.work, true);
	}

	/**
	 * Replace the header lines of that name by one.
	 */
	Call header(String name, String value) {
		return without(name).also(name, value);
	}

	/**
	 * Add a header line.
	 */
	Call also(String name, String value) {
		List<Answer.Header> more = new ArrayList<>(this.headers);
		more.add(new Answer.Header(name, value));
		return with(more);
	}

	Call without(String name) {
		return with(this.headers.stream().filter((header) -> !header.name().equalsIgnoreCase(name)).toList());
	}

	private Call with(List<Answer.Header> others) {
		return new Call(this.server, this.method, this.target, others, this.body, this.work, this.chunked);
	}

	/**
	 * Give the key header exactly this value.
	 */
	Call key(String value) {
		return header(KEY, value);
	}

	Call newKey() {
		return key("\"" + UUID.randomUUID() + "\"");
	}

	Call withoutKey() {
		return without(KEY);
	}

	/**
	 * Return the value of the key header.
	 */
	String key() {
		return this.headers.stream()
			.filter((header) -> header.name().equals(KEY))
			.findFirst()
			.map(Answer.Header::value)
			.orElseThrow();
	}

	Call as(String user, String password) {
		String credentials = Base64.getEncoder()
			.encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
		return header("Authorization", "Basic " + credentials);
	}

	/**
	 * Let the handler wait at a gate of this call's own.
	 */
	Call gated() {
		return header("X-Gate", this.work.gate());
	}

	/**
	 * Leave the connection open for another request.
	 */
	Call keepAlive() {
		return header("Connection", "keep-alive");
	}

	Answer send() {
		return this.server.http().exchange(bytes(), !this.method.equals("HEAD"));
	}

	/**
	 * Connect, for a test that sends and reads by itself.
	 */
	Socket connect() throws IOException {
		return this.server.http().connect();
	}

	CompletableFuture<Answer> start() {
		return this.server.background(this::send);
	}

	/**
	 * Start it and wait until its work is held at the gate.
	 */
	CompletableFuture<Answer> startAndHold() {
		CompletableFuture<Answer> running = start();
		this.work.awaitArrivals(1);
		return running;
	}

	/**
	 * Send again while it is refused as in progress.
	 */
	Answer sendUntilAnswered() {
		return this.server.eventually(this::send,
				(answer) -> answer.status() != 409 || !answer.member("code").equals(Expectations.IN_PROGRESS));
	}

	void hangUpAfterSending(int length) {
		hangUpAfterSending(length, () -> {
		});
	}

	/**
	 * Send the beginning of the request, see something happen, and hang up.
	 */
	void hangUpAfterSending(int length, Runnable then) {
		this.server.http().hangUpAfterSending(bytes(), length, then);
	}

	void hangUpAfterReading(int length) {
		this.server.http().hangUpAfterReading(bytes(), length);
	}

	/**
	 * Return how often the work of this call and of those made from it was done.
	 */
	int runs() {
		return this.work.runs();
	}

	void awaitArrivals(int count) {
		this.work.awaitArrivals(count);
	}

	void openGate() {
		this.work.openGate();
	}

	/**
	 * Return the head of the request.
	 */
	byte[] head() {
		StringBuilder head = new StringBuilder(this.method + " " + this.target + " HTTP/1.1\r\n");
		head.append("Host: ").append(this.server.host());
		this.headers.forEach((header) -> head.append("\r\n").append(header.name()).append(": ").append(header.value()));
		if (this.chunked) {
			head.append("\r\nTransfer-Encoding: chunked");
		}
		else if (!has("Content-Length")) {
			head.append("\r\nContent-Length: ").append(this.body.length);
		}
		if (!has("Connection")) {
			head.append("\r\nConnection: close");
		}
		Charset oneByteEach = StandardCharsets.ISO_8859_1;
		return head.append("\r\n\r\n").toString().getBytes(oneByteEach);
	}

	private boolean has(String name) {
		return this.headers.stream().anyMatch((header) -> header.name().equals(name));
	}

	/**
	 * Return head and body as they are sent.
	 */
	byte[] bytes() {
		ByteArrayOutputStream request = new ByteArrayOutputStream();
		request.writeBytes(head());
		if (!this.chunked) {
			request.writeBytes(this.body);
			return request.toByteArray();
		}
		int middle = this.body.length / 2;
		writeChunk(request, Arrays.copyOfRange(this.body, 0, middle));
		writeChunk(request, Arrays.copyOfRange(this.body, middle, this.body.length));
		request.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
		return request.toByteArray();
	}

	private static void writeChunk(ByteArrayOutputStream request, byte[] chunk) {
		if (chunk.length > 0) {
			request.writeBytes((Integer.toHexString(chunk.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
			request.writeBytes(chunk);
			request.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
		}
	}

}
