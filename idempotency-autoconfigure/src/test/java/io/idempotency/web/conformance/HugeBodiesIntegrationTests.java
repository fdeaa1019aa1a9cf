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

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import io.idempotency.test.ProofSize;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Bodies without end, all at once, for a server with a small heap.
 */
class HugeBodiesIntegrationTests {

	private static final int REQUESTS = ProofSize.of(50, 200);

	private static final long BODY = ProofSize.of(64, 1024) * 1024L * 1024L;

	@Test
	void areRefusedByTomcatWithinASmallHeap() {
		try (ServerProcess server = ServerProcess.start("128m", "--conformance.settings=defaults")) {
			assertRefusesAll(server);
		}
	}

	@Test
	void areRefusedByNettyWithinASmallHeap() {
		try (ServerProcess server = ServerProcess.startNetty("128m", "--conformance.settings=defaults")) {
			assertRefusesAll(server);
		}
	}

	private static void assertRefusesAll(ServerProcess server) {
		Call call = server.api().post("/charges").chunked();

		List<CompletableFuture<Answer>> answers = IntStream.range(0, REQUESTS)
			.mapToObj((i) -> server.api().background(() -> sendWithoutEnd(server.api(), call.newKey())))
			.toList();

		assertThat(answers).allSatisfy((answer) -> assertThat(answer.join().status()).isEqualTo(413));
		assertThat(call.runs()).isZero();
		assertThat(call.newKey().send().status()).isEqualTo(200);
		assertThat(server.isAlive()).isTrue();
		assertThat(server.log()).doesNotContain("OutOfMemoryError");
	}

	private static Answer sendWithoutEnd(ConformanceApi api, Call call) {
		try (Socket socket = api.http().connect()) {
			CompletableFuture<Void> sent = api.background(() -> write(socket, call));
			Answer answer = RawHttp.read(socket.getInputStream(), true);
			sent.cancel(false);
			return answer;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Ends when the server has enough of it. */
	private static Void write(Socket socket, Call call) {
		byte[] data = new byte[64 * 1024];
		byte[] size = (Integer.toHexString(data.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
		byte[] end = "\r\n".getBytes(StandardCharsets.US_ASCII);
		try {
			OutputStream out = socket.getOutputStream();
			out.write(call.head());
			for (long sent = 0; sent < BODY; sent += data.length) {
				out.write(size);
				out.write(data);
				out.write(end);
			}
			out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
		}
		catch (IOException ex) {
			// the answer tells
		}
		return null;
	}

}
