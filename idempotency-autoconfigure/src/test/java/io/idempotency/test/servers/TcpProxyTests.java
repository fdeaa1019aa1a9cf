package io.idempotency.test.servers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.idempotency.test.servers.TcpProxy.Fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TcpProxy}, with a server that remembers each line and sends it back.
 */
class TcpProxyTests {

	private final List<String> received = new CopyOnWriteArrayList<>();

	private ServerSocket server;

	private TcpProxy proxy;

	@BeforeEach
	void open() throws IOException {
		this.server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
		background(this::serve);
		this.proxy = TcpProxy.to("127.0.0.1", this.server.getLocalPort());
	}

	@AfterEach
	void close() throws IOException {
		this.proxy.close();
		this.server.close();
	}

	@Test
	void forwardsBothWays() {
		try (Client client = new Client()) {
			assertThat(client.ask("hello")).isEqualTo("hello");
			assertThat(client.ask("again")).isEqualTo("again");
		}
		assertThat(this.proxy.faults()).isZero();
	}

	@Test
	void cutRequestNeverReachesTheServer() {
		this.proxy.injectOnce(Fault.CUT_REQUEST, "pay");

		try (Client client = new Client(); Client retry = new Client()) {
			assertThat(client.ask("hello")).isEqualTo("hello");
			assertThat(client.ask("pay 1")).isNull();
			assertThat(retry.ask("pay 2")).isEqualTo("pay 2");
		}
		assertThat(this.received).containsExactly("hello", "pay 2");
		assertThat(this.proxy.faults()).isOne();
	}

	@Test
	void cutReplyLeavesTheRequestDone() {
		this.proxy.injectOnce(Fault.CUT_REPLY, "pay");

		try (Client client = new Client(); Client retry = new Client()) {
			assertThat(client.ask("pay 1")).isNull();
			assertThat(retry.ask("pay 2")).isEqualTo("pay 2");
		}
		assertThat(this.received).containsExactly("pay 1", "pay 2");
	}

	@Test
	void faultStrikesUntilResumed() {
		this.proxy.inject(Fault.CUT_REQUEST, "");

		try (Client first = new Client(); Client second = new Client(); Client third = new Client()) {
			assertThat(first.ask("1")).isNull();
			assertThat(second.ask("2")).isNull();
			this.proxy.resume();
			assertThat(third.ask("3")).isEqualTo("3");
		}
		assertThat(this.proxy.faults()).isEqualTo(2);
	}

	@Test
	void swallowedReplyLeavesTheConnectionSilent() {
		this.proxy.injectOnce(Fault.SWALLOW_REPLY, "pay");

		try (Client client = new Client(); Client other = new Client()) {
			client.send("pay 1");
			Awaitility.await().until(() -> this.received.contains("pay 1"));

			assertThat(other.ask("pay 2")).isEqualTo("pay 2");
			assertThat(client.isSilent()).isTrue();
		}
	}

	@Test
	void frozenProxyDeliversWhenItIsResumed() {
		try (Client client = new Client()) {
			client.ask("hello");
			this.proxy.freeze();
			client.send("later");
			assertThat(client.isSilent()).isTrue();
			assertThat(this.received).doesNotContain("later");

			this.proxy.resume();

			assertThat(client.read()).isEqualTo("later");
		}
	}

	@Test
	void cutAllSparesNewConnections() {
		try (Client client = new Client()) {
			client.ask("hello");

			this.proxy.cutAll();

			assertThat(client.read()).isNull();
		}
		try (Client client = new Client()) {
			assertThat(client.ask("again")).isEqualTo("again");
		}
	}

	@Test
	void closedProxyRefusesConnections() {
		this.proxy.close();

		assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(Client::new);
	}

	private void serve() throws IOException {
		while (true) {
			Socket socket = this.server.accept();
			background(() -> echo(socket));
		}
	}

	private void echo(Socket socket) throws IOException {
		try (socket; BufferedReader reader = reader(socket)) {
			String line = reader.readLine();
			while (line != null) {
				this.received.add(line);
				socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
				line = reader.readLine();
			}
		}
	}

	private static BufferedReader reader(Socket socket) throws IOException {
		return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
	}

	private static void background(Work work) {
		Thread thread = new Thread(() -> {
			try {
				work.run();
			}
			catch (IOException ex) {
				// the test is over, or the proxy cut the connection
			}
		});
		thread.setDaemon(true);
		thread.start();
	}

	private interface Work {

		void run() throws IOException;

	}

	private final class Client implements AutoCloseable {

		private static final Duration PATIENCE = Duration.ofSeconds(10);

		private final Socket socket;

		private final BufferedReader reader;

		Client() {
			try {
				this.socket = new Socket("127.0.0.1", TcpProxyTests.this.proxy.port());
				this.reader = reader(this.socket);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		String ask(String line) {
			send(line);
			return read();
		}

		void send(String line) {
			try {
				this.socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		/**
		 * Return the next line, or {@code null} if the connection was cut.
		 */
		String read() {
			try {
				this.socket.setSoTimeout((int) PATIENCE.toMillis());
				return this.reader.readLine();
			}
			catch (SocketTimeoutException ex) {
				throw new UncheckedIOException(ex);
			}
			catch (IOException ex) {
				return null;
			}
		}

		boolean isSilent() {
			try {
				this.socket.setSoTimeout(100);
				this.reader.readLine();
				return false;
			}
			catch (SocketTimeoutException ex) {
				return true;
			}
			catch (IOException ex) {
				return false;
			}
		}

		@Override
		public void close() {
			try {
				this.socket.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
