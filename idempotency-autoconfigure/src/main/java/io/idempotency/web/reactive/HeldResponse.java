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

package io.idempotency.web.reactive;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import io.idempotency.web.StoredResponse;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseCookie;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

/**
 * A response that is held back until it is recorded, if its handler is guarded. Whether
 * it is held is decided as late as its first byte, because the framework begins to write
 * a {@code Flux} before it subscribes to it, and so before the key is claimed. Streams
 * and what grows over the limit are let through.
 */
final class HeldResponse extends ServerHttpResponseDecorator {

	private static final Set<String> OF_THE_CONTENT = Set.of("content-type", "content-length");

	private final ReactiveExchange exchange;

	private final int limit;

	private volatile ByteArrayOutputStream held = new ByteArrayOutputStream();

	private volatile boolean passing;

	private volatile @Nullable Map<String, List<String>> headersOfOthers;

	private volatile @Nullable MultiValueMap<String, ResponseCookie> cookiesOfOthers;

	HeldResponse(ServerHttpResponse target, ReactiveExchange exchange, int limit) {
		super(target);
		this.exchange = exchange;
		this.limit = limit;
	}

	/** Note what the response has that is not the handler's. */
	void hold() {
		Map<String, List<String>> headers = new LinkedHashMap<>();
		getHeaders().forEach((name, values) -> {
			if (!OF_THE_CONTENT.contains(name.toLowerCase(Locale.ROOT))) {
				headers.put(name, List.copyOf(values));
			}
		});
		this.headersOfOthers = headers;
		this.cookiesOfOthers = new LinkedMultiValueMap<>(getCookies());
	}

	int status() {
		HttpStatusCode status = getStatusCode();
		return (status != null) ? status.value() : 200;
	}

	Map<String, Collection<String>> headers() {
		Map<String, Collection<String>> headers = new LinkedHashMap<>();
		getHeaders().forEach((name, values) -> headers.put(name, new ArrayList<>(values)));
		return headers;
	}

	byte[] heldBytes() {
		return this.held.toByteArray();
	}

	/** Send what is held. */
	Mono<Void> commit() {
		return send(heldBytes());
	}

	/**
	 * Send another response, with the headers that this one had before the handler.
	 * @param response the other one
	 * @param headers what it has besides its own
	 */
	Mono<Void> replace(StoredResponse response, Map<String, String> headers) {
		if (getDelegate().isCommitted()) {
			return Mono.empty();
		}
		restart();
		setStatusCode(HttpStatusCode.valueOf(response.status()));
		headers.forEach(getHeaders()::set);
		getHeaders().putAll(response.valuesByName());
		return send(response.body());
	}

	private void restart() {
		Map<String, List<String>> headers = this.headersOfOthers;
		MultiValueMap<String, ResponseCookie> cookies = this.cookiesOfOthers;
		if (headers != null && cookies != null) {
			getHeaders().clear();
			headers.forEach((name, values) -> values.forEach((value) -> getHeaders().add(name, value)));
			getCookies().clear();
			getCookies().putAll(cookies);
		}
	}

	private Mono<Void> send(byte[] body) {
		if (body.length == 0) {
			return getDelegate().setComplete();
		}
		getHeaders().setContentLength(body.length);
		return getDelegate().writeWith(Mono.just(bufferFactory().wrap(body)));
	}

	@Override
	public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
		if (!this.exchange.isGuarded()) {
			return super.writeWith(body);
		}
		this.held = new ByteArrayOutputStream();
		return Flux.from(body).<DataBuffer>concatMap(this::next).switchOnFirst((first, rest) -> {
			if (first.hasValue()) {
				return getDelegate().writeWith(rest).<DataBuffer>then(Mono.empty());
			}
			return first.isOnError() ? rest.doOnError((failure) -> getHeaders().clearContentHeaders()) : rest;
		}).then(Mono.defer(this::end));
	}

	/** Hold a part of the body, or let it through with what was held before it. */
	private Flux<DataBuffer> next(DataBuffer buffer) {
		if (!this.passing && !this.exchange.holds()) {
			this.passing = true;
		}
		if (this.passing && !this.exchange.drops()) {
			return Flux.just(buffer);
		}
		byte[] bytes = new byte[buffer.readableByteCount()];
		buffer.read(bytes);
		DataBufferUtils.release(buffer);
		if (this.passing) {
			return Flux.empty();
		}
		this.held.writeBytes(bytes);
		if (this.held.size() <= this.limit && !isStream()) {
			return Flux.empty();
		}
		return this.exchange.passThrough().thenMany(Flux.defer(this::release));
	}

	private Flux<DataBuffer> release() {
		this.passing = true;
		byte[] bytes = heldBytes();
		this.held = new ByteArrayOutputStream();
		return this.exchange.drops() ? Flux.empty() : Flux.just(bufferFactory().wrap(bytes));
	}

	private boolean isStream() {
		MediaType type = getHeaders().getContentType();
		return type != null && MediaType.TEXT_EVENT_STREAM.equalsTypeAndSubtype(type);
	}

	/** A body without a byte, of a handler that has no key, is complete as well. */
	private Mono<Void> end() {
		return (this.exchange.holds() || getDelegate().isCommitted()) ? Mono.empty() : getDelegate().setComplete();
	}

	@Override
	public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
		if (!this.exchange.isGuarded()) {
			return super.writeAndFlushWith(body);
		}
		return Flux.<Publisher<? extends DataBuffer>>from(body)
			.switchOnFirst((first, rest) -> first.isOnError() ? rest.then() : stream(rest))
			.then();
	}

	private Mono<Void> stream(Flux<Publisher<? extends DataBuffer>> body) {
		return this.exchange.passThrough().then(Mono.defer(() -> {
			if (this.exchange.drops()) {
				return Mono.empty();
			}
			this.passing = true;
			return getDelegate().writeAndFlushWith(body);
		}));
	}

	@Override
	public Mono<Void> setComplete() {
		return (this.exchange.isGuarded() && this.exchange.holds()) ? Mono.empty() : super.setComplete();
	}

}
