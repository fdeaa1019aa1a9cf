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
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A server on this machine as if it were further away: what is sent to it, and what it
 * answers, arrives later by half of a round trip. How much can be under way at a time is
 * not limited.
 */
final class DistantServer implements Closeable {

	private final ServerSocket listening;

	private final int port;

	private final long delayNanos;

	private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

	DistantServer(int port, Duration roundTrip) throws IOException {
		this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		this.port = port;
		this.delayNanos = roundTrip.toNanos() / 2;
		inBackground(this::accept);
	}

	int port() {
		return this.listening.getLocalPort();
	}

	private void accept() throws IOException {
		while (true) {
			Socket near = opened(this.listening.accept());
			Socket far = opened(new Socket(InetAddress.getLoopbackAddress(), this.port));
			forward(near, far);
			forward(far, near);
		}
	}

	private Socket opened(Socket socket) throws IOException {
		socket.setTcpNoDelay(true);
		this.sockets.add(socket);
		return socket;
	}

	private void forward(Socket from, Socket to) {
		BlockingQueue<Piece> underWay = new LinkedBlockingQueue<>();
		inBackground(() -> receive(from.getInputStream(), underWay));
		inBackground(() -> deliver(underWay, to));
	}

	private void receive(InputStream in, BlockingQueue<Piece> underWay) throws IOException {
		byte[] buffer = new byte[1 << 16];
		int length;
		do {
			length = in.read(buffer);
			underWay.add(new Piece(System.nanoTime() + this.delayNanos, Arrays.copyOf(buffer, Math.max(length, 0))));
		}
		while (length >= 0);
	}

	private static void deliver(BlockingQueue<Piece> underWay, Socket to) throws IOException, InterruptedException {
		OutputStream out = to.getOutputStream();
		Piece piece = underWay.take();
		while (piece.bytes().length > 0) {
			long early;
			while ((early = piece.due() - System.nanoTime()) > 0) {
				LockSupport.parkNanos(early);
			}
			out.write(piece.bytes());
			piece = underWay.take();
		}
		to.close();
	}

	private static void inBackground(Forwarding forwarding) {
		Thread thread = new Thread(() -> {
			try {
				forwarding.run();
			}
			catch (IOException | InterruptedException ex) {
				// one of the two has hung up
			}
		}, "distance");
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() {
		try {
			this.listening.close();
			for (Socket socket : this.sockets) {
				socket.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What was received at a time; nothing means that there will be no more.
	 *
	 * @param due when it arrives, in this machine's nanoseconds
	 * @param bytes what was received
	 */
	private record Piece(long due, byte[] bytes) {

	}

	/**
	 * A direction.
	 */
	private interface Forwarding {

		void run() throws IOException, InterruptedException;

	}

}
