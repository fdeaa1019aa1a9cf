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

package io.idempotency.test.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import org.apache.qpid.server.SystemLauncher;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

import org.springframework.util.FileSystemUtils;

/**
 * A broker for AMQP 0-9-1, one of each kind for all tests of a JVM.
 * <p>
 * {@link #embedded()} is an Apache Qpid in this JVM, which is there on every machine, and
 * has neither quorum queues nor RabbitMQ's dead letter exchanges. {@link #real()} is a
 * RabbitMQ: the one that the environment variable {@code IDEMPOTENCY_TEST_RABBITMQ_URL}
 * names ({@code amqp://user:password@host:port}), else a node of its own if RabbitMQ is
 * installed on this machine. Otherwise the test is skipped, except in CI. Both start on
 * first use. Use queues of your own on them. Safe for use by several threads.
 */
public final class RabbitServer {

	/**
	 * Names the environment variable of a running RabbitMQ.
	 */
	public static final String URL_VARIABLE = "IDEMPOTENCY_TEST_RABBITMQ_URL";

	private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

	private static final String QPID = """
			{
			  "name": "test",
			  "modelVersion": "8.0",
			  "authenticationproviders": [{
			    "name": "plain", "type": "Plain", "secureOnlyMechanisms": [],
			    "users": [{"name": "guest", "type": "managed", "password": "guest"}]
			  }],
			  "ports": [{
			    "name": "AMQP", "port": "%d", "bindingAddress": "127.0.0.1",
			    "authenticationProvider": "plain", "protocols": ["AMQP_0_9_1"],
			    "virtualhostaliases": [
			      {"name": "nameAlias", "type": "nameAlias"}, {"name": "defaultAlias", "type": "defaultAlias"}
			    ]
			  }],
			  "virtualhostnodes": [{
			    "name": "default", "type": "Memory", "defaultVirtualHostNode": "true",
			    "virtualHostInitialConfiguration": "{\\"type\\": \\"Memory\\"}"
			  }]
			}
			""";

	private final URI url;

	private RabbitServer(String url) {
		this.url = URI.create(url);
	}

	/**
	 * Return the broker in this JVM.
	 * @return the running broker
	 */
	public static RabbitServer embedded() {
		return Embedded.SERVER;
	}

	/**
	 * Return a real RabbitMQ.
	 * @return the running broker
	 * @throws TestAbortedException if there is none
	 */
	public static RabbitServer real() {
		return Real.server();
	}

	/**
	 * Return the host to connect to.
	 * @return a name or an address
	 */
	public String host() {
		return this.url.getHost();
	}

	/**
	 * Return the port to connect to.
	 * @return the port
	 */
	public int port() {
		return (this.url.getPort() != -1) ? this.url.getPort() : 5672;
	}

	/**
	 * Return the user to connect as.
	 * @return a name
	 */
	public String user() {
		return credentials()[0];
	}

	/**
	 * Return the user's password.
	 * @return the password
	 */
	public String password() {
		return credentials()[1];
	}

	private String[] credentials() {
		String info = this.url.getUserInfo();
		return ((info != null) ? info : "guest:guest").split(":", 2);
	}

	/**
	 * Return a name that nobody else uses.
	 * @param name what it begins with
	 * @return the name of a queue or an exchange
	 */
	public static String newName(String name) {
		return name + "-" + UUID.randomUUID();
	}

	/**
	 * Open a connection apart from the application's.
	 * @return the connection, to be closed
	 * @throws Exception if the broker does not answer
	 */
	public Connection connect() throws Exception {
		ConnectionFactory factory = new ConnectionFactory();
		factory.setHost(host());
		factory.setPort(port());
		factory.setUsername(user());
		factory.setPassword(password());
		factory.setAutomaticRecoveryEnabled(false);
		return factory.newConnection("test");
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private static final class Embedded {

		private static final RabbitServer SERVER = start();

		private static RabbitServer start() {
			try {
				int port = freePort();
				Path configuration = Files.createTempFile("idempotency-amqp", ".json");
				Files.writeString(configuration, QPID.formatted(port));
				new SystemLauncher().startup(Map.of("type", "Memory", "initialConfigurationLocation",
						configuration.toUri().toString(), "startupLoggedToSystemOut", false));
				Files.delete(configuration);
				return new RabbitServer("amqp://guest:guest@127.0.0.1:" + port);
			}
			catch (Exception ex) {
				throw new IllegalStateException("The embedded broker did not start", ex);
			}
		}

	}

	private static final class Real {

		private static final List<Path> PLACES = List.of(Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server"),
				Path.of("/opt/homebrew/sbin/rabbitmq-server"), Path.of("/usr/local/sbin/rabbitmq-server"));

		private static @Nullable RabbitServer server;

		static synchronized RabbitServer server() {
			if (server == null) {
				String url = System.getenv(URL_VARIABLE);
				server = (url != null && !url.isBlank()) ? new RabbitServer(url) : launch();
			}
			return server;
		}

		private static RabbitServer launch() {
			Path executable = PLACES.stream().filter(Files::isExecutable).findFirst().orElse(null);
			if (executable == null) {
				String missing = "There is no RabbitMQ: install it (on Debian, apt-get install rabbitmq-server), or set "
						+ URL_VARIABLE + " to a running one";
				if (System.getenv("CI") != null) {
					throw new IllegalStateException(missing);
				}
				throw new TestAbortedException(missing);
			}
			try {
				return new RabbitServer("amqp://guest:guest@127.0.0.1:" + launch(executable));
			}
			catch (IOException ex) {
				throw new UncheckedIOException("RabbitMQ did not start", ex);
			}
		}

		private static int launch(Path executable) throws IOException {
			int port = freePort();
			Path home = Files.createTempDirectory("idempotency-rabbitmq");
			Path log = home.resolve("server.log");
			Path noPlugins = Files.writeString(home.resolve("plugins"), "[].");
			Path configuration = Files.writeString(home.resolve("rabbitmq.conf"),
					"listeners.tcp.1 = 127.0.0.1:" + port + "\n");
			ProcessBuilder builder = new ProcessBuilder(executable.toString()).directory(home.toFile())
				.redirectErrorStream(true)
				.redirectOutput(log.toFile());
			builder.environment()
				.putAll(Map.of("HOME", home.toString(), "RABBITMQ_NODENAME", "test" + port + "@localhost",
						"RABBITMQ_NODE_PORT", String.valueOf(port), "RABBITMQ_DIST_PORT", String.valueOf(freePort()),
						"RABBITMQ_CONFIG_FILE", configuration.toString(), "RABBITMQ_MNESIA_BASE",
						home.resolve("data").toString(), "RABBITMQ_LOG_BASE", home.resolve("log").toString(),
						"RABBITMQ_ENABLED_PLUGINS_FILE", noPlugins.toString(), "RABBITMQ_PID_FILE",
						home.resolve("pid").toString()));
			Process process = builder.start();
			Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process, home), "stop-rabbitmq"));
			awaitConnection(process, log, new RabbitServer("amqp://127.0.0.1:" + port));
			return port;
		}

		private static void end(Process process, Path home) {
			Stream.concat(process.descendants(), Stream.of(process.toHandle()))
				.toList()
				.forEach(ProcessHandle::destroyForcibly);
			process.onExit().join();
			FileSystemUtils.deleteRecursively(home.toFile());
		}

		private static void awaitConnection(Process starting, Path log, RabbitServer server) throws IOException {
			try {
				Awaitility.await().atMost(START_TIMEOUT).until(() -> !starting.isAlive() || answers(server));
			}
			catch (ConditionTimeoutException ex) {
				throw new IOException(Files.readString(log), ex);
			}
			if (!starting.isAlive()) {
				throw new IOException(Files.readString(log));
			}
		}

		private static boolean answers(RabbitServer server) {
			try (Connection connection = server.connect()) {
				return true;
			}
			catch (Exception ex) {
				return false;
			}
		}

	}

}
