package io.idempotency.test.servers;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

import javax.sql.DataSource;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.util.FileSystemUtils;

/**
 * A real PostgreSQL for tests.
 * <p>
 * {@link #shared()} is one server for all tests of a JVM: the one that the environment
 * variable {@code IDEMPOTENCY_TEST_POSTGRES_URL} names (a JDBC URL with user and
 * password, whose user may create databases), else an embedded one that starts on first
 * use. {@link #oldestMajor()} is one of the oldest major version that is supported, named
 * by {@code IDEMPOTENCY_TEST_POSTGRES_OLDEST_URL}, else embedded if the build has the
 * profile {@code servers}, else the test is skipped. {@link #start()} is a server of the
 * test's own, always embedded, that it may {@linkplain #stop() stop} and
 * {@linkplain #restart() restart}.
 * <p>
 * Safe for use by several threads, except for stopping and restarting. Data sources are
 * not pooled: every {@code getConnection()} connects.
 */
public final class PostgresServer implements AutoCloseable {

	/**
	 * Names the environment variable that replaces the embedded server.
	 */
	public static final String URL_VARIABLE = "IDEMPOTENCY_TEST_POSTGRES_URL";

	/**
	 * Names the environment variable that replaces the embedded server of the oldest
	 * major version.
	 */
	public static final String OLDEST_URL_VARIABLE = "IDEMPOTENCY_TEST_POSTGRES_OLDEST_URL";

	private static final Pattern URL = Pattern.compile("(jdbc:postgresql:(?://[^/?]+/)?)([^?]*)(\\?.*)?");

	private final @Nullable Path directory;

	private final PgBinaryResolver binaries;

	private @Nullable EmbeddedPostgres embedded;

	private final String jdbcUrl;

	private PostgresServer(String jdbcUrl) {
		this.directory = null;
		this.binaries = DefaultPostgresBinaryResolver.INSTANCE;
		this.jdbcUrl = jdbcUrl;
	}

	private PostgresServer(Path directory, PgBinaryResolver binaries) throws IOException {
		this.directory = directory;
		this.binaries = binaries;
		this.embedded = launch(directory, 0);
		this.jdbcUrl = this.embedded.getJdbcUrl("postgres", "postgres");
	}

	/**
	 * Return the server that all tests of this JVM share. Use
	 * {@linkplain #createDatabase() a database of your own} on it, and never stop it.
	 * @return the running server
	 */
	public static PostgresServer shared() {
		return Shared.SERVER;
	}

	/**
	 * Return the server of the oldest supported major version, which all tests of this
	 * JVM share. Use {@linkplain #createDatabase() a database of your own} on it, and
	 * never stop it.
	 * @return the running server
	 * @throws TestAbortedException if there is none
	 */
	public static PostgresServer oldestMajor() {
		return Oldest.server();
	}

	/**
	 * Start an embedded server for one test, which closes it.
	 * @return the running server
	 */
	public static PostgresServer start() {
		return start(DefaultPostgresBinaryResolver.INSTANCE);
	}

	private static PostgresServer start(PgBinaryResolver binaries) {
		try {
			return new PostgresServer(Files.createTempDirectory("idempotency-postgres"), binaries);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The embedded PostgreSQL did not start", ex);
		}
	}

	private EmbeddedPostgres launch(Path directory, int port) throws IOException {
		EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
			.setPgBinaryResolver(this.binaries)
			.setDataDirectory(directory.resolve("data"))
			.setCleanDataDirectory(false)
			// The launcher's own default loses commits when the server is stopped hard
			.setServerConfig("synchronous_commit", "on")
			.setServerConfig("fsync", "off");
		return ((port != 0) ? builder.setPort(port) : builder).start();
	}

	/**
	 * Return the URL of the server's first database.
	 * @return a JDBC URL that includes the user and the password
	 */
	public String jdbcUrl() {
		return this.jdbcUrl;
	}

	/**
	 * Return the server's first database.
	 * @return a data source without a pool
	 */
	public DataSource dataSource() {
		return dataSource(this.jdbcUrl);
	}

	/**
	 * Create an empty database, for example one per test class.
	 * @return the database, which exists until it is closed or the server ends
	 */
	public Database createDatabase() {
		String name = "test_" + UUID.randomUUID().toString().replace("-", "");
		execute("create database " + name);
		Matcher matcher = URL.matcher(this.jdbcUrl);
		if (!matcher.matches()) {
			throw new IllegalStateException(URL_VARIABLE + " is not a jdbc:postgresql: URL");
		}
		String parameters = (matcher.group(3) != null) ? matcher.group(3) : "";
		return new Database(this, name, matcher.group(1) + name + parameters);
	}

	/**
	 * Stop the server; open connections break. The data stays for a restart.
	 */
	public void stop() {
		try {
			embedded().close();
			this.embedded = null;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The embedded PostgreSQL did not stop", ex);
		}
	}

	/**
	 * Start the stopped server again, on the same port and with the same data.
	 */
	public void restart() {
		if (this.directory == null || this.embedded != null) {
			throw new IllegalStateException("Only an embedded server that was stopped can be restarted");
		}
		try {
			this.embedded = launch(this.directory, dataSource(this.jdbcUrl).getPortNumbers()[0]);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The embedded PostgreSQL did not start again", ex);
		}
	}

	/**
	 * Stop the server and delete its data.
	 */
	@Override
	public void close() {
		if (this.embedded != null) {
			stop();
		}
		if (this.directory != null) {
			File files = this.directory.toFile();
			FileSystemUtils.deleteRecursively(files);
		}
	}

	private EmbeddedPostgres embedded() {
		if (this.embedded == null) {
			throw new IllegalStateException("Not an embedded server that runs: use PostgresServer.start()");
		}
		return this.embedded;
	}

	private void execute(String sql) {
		try (Connection connection = dataSource().getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The test server refused: " + sql, ex);
		}
	}

	private static PostgresServer untilExit(PostgresServer server) {
		Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop-postgres"));
		return server;
	}

	private static PGSimpleDataSource dataSource(String url) {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(url);
		return dataSource;
	}

	/**
	 * An empty database on the server.
	 */
	public static final class Database implements AutoCloseable {

		private final PostgresServer server;

		private final String name;

		private final String jdbcUrl;

		private Database(PostgresServer server, String name, String jdbcUrl) {
			this.server = server;
			this.name = name;
			this.jdbcUrl = jdbcUrl;
		}

		/**
		 * Return the URL of this database.
		 * @return a JDBC URL that includes the user and the password
		 */
		public String jdbcUrl() {
			return this.jdbcUrl;
		}

		/**
		 * Return this database.
		 * @return a data source without a pool
		 */
		public DataSource dataSource() {
			return PostgresServer.dataSource(this.jdbcUrl);
		}

		/**
		 * Drop the database; open connections break.
		 */
		@Override
		public void close() {
			this.server.execute("drop database if exists " + this.name + " with (force)");
		}

	}

	private static final class Shared {

		private static final PostgresServer SERVER = create();

		private static PostgresServer create() {
			String url = System.getenv(URL_VARIABLE);
			return (url != null && !url.isBlank()) ? new PostgresServer(url) : untilExit(PostgresServer.start());
		}

	}

	private static final class Oldest {

		private static @Nullable PostgresServer server;

		static synchronized PostgresServer server() {
			if (server == null) {
				String url = System.getenv(OLDEST_URL_VARIABLE);
				server = (url != null && !url.isBlank()) ? new PostgresServer(url) : embedded();
			}
			return server;
		}

		private static PostgresServer embedded() {
			Path archive = ServerArchives.find("postgres-oldest.jar", "PostgreSQL of the oldest supported version",
					OLDEST_URL_VARIABLE);
			return untilExit(PostgresServer.start((system, architecture) -> binaries(archive)));
		}

		private static InputStream binaries(Path archive) throws IOException {
			try (ZipFile jar = new ZipFile(archive.toFile())) {
				ZipEntry entry = jar.stream()
					.filter((candidate) -> candidate.getName().endsWith(".txz"))
					.findFirst()
					.orElseThrow();
				return new ByteArrayInputStream(jar.getInputStream(entry).readAllBytes());
			}
		}

	}

}
