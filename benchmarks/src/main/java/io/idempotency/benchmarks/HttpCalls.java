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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * Sends one request after the other and reads the answers, on a connection of each
 * thread's own that is kept open. It does no more than it must, so that what is measured
 * is the server.
 */
final class HttpCalls implements Operation, AutoCloseable {

	private static final String BODY = """
			{"id":"7f1c9a52-4f43-4c39-9d0d-0f2f3f0c7b11","customer":"8841-2207","currency":"EUR","amount":4250,\
			"note":"to be delivered to the door behind the yard, please ring twice"}""";

	private static final String HEAD = """
			POST %s HTTP/1.1\r
			Host: 127.0.0.1:%d\r
			User-Agent: benchmark\r
			Accept: application/json\r
			Content-Type: application/json\r
			Content-Length: %d\r
			Idempotency-Key: \"""";

	private static final byte[] TAIL = ("\"\r\n\r\n" + BODY).getBytes(StandardCharsets.US_ASCII);

	private final int port;

	private final byte[] head;

	private final Function<SplittableRandom, String> key;

	private final Queue<HttpConnection> open = new ConcurrentLinkedQueue<>();

	private final ThreadLocal<HttpConnection> connection = ThreadLocal.withInitial(this::connect);

	/**
	 * Create the calls.
	 * @param port of the server
	 * @param path the endpoint
	 * @param key makes the next key
	 */
	HttpCalls(int port, String path, Function<SplittableRandom, String> key) {
		this.port = port;
		this.head = HEAD.formatted(path, port, BODY.length()).getBytes(StandardCharsets.US_ASCII);
		this.key = key;
	}

	@Override
	public void run(SplittableRandom random) throws IOException {
		send(this.key.apply(random));
	}

	void send(String key) throws IOException {
		this.connection.get().exchange(this.head, key, TAIL);
	}

	private HttpConnection connect() {
		try {
			HttpConnection connected = new HttpConnection(InetAddress.getLoopbackAddress(), this.port);
			this.open.add(connected);
			return connected;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() throws IOException {
		for (HttpConnection each : this.open) {
			each.close();
		}
	}

}
