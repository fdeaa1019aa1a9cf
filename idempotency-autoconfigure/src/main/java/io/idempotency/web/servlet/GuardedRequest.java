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

package io.idempotency.web.servlet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;

import io.idempotency.web.ContentType;
import io.idempotency.web.ProblemException;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.Part;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * A request whose body can be looked at as a whole before and after the handler reads it.
 * Until it is {@linkplain #keepBody guarded} the body passes by; from then on it is kept,
 * and a body over the limit is refused, however it is sent and whoever reads it.
 */
final class GuardedRequest extends HttpServletRequestWrapper {

	private static final Log logger = LogFactory.getLog(GuardedRequest.class);

	private static final int CHUNK = 8 * 1024;

	private final ServletExchange exchange;

	private @Nullable KeptBody body;

	private @Nullable BufferedReader reader;

	private @Nullable Collection<Part> parts;

	private int limit = -1;

	GuardedRequest(HttpServletRequest request, ServletExchange exchange) {
		super(request);
		this.exchange = exchange;
	}

	/**
	 * Keep the body from now on, unless the container makes parts of it, which it keeps
	 * under limits of its own. It must not have been read before.
	 * @param limit the most bytes that are kept
	 * @throws ProblemException if it is known to have more
	 */
	void keepBody(int limit) {
		if (ContentType.parse(getContentType()).kind() == ContentType.Kind.MULTIPART && makesParts()) {
			return;
		}
		if (getContentLengthLong() > limit) {
			throw ProblemException.tooLarge();
		}
		this.limit = limit;
	}

	private boolean makesParts() {
		try {
			this.parts = super.getParts();
			return true;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (ServletException ex) {
			logger.debug("The container makes no parts of this content", ex);
			return false;
		}
		catch (IllegalStateException ex) {
			if (ex.getCause() != null) {
				throw ProblemException.tooLarge();
			}
			logger.debug("The container is not configured to make parts", ex);
			return false;
		}
	}

	/**
	 * Return what the container made of the body.
	 * @return the parts, or {@code null} if it made none
	 */
	@Nullable Collection<Part> parts() {
		return this.parts;
	}

	/**
	 * Return the whole body, which stays there to be read.
	 * @return the bytes
	 * @throws IOException if the client does not send it
	 */
	byte[] wholeBody() throws IOException {
		return body().drain();
	}

	/**
	 * Return whether no server is behind this request, and hence no error page.
	 * @return whether it is one of Spring's mocks
	 */
	boolean mocked() {
		return mocked(this);
	}

	static boolean mocked(ServletRequest request) {
		ServletRequest innermost = request;
		while (innermost instanceof ServletRequestWrapper wrapper) {
			innermost = wrapper.getRequest();
		}
		return innermost.getClass().getName().startsWith("org.springframework.mock.web.");
	}

	@Override
	public ServletInputStream getInputStream() throws IOException {
		return (this.limit >= 0) ? body() : super.getInputStream();
	}

	@Override
	public BufferedReader getReader() throws IOException {
		if (this.limit < 0) {
			return super.getReader();
		}
		BufferedReader reader = this.reader;
		if (reader == null) {
			String encoding = getCharacterEncoding();
			Charset charset = (encoding != null) ? Charset.forName(encoding) : StandardCharsets.ISO_8859_1;
			reader = new BufferedReader(new InputStreamReader(body(), charset));
			this.reader = reader;
		}
		return reader;
	}

	@Override
	public AsyncContext startAsync() {
		this.exchange.asyncStarts();
		AsyncContext context = super.startAsync();
		context.addListener(new SettlingListener(this.exchange));
		return context;
	}

	@Override
	public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
		this.exchange.asyncStarts();
		AsyncContext context = super.startAsync(request, response);
		context.addListener(new SettlingListener(this.exchange));
		return context;
	}

	private KeptBody body() throws IOException {
		KeptBody body = this.body;
		if (body == null) {
			body = new KeptBody(super.getInputStream(), this.limit, (int) Math.max(getContentLengthLong(), -1));
			this.body = body;
		}
		return body;
	}

	/**
	 * Keeps what is read from the container, and gives it from the beginning.
	 */
	private static final class KeptBody extends ServletInputStream {

		private static final byte[] NOTHING = new byte[0];

		private final ServletInputStream source;

		private final int limit;

		private final int expected;

		private byte[] kept;

		private int size;

		private int position;

		private boolean end;

		private KeptBody(ServletInputStream source, int limit, int expected) {
			this.source = source;
			this.limit = limit;
			this.expected = expected;
			this.kept = NOTHING;
			this.end = expected == 0;
		}

		byte[] drain() throws IOException {
			while (fill()) {
				continue;
			}
			return (this.size == this.kept.length) ? this.kept : Arrays.copyOf(this.kept, this.size);
		}

		// The one byte more than the limit tells that there is more
		private boolean fill() throws IOException {
			if (this.end) {
				return false;
			}
			if (this.size == this.kept.length) {
				// What is only announced costs no memory yet
				int most = (this.expected > 0) ? this.expected : this.limit + 1;
				this.kept = Arrays.copyOf(this.kept, Math.min(Math.max(this.size * 2, CHUNK), most));
			}
			int count = this.source.read(this.kept, this.size, this.kept.length - this.size);
			if (count < 0) {
				this.end = true;
				return false;
			}
			this.size += count;
			this.end = this.size == this.expected;
			if (this.size > this.limit) {
				throw ProblemException.tooLarge();
			}
			return true;
		}

		@Override
		public int read() throws IOException {
			while (this.position == this.size) {
				if (!fill()) {
					return -1;
				}
			}
			return this.kept[this.position++] & 0xFF;
		}

		@Override
		public int read(byte[] target, int offset, int length) throws IOException {
			if (length == 0) {
				return 0;
			}
			while (this.position == this.size) {
				if (!fill()) {
					return -1;
				}
			}
			int count = Math.min(length, this.size - this.position);
			System.arraycopy(this.kept, this.position, target, offset, count);
			this.position += count;
			return count;
		}

		@Override
		public int available() throws IOException {
			return (this.position < this.size) ? this.size - this.position : this.source.available();
		}

		@Override
		public boolean isFinished() {
			return this.end && this.position == this.size;
		}

		@Override
		public boolean isReady() {
			return this.position < this.size || this.end || this.source.isReady();
		}

		@Override
		public void setReadListener(ReadListener listener) {
			throw new IllegalStateException(
					"The body of a guarded request is read before the handler runs; read it without a listener");
		}

	}

}
