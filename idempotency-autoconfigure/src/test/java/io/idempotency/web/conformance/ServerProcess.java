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

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The conformance API in a process of its own, with as little memory as a test wants, and
 * which can be killed.
 */
final class ServerProcess implements AutoCloseable {

	private final Process process;

	private final Path errors;

	private final StringBuffer output = new StringBuffer();

	private final CompletableFuture<URI> baseUrl = new CompletableFuture<>();

	private ServerProcess(Process process, Path errors) {
		this.process = process;
		this.errors = errors;
		Thread reader = new Thread(this::readOutput, "output-of-" + process.pid());
		reader.setDaemon(true);
		reader.start();
	}

	/**
	 * Start a server on Tomcat and wait until it accepts requests.
	 * @param heap the size of its heap, such as {@code 128m}
	 * @param arguments properties as they stand on a command line
	 * @return the server
	 */
	static ServerProcess start(String heap, String... arguments) {
		return start(heap, ConformanceApplication.class, ConformanceApplication.TOMCAT, arguments);
	}

	/** The same on Netty. */
	static ServerProcess startNetty(String heap, String... arguments) {
		return start(heap, ReactiveConformanceApplication.class, ReactiveConformanceApplication.REACTIVE, arguments);
	}

	private static ServerProcess start(String heap, Class<?> application, String stack, String... arguments) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(List.of("-Xmx" + heap, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
				System.getProperty("java.class.path"), application.getName(), "--server.port=0", "--" + stack));
		command.addAll(List.of(arguments));
		try {
			Path errors = Files.createTempFile("conformance-", ".log");
			ServerProcess server = new ServerProcess(new ProcessBuilder(command).redirectError(errors.toFile()).start(),
					errors);
			server.baseUrl.orTimeout(120, TimeUnit.SECONDS).join();
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void readOutput() {
		try (BufferedReader lines = this.process.inputReader()) {
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				this.output.append(line).append('\n');
				if (line.startsWith(ConformanceApplication.READY)) {
					String port = line.substring(ConformanceApplication.READY.length());
					this.baseUrl.complete(URI.create("http://localhost:" + port));
				}
			}
		}
		catch (IOException ex) {
			// it is dead
		}
		this.baseUrl.completeExceptionally(new IllegalStateException("The server did not start: " + log()));
	}

	ConformanceApi api() {
		return new ConformanceApi(this.baseUrl.join());
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	/** Return all that it wrote. */
	String log() {
		try {
			return this.output + Files.readString(this.errors);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** End it at once; nothing in it gets a chance to clean up. */
	void kill() {
		this.process.destroyForcibly().onExit().join();
	}

	@Override
	public void close() {
		kill();
		try {
			Files.delete(this.errors);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
