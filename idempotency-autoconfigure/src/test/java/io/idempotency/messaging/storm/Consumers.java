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

package io.idempotency.messaging.storm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * The processes that take messages. One at a time is killed and replaced.
 */
final class Consumers implements AutoCloseable {

	private final List<String> arguments;

	private final List<Consumer> running = new ArrayList<>();

	private final Path log;

	private final LongAdder deliveries = new LongAdder();

	private final int count;

	private int killed;

	Consumers(int count, List<String> arguments) throws IOException {
		this.count = count;
		this.arguments = arguments;
		this.log = Files.createTempFile("storm-", ".log");
	}

	/** Start all processes, and wait until they take messages. */
	void startAll() {
		for (int i = 0; i < this.count; i++) {
			this.running.add(start());
		}
		this.running.forEach(Consumer::awaitReady);
	}

	/**
	 * End all processes as a deployment does: each message that they have is done and
	 * acknowledged, or given back.
	 */
	void stopAll() {
		this.running.forEach((consumer) -> consumer.process.toHandle().destroy());
		this.running.forEach(Consumer::awaitEnd);
		this.running.clear();
	}

	private Consumer start() {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-cp",
				System.getProperty("java.class.path"), StormProcess.class.getName()));
		command.addAll(this.arguments);
		try {
			return new Consumer(
					new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(this.log.toFile()))
						.start());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** End one process at once, whatever it is doing, and start another one. */
	void killOne() {
		Consumer victim = this.running.remove(0);
		victim.kill();
		this.running.add(start());
		this.killed++;
	}

	/**
	 * Return how many processes were killed while the others went on.
	 * @return the number
	 */
	int killed() {
		return this.killed;
	}

	/**
	 * Return how many messages came to a process, the same one as often as it came.
	 * @return the number
	 */
	long deliveries() {
		return this.deliveries.sum();
	}

	String log() {
		try {
			String text = Files.readString(this.log);
			return text.substring(Math.max(0, text.length() - 4000));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() throws IOException {
		this.running.forEach(Consumer::kill);
		Files.delete(this.log);
	}

	private final class Consumer {

		private final Process process;

		private final CompletableFuture<Void> ready = new CompletableFuture<>();

		private final CompletableFuture<Void> end = new CompletableFuture<>();

		private Consumer(Process process) {
			this.process = process;
			Thread reader = new Thread(this::read, "output-of-" + process.pid());
			reader.setDaemon(true);
			reader.start();
		}

		/** Its output is read to the end, so that it never waits for anybody. */
		private void read() {
			try (BufferedReader lines = this.process.inputReader()) {
				for (String line = lines.readLine(); line != null; line = lines.readLine()) {
					if (line.equals(StormProcess.READY)) {
						this.ready.complete(null);
					}
					else if (line.equals(StormProcess.DELIVERED)) {
						Consumers.this.deliveries.increment();
					}
				}
			}
			catch (IOException ex) {
				// it is dead
			}
			this.ready.completeExceptionally(new IllegalStateException("A consumer did not start: " + log()));
			this.end.complete(null);
		}

		private void awaitReady() {
			this.ready.orTimeout(120, TimeUnit.SECONDS).join();
		}

		/** By its handle: the process itself throws away what was not read yet. */
		private void kill() {
			this.process.toHandle().destroyForcibly();
			awaitEnd();
		}

		private void awaitEnd() {
			this.end.orTimeout(60, TimeUnit.SECONDS).join();
		}

	}

}
