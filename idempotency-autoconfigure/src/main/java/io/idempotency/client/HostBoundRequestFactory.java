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

package io.idempotency.client;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.function.Supplier;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.InterceptingClientHttpRequestFactory;
import org.springframework.http.client.support.HttpRequestWrapper;
import org.springframework.util.function.SingletonSupplier;

/**
 * Keeps keys from being carried to other hosts by redirects. HTTP clients that follow a
 * redirect take all headers along; so the requests that may have a key are sent by a
 * client that does not follow, and the redirect is followed here. All other requests go
 * the usual way.
 */
public final class HostBoundRequestFactory implements ClientHttpRequestFactory {

	private final OutboundKeys keys;

	private final ClientHttpRequestFactory usual;

	private final Supplier<ClientHttpRequestFactory> hopping;

	/**
	 * Create a factory.
	 * @param keys tells which requests may have a key
	 * @param usual makes the requests that cannot have a key
	 * @param notFollowing creates, when first needed, the factory of a client that
	 * follows no redirect
	 */
	public HostBoundRequestFactory(OutboundKeys keys, ClientHttpRequestFactory usual,
			Supplier<? extends ClientHttpRequestFactory> notFollowing) {
		this.keys = keys;
		this.usual = usual;
		this.hopping = SingletonSupplier
			.of(() -> new InterceptingClientHttpRequestFactory(notFollowing.get(), List.of(this::follow)));
	}

	@Override
	public ClientHttpRequest createRequest(URI uri, HttpMethod method) throws IOException {
		ClientHttpRequestFactory factory = this.keys.concern(method, uri) ? this.hopping.get() : this.usual;
		return factory.createRequest(uri, method);
	}

	private ClientHttpResponse follow(HttpRequest first, byte[] firstBody, ClientHttpRequestExecution execution)
			throws IOException {
		HttpRequest request = first;
		byte[] body = firstBody;
		ClientHttpResponse response = execution.execute(request, body);
		for (int hop = 0; hop < Redirect.MOST; hop++) {
			Redirect redirect = Redirect.of(response.getStatusCode().value(),
					response.getHeaders().getFirst(HttpHeaders.LOCATION), request.getMethod(), request.getURI(),
					this.keys::named);
			if (redirect == null) {
				return response;
			}
			response.close();
			request = new Redirected(request, redirect, this.keys.header());
			body = redirect.withBody() ? body : new byte[0];
			response = execution.execute(request, body);
		}
		return response;
	}

	/**
	 * A request on its way to where a response has sent it.
	 */
	private static final class Redirected extends HttpRequestWrapper {

		private final Redirect redirect;

		private final HttpHeaders headers = new HttpHeaders();

		Redirected(HttpRequest request, Redirect redirect, String keyHeader) {
			super(request);
			this.redirect = redirect;
			request.getHeaders().forEach((name, values) -> {
				if (redirect.keeps(name, keyHeader)) {
					this.headers.addAll(name, values);
				}
			});
		}

		@Override
		public HttpMethod getMethod() {
			return this.redirect.method();
		}

		@Override
		public URI getURI() {
			return this.redirect.uri();
		}

		@Override
		public HttpHeaders getHeaders() {
			return this.headers;
		}

	}

}
