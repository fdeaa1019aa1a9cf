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

import java.util.concurrent.CompletableFuture;

import io.idempotency.web.KeptBytes;
import io.idempotency.web.ProblemException;
import io.idempotency.web.RequestBodies;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

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

	private final RequestBodies bodies;

	private volatile @Nullable Mono<byte[]> body;

	private @Nullable KeptBytes kept;

	private boolean over;

	GuardedRequest(ServerHttpRequest request, ReactiveExchange exchange, RequestBodies bodies) {
		super(request);
		this.exchange = exchange;
		this.bodies = bodies;
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
		try {
			KeptBytes kept = begin();
			return super.getBody().map(GuardedRequest::bytes)
				.concatMap((bytes) -> add(bytes, kept), 0)
				.then(Mono.fromSupplier(kept::whole))
				.onErrorMap(ProblemException.class, this.exchange::refuse);
		}
		catch (ProblemException ex) {
			return Mono.error(this.exchange.refuse(ex));
		}
	}

	private synchronized KeptBytes begin() {
		if (this.over) {
			throw new IllegalStateException("The request is over");
		}
		KeptBytes kept = this.bodies.begin(getHeaders().getContentLength());
		this.kept = kept;
		return kept;
	}

	/** Note that the request is over: its body takes no memory of others any longer. */
	synchronized void over() {
		this.over = true;
		if (this.kept != null) {
			this.kept.close();
		}
	}

	private static Mono<Void> add(byte[] bytes, KeptBytes kept) {
		CompletableFuture<Void> room = kept.whenRoom(bytes.length);
		if (room.isDone()) {
			return Mono.fromRunnable(() -> kept.add(bytes));
		}
		// Not on the thread of whoever left the room
		return Mono.fromFuture(room).publishOn(Schedulers.parallel()).then(Mono.fromRunnable(() -> kept.add(bytes)));
	}

	private static byte[] bytes(DataBuffer buffer) {
		byte[] bytes = new byte[buffer.readableByteCount()];
		buffer.read(bytes);
		DataBufferUtils.release(buffer);
		return bytes;
	}

}
