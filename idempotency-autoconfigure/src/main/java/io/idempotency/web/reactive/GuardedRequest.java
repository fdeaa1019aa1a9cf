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

import io.idempotency.web.ProblemException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;

/**
 * A request whose body, if its handler is guarded, is kept as a whole, so that it can be
 * compared before and after the handler reads it. Any other body passes by.
 */
final class GuardedRequest extends ServerHttpRequestDecorator {

	private final ReactiveExchange exchange;

	private final int limit;

	private volatile @Nullable Mono<byte[]> body;

	GuardedRequest(ServerHttpRequest request, ReactiveExchange exchange, int limit) {
		super(request);
		this.exchange = exchange;
		this.limit = limit;
	}

	/**
	 * A filter that changes the request asks for the body long before anybody reads it.
	 */
	@Override
	public Flux<DataBuffer> getBody() {
		return Flux.defer(() -> this.exchange.keepsBody() ? keptBody() : super.getBody());
	}

	private Flux<DataBuffer> keptBody() {
		return wholeBody().filter((bytes) -> bytes.length > 0)
			.<DataBuffer>map(DefaultDataBufferFactory.sharedInstance::wrap)
			.flux();
	}

	/** Whether somebody behind the filter reads the body as bytes. */
	boolean isRead() {
		return this.body != null;
	}

	/**
	 * Return the whole body, which stays there to be read.
	 * @return the bytes, or the problem that there are too many
	 */
	synchronized Mono<byte[]> wholeBody() {
		Mono<byte[]> body = this.body;
		if (body == null) {
			body = Mono.defer(this::read).cache();
			this.body = body;
		}
		return body;
	}

	private Mono<byte[]> read() {
		if (getHeaders().getContentLength() > this.limit) {
			return Mono.error(this.exchange.refuse(ProblemException.tooLarge()));
		}
		return super.getBody().map(GuardedRequest::bytes)
			.collect(ByteArrayOutputStream::new, this::add)
			.map(ByteArrayOutputStream::toByteArray);
	}

	private void add(ByteArrayOutputStream body, byte[] bytes) {
		if (body.size() + bytes.length > this.limit) {
			throw this.exchange.refuse(ProblemException.tooLarge());
		}
		body.writeBytes(bytes);
	}

	private static byte[] bytes(DataBuffer buffer) {
		byte[] bytes = new byte[buffer.readableByteCount()];
		buffer.read(bytes);
		DataBufferUtils.release(buffer);
		return bytes;
	}

}
