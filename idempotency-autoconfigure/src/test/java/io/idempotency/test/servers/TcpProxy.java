package io.idempotency.test.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Forwards a port of this machine to a server, and provokes network faults on the way.
 * <p>
 * A fault is tied to a request, not to a moment, so that a test is the same each time: it
 * strikes when a request comes by that contains a marker, an ASCII text such as the name
 * of a command. A request is what one read from the client brings, at most 64 KiB.
 * <p>
 * Safe for use by several threads. {@link #close()} cuts all connections.
 */
public final class TcpProxy implements AutoCloseable {

	private final InetSocketAddress target;

	private final ServerSocket listener;

	private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

	private final Thread acceptor;

	private final AtomicReference<@Nullable Rule> rule = new AtomicReference<>();

	private final AtomicInteger faults = new AtomicInteger();

	private final Object gate = new Object();

	private boolean frozen;

	private TcpProxy(String host, int targetPort) throws IOException {
		this.target = new InetSocketAddress(host, targetPort);
		this.listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
		this.acceptor = daemon("proxy-accept", this::accept);
	}

	/**
	 * Open a proxy that forwards everything.
	 * @param host the host of the server
	 * @param port the port of the server
	 * @return the proxy, which the caller closes
	 */
	public static TcpProxy to(String host, int port) {
		try {
			TcpProxy proxy = new TcpProxy(host, port);
			proxy.acceptor.start();
			return proxy;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The proxy has no port to listen on", ex);
		}
	}

	/**
	 * Return the port that clients connect to, on {@code 127.0.0.1}.
	 * @return the port
	 */
	public int port() {
		return this.listener.getLocalPort();
	}

	/**
	 * Let the fault strike each request that contains the marker, until
	 * {@link #resume()}.
	 * @param fault what happens
	 * @param marker the text to look for; empty for every request
	 */
	public void inject(Fault fault, String marker) {
		this.rule.set(new Rule(fault, marker, false));
	}

	/**
	 * Let the fault strike the next request that contains the marker, and no other: a
	 * repetition of it goes through.
	 * @param fault what happens
	 * @param marker the text to look for; empty for the next request whatever it is
	 */
	public void injectOnce(Fault fault, String marker) {
		this.rule.set(new Rule(fault, marker, true));
	}

	/**
	 * Hold back all bytes in both directions, with connections open and new ones
	 * accepted, until {@link #resume()} delivers what was held back.
	 */
	public void freeze() {
		synchronized (this.gate) {
			this.frozen = true;
		}
	}

	/**
	 * Forward everything again. Connections that turned silent stay so, because bytes
	 * never vanish from the middle of a real one: see {@link #cutAll()}.
	 */
	public void resume() {
		this.rule.set(null);
		synchronized (this.gate) {
			this.frozen = false;
			this.gate.notifyAll();
		}
	}

	/**
	 * Cut the connections that are open now; new ones are forwarded.
	 */
	public void cutAll() {
		this.connections.forEach(Connection::cut);
	}

	/**
	 * Return how often an injected fault struck.
	 * @return the number since the proxy was opened
	 */
	public int faults() {
		return this.faults.get();
	}

	@Override
	public void close() {
		closeQuietly(this.listener);
		awaitAcceptor();
		resume();
		cutAll();
	}

	/**
	 * A port takes connections until the thread that accepts them has left the call.
	 */
	private void awaitAcceptor() {
		try {
			this.acceptor.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				Socket client = this.listener.accept();
				run("proxy-connect", () -> connect(client));
			}
			catch (IOException ex) {
				// closed, or the client was gone before it was accepted
			}
		}
	}

	private void connect(Socket client) {
		try {
			Connection connection = new Connection(client, new Socket(this.target.getAddress(), this.target.getPort()));
			this.connections.add(connection);
			if (this.listener.isClosed()) {
				connection.cut();
			}
			run("proxy-replies", connection::forwardReplies);
			connection.forwardRequests();
		}
		catch (IOException ex) {
			closeQuietly(client);
		}
	}

	private void passGate() throws InterruptedException {
		synchronized (this.gate) {
			while (this.frozen) {
				this.gate.wait();
			}
		}
	}

	private @Nullable Fault faultFor(String request) {
		Rule current = this.rule.get();
		if (current == null || !request.contains(current.marker())) {
			return null;
		}
		if (current.once() && !this.rule.compareAndSet(current, null)) {
			return null;
		}
		this.faults.incrementAndGet();
		return current.fault();
	}

	private static void run(String name, Runnable work) {
		daemon(name, work).start();
	}

	private static Thread daemon(String name, Runnable work) {
		Thread thread = new Thread(work, name);
		thread.setDaemon(true);
		return thread;
	}

	private static void closeQuietly(AutoCloseable closeable) {
		try {
			closeable.close();
		}
		catch (Exception ex) {
			// it is gone, which is what was asked for
		}
	}

	/**
	 * What goes wrong with a request.
	 */
	public enum Fault {

		/**
		 * The connection is cut before the server sees the request.
		 */
		CUT_REQUEST,

		/**
		 * The server gets the request, and the connection is cut instead of its reply.
		 */
		CUT_REPLY,

		/**
		 * The server gets the request and all later ones, and the client never hears from
		 * this connection again.
		 */
		SWALLOW_REPLY

	}

	private record Rule(Fault fault, String marker, boolean once) {

	}

	private final class Connection {

		private final Socket client;

		private final Socket server;

		private volatile @Nullable Fault replyFault;

		Connection(Socket client, Socket server) throws IOException {
			this.client = client;
			this.server = server;
			client.setTcpNoDelay(true);
			server.setTcpNoDelay(true);
		}

		void forwardRequests() {
			pump(this.client, this.server, (chunk) -> {
				Fault fault = faultFor(chunk);
				if (fault == Fault.CUT_REPLY || fault == Fault.SWALLOW_REPLY) {
					this.replyFault = fault;
				}
				return (fault == Fault.CUT_REQUEST) ? Step.CUT : Step.FORWARD;
			});
		}

		void forwardReplies() {
			pump(this.server, this.client, (chunk) -> {
				Fault fault = this.replyFault;
				if (fault == Fault.CUT_REPLY) {
					return Step.CUT;
				}
				return (fault == Fault.SWALLOW_REPLY) ? Step.DISCARD : Step.FORWARD;
			});
		}

		private void pump(Socket from, Socket to, Function<String, Step> judge) {
			try {
				InputStream in = from.getInputStream();
				OutputStream out = to.getOutputStream();
				byte[] buffer = new byte[64 * 1024];
				for (int count = in.read(buffer); count != -1; count = in.read(buffer)) {
					passGate();
					Step step = judge.apply(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
					if (step == Step.CUT) {
						break;
					}
					if (step == Step.FORWARD) {
						out.write(buffer, 0, count);
					}
				}
			}
			catch (IOException | InterruptedException ex) {
				// one side is gone: the other follows
			}
			cut();
		}

		void cut() {
			TcpProxy.this.connections.remove(this);
			closeQuietly(this.client);
			closeQuietly(this.server);
		}

	}

	private enum Step {

		FORWARD, DISCARD, CUT

	}

}
