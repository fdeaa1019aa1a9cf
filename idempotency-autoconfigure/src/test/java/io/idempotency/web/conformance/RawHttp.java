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

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * HTTP/1.1 on a socket, one connection for each request, so that a test decides on every
 * byte: header lines that a decent client would not send, chunks, and hanging up at any
 * offset. Safe for use by many threads.
 */
final class RawHttp {

	private static final int TIMEOUT_MILLIS = 30_000;

	private final String host;

	private final int port;

	RawHttp(URI baseUrl) {
		this.host = baseUrl.getHost();
		this.port = baseUrl.getPort();
	}

	/**
	 * Send a request and read the answer to its end.
	 * @param request the bytes of head and body
	 * @param hasBody whether the answer may have a body; that to a HEAD has none
	 * @return the answer
	 */
	Answer exchange(byte[] request, boolean hasBody) {
		try (Socket socket = connect()) {
			sendAsFarAsItGoes(socket, request);
			return read(socket.getInputStream(), hasBody);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Send one request after the other on one connection, as far as the server does not
	 * close it.
	 * @param requests the bytes of heads and bodies
	 * @return the status of each answer
	 */
	List<Integer> converse(List<byte[]> requests) {
		List<Integer> statuses = new ArrayList<>();
		while (statuses.size() < requests.size()) {
			try (Socket socket = connect()) {
				InputStream in = new BufferedInputStream(socket.getInputStream());
				boolean open = true;
				while (open && statuses.size() < requests.size()) {
					socket.getOutputStream().write(requests.get(statuses.size()));
					Answer answer = read(in, true);
					statuses.add(answer.status());
					open = !"close".equalsIgnoreCase(answer.header("Connection"));
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException("After " + statuses, ex);
			}
		}
		return statuses;
	}

	/**
	 * Open a connection, for a test that sends and reads by itself.
	 * @return the connection
	 * @throws IOException if the server does not accept it
	 */
	Socket connect() throws IOException {
		Socket socket = new Socket();
		socket.setSoTimeout(TIMEOUT_MILLIS);
		socket.setTcpNoDelay(true);
		socket.connect(new InetSocketAddress(this.host, this.port), TIMEOUT_MILLIS);
		return socket;
	}

	/**
	 * Send the beginning of a request and hang up.
	 * @param request the bytes of head and body
	 * @param length how many of them are sent
	 * @param then what is done before the connection is cut
	 */
	void hangUpAfterSending(byte[] request, int length, Runnable then) {
		try (Socket socket = connect()) {
			socket.getOutputStream().write(request, 0, length);
			then.run();
			socket.setSoLinger(true, 0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Send a request, read the beginning of the answer and hang up.
	 * @param request the bytes of head and body
	 * @param length how many bytes of the answer are read
	 */
	void hangUpAfterReading(byte[] request, int length) {
		try (Socket socket = connect()) {
			socket.getOutputStream().write(request);
			socket.getInputStream().readNBytes(length);
			socket.setSoLinger(true, 0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * A server that refuses a request may answer before it has read all of it.
	 */
	private static void sendAsFarAsItGoes(Socket socket, byte[] request) {
		try {
			socket.getOutputStream().write(request);
			socket.getOutputStream().flush();
		}
		catch (IOException ex) {
			// what there is of an answer tells
		}
	}

	static Answer read(InputStream in, boolean hasBody) throws IOException {
		String statusLine = readLine(in);
		int status = Integer.parseInt(statusLine.split(" ", 3)[1]);
		List<Answer.Header> headers = readHeaders(in);
		if (status >= 100 && status < 200) {
			return read(in, hasBody);
		}
		Answer head = new Answer(status, headers, new byte[0]);
		boolean bodiless = !hasBody || status == 204 || status == 304;
		return bodiless ? head : new Answer(status, headers, readBody(in, head));
	}

	private static List<Answer.Header> readHeaders(InputStream in) throws IOException {
		List<Answer.Header> headers = new ArrayList<>();
		for (String line = readLine(in); !line.isEmpty(); line = readLine(in)) {
			int colon = line.indexOf(':');
			headers.add(new Answer.Header(line.substring(0, colon), line.substring(colon + 1).strip()));
		}
		return headers;
	}

	private static byte[] readBody(InputStream in, Answer head) throws IOException {
		String length = head.header("Content-Length");
		if (length != null) {
			byte[] body = in.readNBytes(Integer.parseInt(length));
			if (body.length != Integer.parseInt(length)) {
				throw new IOException("The answer ended after " + body.length + " of " + length + " bytes");
			}
			return body;
		}
		String encoding = head.header("Transfer-Encoding");
		boolean chunked = encoding != null && encoding.toLowerCase(Locale.ROOT).contains("chunked");
		return chunked ? readChunks(in) : in.readAllBytes();
	}

	private static byte[] readChunks(InputStream in) throws IOException {
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		for (byte[] chunk = readChunk(in); chunk.length > 0; chunk = readChunk(in)) {
			body.write(chunk);
		}
		return body.toByteArray();
	}

	private static byte[] readChunk(InputStream in) throws IOException {
		int size = Integer.parseInt(readLine(in).split(";")[0].strip(), 16);
		byte[] chunk = in.readNBytes(size);
		if (chunk.length != size) {
			throw new IOException("The answer ended inside a chunk");
		}
		readLine(in);
		return chunk;
	}

	/**
	 * Read as far as a text that has no beginning of itself in it.
	 * @param in the answer
	 * @param text what to look for
	 * @return whether it came
	 * @throws IOException if nothing comes for too long
	 */
	static boolean readUntil(InputStream in, String text) throws IOException {
		int found = 0;
		while (found < text.length()) {
			int next = in.read();
			if (next == -1) {
				return false;
			}
			found = (next == text.charAt(found)) ? found + 1 : ((next == text.charAt(0)) ? 1 : 0);
		}
		return true;
	}

	static String readLine(InputStream in) throws IOException {
		ByteArrayOutputStream line = new ByteArrayOutputStream();
		for (int next = in.read(); next != '\n'; next = in.read()) {
			if (next == -1) {
				throw new IOException("The answer ended after '" + line.toString(StandardCharsets.ISO_8859_1) + "'");
			}
			if (next != '\r') {
				line.write(next);
			}
		}
		return line.toString(StandardCharsets.ISO_8859_1);
	}

}
