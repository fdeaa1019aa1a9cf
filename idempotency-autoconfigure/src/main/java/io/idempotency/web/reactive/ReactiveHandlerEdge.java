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

import java.lang.reflect.Method;
import java.util.Set;

import io.idempotency.engine.Chain;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.method.EdgeCall;
import io.idempotency.method.MethodOperation;
import io.idempotency.web.ControllerEdge;
import io.idempotency.web.HttpRules;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The edge of Spring WebFlux's handlers: claims the key when the handler's publisher is
 * subscribed to, and calls the handler only then.
 */
public final class ReactiveHandlerEdge extends ControllerEdge {

	private static final Set<Class<?>> RESULTS = Set.of(Mono.class, Flux.class, Publisher.class);

	/**
	 * Create the edge.
	 * @param rules the rules
	 */
	public ReactiveHandlerEdge(HttpRules rules) {
		super(rules);
	}

	@Override
	public void check(MethodOperation operation, Object bean) {
		super.check(operation, bean);
		refuseBlocking(operation.spec().name(), operation.method());
	}

	private static void refuseBlocking(String operation, Method method) {
		if (!RESULTS.contains(method.getReturnType())) {
			throw new InvalidOperationException(operation,
					"is a handler that returns " + method.getReturnType().getSimpleName()
							+ ", and could claim its key only by blocking the event loop",
					"Return a Mono or a Flux, such as Mono.fromCallable(...).subscribeOn(Schedulers.boundedElastic()), "
							+ "or annotate the service method that does the work");
		}
	}

	@Override
	public Object answer(EdgeCall call, Chain chain) {
		refuseBlocking(call.spec().name(), call.method());
		HandlerCall handler = new HandlerCall(chain);
		if (call.method().getReturnType() == Mono.class) {
			return Mono.deferContextual((context) -> {
				ReactiveExchange exchange = ReactiveExchange.of(context);
				return (exchange != null && exchange.isFor(handler))
						? admitted(exchange, call).flatMap((admitted) -> handler.mono(exchange.run()))
						: handler.mono(null);
			});
		}
		return Flux.deferContextual((context) -> {
			ReactiveExchange exchange = ReactiveExchange.of(context);
			return (exchange != null && exchange.isFor(handler))
					? admitted(exchange, call).flatMapMany((admitted) -> handler.flux(exchange.run()))
					: handler.flux(null);
		});
	}

	private static Mono<Boolean> admitted(ReactiveExchange exchange, EdgeCall call) {
		return exchange.claim(call.spec(), call.needsKey(), call::describe).filter(Boolean::booleanValue);
	}

}
