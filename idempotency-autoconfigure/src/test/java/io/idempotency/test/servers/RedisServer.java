package io.idempotency.test.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

import org.springframework.util.FileSystemUtils;

/**
 * A real Redis for tests.
 * <p>
 * {@link #shared()} is one server for all tests of a JVM: the one that the environment
 * variable {@code IDEMPOTENCY_TEST_REDIS_URL} names ({@code redis://host:port}), else an
 * embedded one that starts on first use. {@link #launch(String...)} is a server of the
 * test's own, always embedded, that it may {@linkplain #stop() kill} and
 * {@linkplain #start() start} again on the same port. Nothing is written to disk, so a
 * server that was stopped comes back empty.
 * <p>
 * On a platform without an embedded Redis the test is skipped. Safe for use by several
 * threads, except for stopping and starting.
 */
public final class RedisServer implements AutoCloseable {

	/**
	 * Names the environment variable that replaces the embedded server.
	 */
	public static final String URL_VARIABLE = "IDEMPOTENCY_TEST_REDIS_URL";

	private static final String VERSION = "7.0.15";

	private static final long START_TIMEOUT = TimeUnit.SECONDS.toNanos(20);

	private final String url;

	private final List<String> options;

	private final @Nullable Path directory;

	private @Nullable Process process;

	private RedisServer(String url, List<String> options, @Nullable Path directory) {
		this.url = url;
		this.options = options;
		this.directory = directory;
	}

	/**
	 * Return the server that all tests of this JVM share. Use keys of your own on it, and
	 * never stop or flush it.
	 * @return the running server
	 */
	public static RedisServer shared() {
		return Shared.SERVER;
	}

	/**
	 * Start an embedded server for one test, which closes it.
	 * @param options more options of the server, such as {@code --maxmemory 4mb}, one
	 * word each
	 * @return the running server
	 */
	public static RedisServer launch(String... options) {
		try {
			Path directory = Files.createTempDirectory("idempotency-redis");
			extractExecutable(directory);
			RedisServer server = new RedisServer("redis://127.0.0.1:" + freePort(), List.of(options), directory);
			Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop-redis"));
			server.start();
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The embedded Redis could not be unpacked", ex);
		}
	}

	private static void extractExecutable(Path directory) throws IOException {
		String name = "redis-server-" + VERSION + "-" + platform();
		try (InputStream resource = RedisServer.class.getClassLoader().getResourceAsStream(name)) {
			if (resource == null) {
				throw new TestAbortedException(
						"There is no embedded Redis for " + platform() + ": set " + URL_VARIABLE + " to a running one");
			}
			Path executable = directory.resolve("redis-server");
			Files.copy(resource, executable);
			if (!executable.toFile().setExecutable(true)) {
				throw new IOException(executable + " cannot be made executable");
			}
		}
	}

	private static String platform() {
		String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
		String arch = System.getProperty("os.arch");
		return (os.startsWith("mac") ? "darwin" : os.split(" ")[0]) + "-" + switch (arch) {
			case "x86_64" -> "amd64";
			case "aarch64" -> "arm64";
			default -> arch;
		};
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	/**
	 * Return where the server is.
	 * @return a URL of the form {@code redis://host:port}, with the credentials and the
	 * database if the environment variable has them
	 */
	public String url() {
		return this.url;
	}

	/**
	 * Return the host to connect to.
	 * @return a name or an address
	 */
	public String host() {
		return URI.create(this.url).getHost();
	}

	/**
	 * Return the port to connect to.
	 * @return the port, the same after a stop and a start
	 */
	public int port() {
		int port = URI.create(this.url).getPort();
		return (port != -1) ? port : 6379;
	}

	/**
	 * Start the stopped server on its port, and wait until it answers.
	 */
	public void start() {
		Path home = home();
		if (this.process != null) {
			throw new IllegalStateException("The embedded Redis runs already");
		}
		try {
			this.process = new ProcessBuilder(command(home)).directory(home.toFile())
				.redirectErrorStream(true)
				.redirectOutput(home.resolve("redis.log").toFile())
				.start();
			awaitPong(this.process, home);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The embedded Redis did not start", ex);
		}
	}

	private List<String> command(Path home) {
		List<String> command = new ArrayList<>();
		command.add(home.resolve("redis-server").toString());
		command.addAll(List.of("--bind", host(), "--port", Integer.toString(port())));
		command.addAll(List.of("--save", "", "--appendonly", "no", "--daemonize", "no"));
		command.addAll(this.options);
		return command;
	}

	private void awaitPong(Process starting, Path home) throws IOException {
		long start = System.nanoTime();
		while (!answersPing()) {
			if (!starting.isAlive() || System.nanoTime() - start > START_TIMEOUT) {
				stop();
				throw new IOException(Files.readString(home.resolve("redis.log")));
			}
			pause();
		}
	}

	private boolean answersPing() {
		try (Socket socket = new Socket()) {
			socket.setSoTimeout(1000);
			socket.connect(new InetSocketAddress(host(), port()), 1000);
			socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
			byte[] reply = socket.getInputStream().readNBytes(5);
			return "+PONG".equals(new String(reply, StandardCharsets.US_ASCII));
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static void pause() throws IOException {
		try {
			Thread.sleep(10);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException("Interrupted while waiting for the embedded Redis", ex);
		}
	}

	/**
	 * Kill the server: connections break, and the data is gone.
	 */
	public void stop() {
		home();
		Process running = this.process;
		this.process = null;
		if (running != null) {
			running.destroyForcibly();
			running.onExit().join();
		}
	}

	/**
	 * Kill the server and delete its files.
	 */
	@Override
	public void close() {
		stop();
		FileSystemUtils.deleteRecursively(home().toFile());
	}

	private Path home() {
		if (this.directory == null) {
			throw new IllegalStateException("Not an embedded server: use RedisServer.launch()");
		}
		return this.directory;
	}

	private static final class Shared {

		private static final RedisServer SERVER = create();

		private static RedisServer create() {
			String url = System.getenv(URL_VARIABLE);
			return (url != null && !url.isBlank()) ? new RedisServer(url, List.of(), null) : launch();
		}

	}

}
