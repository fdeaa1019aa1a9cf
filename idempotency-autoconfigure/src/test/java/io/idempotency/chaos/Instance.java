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
package io.idempotency.chaos;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/**
 * An application in a process of its own, which can be killed at any moment.
 */
final class Instance implements AutoCloseable {

	private final Process process;

	private final BufferedWriter calls;

	private final Path log;

	private final ConcurrentMap<Integer, CompletableFuture<Reply>> pending = new ConcurrentHashMap<>();

	private final CompletableFuture<Void> ready = new CompletableFuture<>();

	private Instance(Process process, Path log) {
		this.process = process;
		this.calls = process.outputWriter(StandardCharsets.US_ASCII);
		this.log = log;
		Thread replies = new Thread(this::readReplies, "replies-of-" + process.pid());
		replies.setDaemon(true);
		replies.start();
	}

	/**
	 * Start a process, without waiting for it.
	 * @param arguments its arguments
	 * @return the process
	 */
	static Instance start(List<String> arguments) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx192m", "-cp",
				System.getProperty("java.class.path"), PaymentsProcess.class.getName()));
		command.addAll(arguments);
		try {
			Path log = Files.createTempFile("chaos-", ".log");
			return new Instance(new ProcessBuilder(command).redirectError(log.toFile()).start(), log);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Wait until calls are accepted. */
	void awaitReady() {
		this.ready.orTimeout(120, TimeUnit.SECONDS).join();
	}

	/**
	 * Make a call.
	 * @param call the call
	 * @return what came back, at some time; {@link Reply#LOST} if the process dies before
	 */
	CompletableFuture<Reply> send(Call call) {
		CompletableFuture<Reply> reply = new CompletableFuture<>();
		this.pending.put(call.number(), reply);
		try {
			synchronized (this.calls) {
				this.calls.write(call.line() + "\n");
				this.calls.flush();
			}
		}
		catch (IOException ex) {
			reply.complete(Reply.LOST);
		}
		if (!this.process.isAlive()) {
			reply.complete(Reply.LOST);
		}
		return reply;
	}

	private void readReplies() {
		try (BufferedReader lines = this.process.inputReader(StandardCharsets.US_ASCII)) {
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				accept(line);
			}
		}
		catch (IOException ex) {
			// it is dead
		}
		this.process.onExit().join();
		if (!this.ready.isDone()) {
			this.ready.completeExceptionally(new IllegalStateException("The process ended: " + tail()));
		}
		this.pending.values().forEach((reply) -> reply.complete(Reply.LOST));
	}

	private void accept(String line) {
		if (line.equals(PaymentsProcess.READY)) {
			this.ready.complete(null);
			return;
		}
		int end = line.indexOf(' ');
		CompletableFuture<Reply> reply = this.pending.remove(Integer.parseInt(line.substring(0, end)));
		reply.complete(Reply.parse(line.substring(end + 1)));
	}

	/** End the process at once; nothing in it gets a chance to clean up. */
	void kill() {
		this.process.destroyForcibly().onExit().join();
	}

	/** Stop the process in the middle of what it does. */
	void pause() {
		signal("-STOP");
	}

	/** Let a paused process go on. */
	void resume() {
		signal("-CONT");
	}

	private void signal(String signal) {
		try {
			new ProcessBuilder("kill", signal, Long.toString(this.process.pid())).start().onExit().join();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Return what the process complained about last. */
	String tail() {
		try {
			String text = Files.readString(this.log);
			return text.substring(Math.max(0, text.length() - 4000));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		kill();
		this.log.toFile().delete();
	}

}
