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
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A request to the conformance API that can be sent again and again, as it is or with one
 * thing changed. Immutable.
 */
final class Call {

	private static final String KEY = "Idempotency-Key";

	private final ConformanceApi api;

	private final String method;

	private final String target;

	private final List<Answer.Header> headers;

	private final byte[] body;

	private final String probe;

	private final boolean chunked;

	private Call(ConformanceApi api, String method, String target, List<Answer.Header> headers, byte[] body,
			String probe, boolean chunked) {
		this.api = api;
		this.method = method;
		this.target = target;
		this.headers = List.copyOf(headers);
		this.body = body;
		this.probe = probe;
		this.chunked = chunked;
	}

	/**
	 * Create a call with a JSON body, a key and a probe of its own.
	 */
	static Call of(ConformanceApi api, String method, String target) {
		Call call = new Call(api, method, target, List.of(), new byte[0], UUID.randomUUID().toString(), false);
		return call.newKey().body("application/json", "{\"amount\":10,\"currency\":\"EUR\"}");
	}

	Call method(String other) {
		return new Call(this.api, other, this.target, this.headers, this.body, this.probe, this.chunked);
	}

	Call to(String otherTarget) {
		return new Call(this.api, this.method, otherTarget, this.headers, this.body, this.probe, this.chunked);
	}

	Call body(byte[] other) {
		return new Call(this.api, this.method, this.target, this.headers, other, this.probe, this.chunked);
	}

	Call body(String other) {
		return body(other.getBytes(StandardCharsets.UTF_8));
	}

	Call body(String contentType, String other) {
		return header("Content-Type", contentType).body(other);
	}

	Call chunked() {
		return new Call(this.api, this.method, this.target, this.headers, this.body, this.probe, true);
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
		return new Call(this.api, this.method, this.target, others, this.body, this.probe, this.chunked);
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

	Call newProbe() {
		String other = UUID.randomUUID().toString();
		return new Call(this.api, this.method, this.target, this.headers, this.body, other, this.chunked);
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
		return header("X-Gate", this.probe);
	}

	/**
	 * Leave the connection open for another request.
	 */
	Call keepAlive() {
		return header("Connection", "keep-alive");
	}

	Answer send() {
		return this.api.http().exchange(bytes(), !this.method.equals("HEAD"));
	}

	CompletableFuture<Answer> start() {
		return this.api.background(this::send);
	}

	/**
	 * Send again while it is refused as in progress.
	 */
	Answer sendUntilAnswered() {
		return this.api.eventually(this::send,
				(answer) -> answer.status() != 409 || !answer.member("code").equals(Conformance.IN_PROGRESS));
	}

	void hangUpAfterSending(int length) {
		hangUpAfterSending(length, () -> {
		});
	}

	/**
	 * Send the beginning of the request, see something happen, and hang up.
	 */
	void hangUpAfterSending(int length, Runnable then) {
		this.api.http().hangUpAfterSending(bytes(), length, then);
	}

	void hangUpAfterReading(int length) {
		this.api.http().hangUpAfterReading(bytes(), length);
	}

	/**
	 * Return how often a handler ran for this call and those made from it.
	 */
	int runs() {
		return this.api.runs(this.probe);
	}

	void awaitArrivals(int count) {
		this.api.awaitArrivals(this.probe, count);
	}

	void openGate() {
		this.api.openGate(this.probe);
	}

	/**
	 * Return the head of the request.
	 */
	byte[] head() {
		StringBuilder head = new StringBuilder(this.method + " " + this.target + " HTTP/1.1\r\n");
		head.append("Host: ").append(this.api.host()).append("\r\nX-Probe: ").append(this.probe);
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
