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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

import org.springframework.util.FileSystemUtils;

/**
 * A Redis server that keeps everything in memory and is gone with the benchmark.
 */
final class RedisProcess implements Closeable {

	private static final String VERSION = "7.0.15";

	private final Path directory;

	private final Process process;

	private final int port;

	private RedisProcess(Path directory, Process process, int port) {
		this.directory = directory;
		this.process = process;
		this.port = port;
	}

	static RedisProcess start() throws IOException, InterruptedException {
		Path directory = Files.createTempDirectory("idempotency-redis");
		Path executable = directory.resolve("redis-server");
		try (InputStream binary = RedisProcess.class
			.getResourceAsStream("/redis-server-" + VERSION + "-" + platform())) {
			if (binary == null) {
				throw new IllegalStateException("There is no embedded Redis for " + platform());
			}
			Files.copy(binary, executable);
		}
		if (!executable.toFile().setExecutable(true)) {
			throw new IOException(executable + " cannot be made executable");
		}
		int port = freePort();
		Process process = new ProcessBuilder(List.of(executable.toString(), "--bind", "127.0.0.1", "--port",
				Integer.toString(port), "--save", "", "--appendonly", "no"))
			.redirectErrorStream(true)
			.redirectOutput(directory.resolve("log").toFile())
			.start();
		Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
		RedisProcess redis = new RedisProcess(directory, process, port);
		redis.awaitPort();
		return redis;
	}

	int port() {
		return this.port;
	}

	private void awaitPort() throws IOException, InterruptedException {
		for (int attempt = 0; attempt < 500 && this.process.isAlive(); attempt++) {
			try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.port)) {
				return;
			}
			catch (IOException ex) {
				Thread.sleep(10);
			}
		}
		throw new IOException("Redis did not start: " + Files.readString(this.directory.resolve("log")));
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private static String platform() {
		String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
		String processor = System.getProperty("os.arch");
		return (system.startsWith("mac") ? "darwin" : system.split(" ", 2)[0]) + "-" + switch (processor) {
			case "x86_64" -> "amd64";
			case "aarch64" -> "arm64";
			default -> processor;
		};
	}

	@Override
	public void close() {
		this.process.destroyForcibly().onExit().join();
		FileSystemUtils.deleteRecursively(this.directory.toFile());
	}

}
