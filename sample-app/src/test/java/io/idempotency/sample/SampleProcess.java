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

package io.idempotency.sample;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.awaitility.core.ConditionTimeoutException;

import static org.awaitility.Awaitility.await;

/**
 * The sample application in a JVM of its own, which can be killed.
 */
final class SampleProcess implements AutoCloseable {

	private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

	private final Process process;

	private final Path log;

	private SampleProcess(Process process, Path log) {
		this.process = process;
		this.log = log;
	}

	/**
	 * Start the application on a free port, without waiting for it.
	 * @param settings the application's arguments
	 */
	static SampleProcess start(List<String> settings) {
		return start(classPath(), settings);
	}

	/**
	 * Start the application together with classes that are not its own.
	 * @param classes the directory of these classes
	 * @param settings the application's arguments
	 */
	static SampleProcess start(Path classes, List<String> settings) {
		return start(classPath() + File.pathSeparator + classes, settings);
	}

	private static SampleProcess start(String classPath, List<String> settings) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-cp", classPath));
		command.add(SampleApplication.class.getName());
		command.add("--server.port=0");
		command.addAll(settings);
		try {
			Path log = Files.createTempFile("sample-", ".log");
			Process process = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(log.toFile())
				.start();
			return new SampleProcess(process, log);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The class path of the application: a scan must not find what belongs to tests. */
	private static String classPath() {
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> !entry.endsWith("test-classes") && !entry.endsWith("-tests.jar"))
			.collect(Collectors.joining(File.pathSeparator));
	}

	/** Wait until the application answers. */
	SampleClient client() {
		try {
			await().atMost(Duration.ofSeconds(180)).until(() -> started() || !this.process.isAlive());
		}
		catch (ConditionTimeoutException ex) {
			throw new IllegalStateException("The application did not start:\n" + log(), ex);
		}
		if (!started()) {
			throw new IllegalStateException("The application ended before it had started:\n" + log());
		}
		Matcher port = PORT.matcher(log());
		if (!port.find()) {
			throw new IllegalStateException("The application told no port:\n" + log());
		}
		return new SampleClient(Integer.parseInt(port.group(1)));
	}

	/** End the JVM at once; nothing in it gets a chance to clean up. */
	void kill() {
		this.process.destroyForcibly().onExit().join();
	}

	private boolean started() {
		return log().contains("Started SampleApplication");
	}

	/** Return what it has written so far. */
	String log() {
		try {
			return Files.readString(this.log);
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
