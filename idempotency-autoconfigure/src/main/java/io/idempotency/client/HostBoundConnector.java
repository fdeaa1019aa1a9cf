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

import java.net.URI;
import java.util.function.Function;
import java.util.function.Supplier;

import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpRequestDecorator;
import org.springframework.http.client.reactive.ClientHttpResponse;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.util.function.SingletonSupplier;

/**
 * What {@link HostBoundRequestFactory} is, for a {@code WebClient}.
 */
public final class HostBoundConnector implements ClientHttpConnector {

	private final OutboundKeys keys;

	private final ClientHttpConnector usual;

	private final Supplier<? extends ClientHttpConnector> notFollowing;

	/**
	 * Create a connector.
	 * @param keys tells which requests may have a key
	 * @param usual sends the requests that cannot have a key
	 * @param notFollowing creates, when first needed, the connector of a client that
	 * follows no redirect
	 */
	public HostBoundConnector(OutboundKeys keys, ClientHttpConnector usual,
			Supplier<? extends ClientHttpConnector> notFollowing) {
		this.keys = keys;
		this.usual = usual;
		this.notFollowing = SingletonSupplier.of(notFollowing);
	}

	@Override
	public Mono<ClientHttpResponse> connect(HttpMethod method, URI uri,
			Function<? super ClientHttpRequest, Mono<Void>> writer) {
		return this.keys.concern(method, uri) ? follow(method, uri, writer, Redirect.MOST)
				: this.usual.connect(method, uri, writer);
	}

	private Mono<ClientHttpResponse> follow(HttpMethod method, URI uri,
			Function<? super ClientHttpRequest, Mono<Void>> writer, int left) {
		return this.notFollowing.get().connect(method, uri, writer).flatMap((response) -> {
			Redirect redirect = (left > 0) ? Redirect.of(response.getStatusCode().value(),
					response.getHeaders().getFirst(HttpHeaders.LOCATION), method, uri, this.keys::named) : null;
			if (redirect == null) {
				return Mono.just(response);
			}
			Mono<ClientHttpResponse> next = Mono.defer(() -> follow(redirect.method(), redirect.uri(),
					(request) -> writer.apply(new Redirected(request, redirect, this.keys.header())), left - 1));
			return response.getBody().doOnNext(DataBufferUtils::release).then(next);
		});
	}

	/**
	 * A request on its way to where a response has sent it. Takes what the writer of the
	 * first one says, and passes on what goes along.
	 */
	private static final class Redirected extends ClientHttpRequestDecorator {

		private final Redirect redirect;

		private final String keyHeader;

		private final HttpHeaders headers = new HttpHeaders();

		private final MultiValueMap<String, HttpCookie> cookies;

		Redirected(ClientHttpRequest request, Redirect redirect, String keyHeader) {
			super(request);
			this.redirect = redirect;
			this.keyHeader = keyHeader;
			this.cookies = redirect.sameHost() ? request.getCookies() : new LinkedMultiValueMap<>();
		}

		@Override
		public HttpHeaders getHeaders() {
			return this.headers;
		}

		@Override
		public MultiValueMap<String, HttpCookie> getCookies() {
			return this.cookies;
		}

		@Override
		public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
			return this.redirect.withBody() ? passOn().writeWith(body) : setComplete();
		}

		@Override
		public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
			return this.redirect.withBody() ? passOn().writeAndFlushWith(body) : setComplete();
		}

		@Override
		public Mono<Void> setComplete() {
			return passOn().setComplete();
		}

		private ClientHttpRequest passOn() {
			this.headers.forEach((name, values) -> {
				if (this.redirect.keeps(name, this.keyHeader)) {
					getDelegate().getHeaders().addAll(name, values);
				}
			});
			return getDelegate();
		}

	}

}
