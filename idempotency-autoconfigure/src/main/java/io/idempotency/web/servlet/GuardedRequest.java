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
import java.util.Collection;

import io.idempotency.web.ContentType;
import io.idempotency.web.ProblemException;
import io.idempotency.web.RequestBodies;
import jakarta.servlet.AsyncContext;
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

	private final ServletExchange exchange;

	private @Nullable KeptBody body;

	private @Nullable BufferedReader reader;

	private @Nullable Collection<Part> parts;

	private @Nullable RequestBodies bodies;

	private boolean passedBy;

	private boolean watched;

	GuardedRequest(HttpServletRequest request, ServletExchange exchange) {
		super(request);
		this.exchange = exchange;
	}

	/**
	 * Keep the body from now on, unless the container makes parts of it, which it keeps
	 * under limits of its own. It must not have been read before.
	 * @param bodies keeps it
	 * @throws ProblemException if it is known to be too large
	 */
	void keepBody(RequestBodies bodies) {
		if (ContentType.parse(getContentType()).kind() == ContentType.Kind.MULTIPART && makesParts()) {
			return;
		}
		bodies.checkSize(getContentLengthLong());
		this.bodies = bodies;
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
	 * @param seen the request as the handler sees it: a filter may have read the body
	 * before it was known that it is to be kept, and keeps it by itself
	 * @return the bytes
	 * @throws IOException if the client does not send it
	 */
	byte[] wholeBody(HttpServletRequest seen) throws IOException {
		RequestBodies bodies = this.bodies;
		if (bodies == null) {
			return super.getInputStream().readAllBytes();
		}
		if (!this.passedBy) {
			return body(bodies).drain();
		}
		ServletInputStream offered = seen.getInputStream();
		byte[] body = (offered instanceof KeptBody kept) ? kept.drain() : offered.readAllBytes();
		bodies.checkSize(body.length);
		if (body.length == 0 && getContentLengthLong() > 0) {
			throw new IllegalStateException("A filter between the idempotency filter and the handler has read the body,"
					+ " which cannot be read again to compare it. Nothing ran. Register that filter in front");
		}
		return body;
	}

	/**
	 * Note that a dispatch is over. Unless the request goes on, its body takes no memory
	 * of others any longer.
	 */
	void dispatched() {
		if (!this.watched || !isAsyncStarted()) {
			over();
		}
	}

	/** Note that the request is over. */
	void over() {
		if (this.body != null) {
			this.body.release();
		}
	}

	/**
	 * Return the request of a later dispatch: who dispatches without naming one gets the
	 * server's own, whose body nobody keeps.
	 */
	HttpServletRequest around(HttpServletRequest request) {
		if (request == this || (request instanceof ServletRequestWrapper wrapper && wrapper.isWrapperFor(this))) {
			return request;
		}
		setRequest(request);
		return this;
	}

	/** Whether somebody has asked for the bytes of the body. */
	boolean isAskedForBody() {
		return this.passedBy || this.body != null;
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
		RequestBodies bodies = this.bodies;
		this.passedBy |= bodies == null;
		return (bodies != null) ? body(bodies) : super.getInputStream();
	}

	@Override
	public BufferedReader getReader() throws IOException {
		if (this.bodies == null) {
			this.passedBy = true;
			return super.getReader();
		}
		BufferedReader reader = this.reader;
		if (reader == null) {
			String encoding = getCharacterEncoding();
			Charset charset = (encoding != null) ? Charset.forName(encoding) : StandardCharsets.ISO_8859_1;
			reader = new BufferedReader(new InputStreamReader(getInputStream(), charset));
			this.reader = reader;
		}
		return reader;
	}

	@Override
	public AsyncContext startAsync() {
		this.exchange.asyncStarts();
		return watched(super.startAsync());
	}

	@Override
	public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
		this.exchange.asyncStarts();
		return watched(super.startAsync(request, response));
	}

	private AsyncContext watched(AsyncContext context) {
		context.addListener(new SettlingListener(this.exchange.end()));
		this.watched = true;
		return context;
	}

	private KeptBody body(RequestBodies bodies) throws IOException {
		KeptBody body = this.body;
		if (body == null) {
			body = new KeptBody(super.getInputStream(), bodies.begin(getContentLengthLong()), this.exchange);
			this.body = body;
		}
		return body;
	}

}
