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

import io.idempotency.IdempotencyContext;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Sends {@linkplain OutboundKeys keys} by a {@code WebClient}. The run that a request
 * belongs to is the one in Reactor's context under the key {@link IdempotencyContext}
 * {@code .class}; else the one on the thread that subscribes; else the one on the thread
 * that began to build the request. So a request that is built by guarded work may be sent
 * by any thread.
 */
public final class OutboundKeyFilter {

	private final OutboundKeys keys;

	/**
	 * Create a filter.
	 * @param keys tells which requests get which key
	 */
	public OutboundKeyFilter(OutboundKeys keys) {
		this.keys = keys;
	}

	/**
	 * Let the clients of a builder send keys. The filter goes before those that are
	 * there: one that repeats the request then repeats it with its key.
	 * @param builder the builder
	 */
	public void applyTo(WebClient.Builder builder) {
		// One for each request that is built, however often it is subscribed to
		builder.defaultRequest((request) -> request.attribute(Call.ATTRIBUTE, new Call()));
		builder.filters((filters) -> filters.add(0, this::filter));
	}

	private Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		if (request.headers().getFirst(this.keys.header()) != null) {
			return next.exchange(request);
		}
		return Mono.deferContextual((reactor) -> next.exchange(keyed(request, reactor)));
	}

	private ClientRequest keyed(ClientRequest request, ContextView reactor) {
		Call call = Call.of(request.attributes());
		String value = this.keys.value(request.method(), request.url(), request.attributes(), call,
				context(reactor, call));
		return (value != null)
				? ClientRequest.from(request).headers((headers) -> headers.set(this.keys.header(), value)).build()
				: request;
	}

	private static @Nullable IdempotencyContext context(ContextView reactor, Call call) {
		if (reactor.hasKey(IdempotencyContext.class)) {
			return reactor.get(IdempotencyContext.class);
		}
		return IdempotencyContext.current().orElseGet(call::context);
	}

}
