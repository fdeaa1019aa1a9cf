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
import java.security.Principal;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

import io.idempotency.engine.Chain;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.method.EdgeCall;
import io.idempotency.method.MethodOperation;
import io.idempotency.store.Fingerprint;
import io.idempotency.web.ControllerEdge;
import io.idempotency.web.HttpAnswer;
import io.idempotency.web.HttpRules;
import io.idempotency.web.ProblemException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Answers the calls of guarded handlers by the HTTP contract, when what they return is
 * subscribed to. It stands behind the security of the method, the resolution of its
 * arguments and their validation, so what these refuse leaves no trace.
 */
public final class ReactiveHandlerEdge extends ControllerEdge {

	private static final Set<Class<?>> RESULTS = Set.of(Mono.class, Flux.class, Publisher.class);

	private final Supplier<IdempotencyEngine> engine;

	/**
	 * Create the edge.
	 * @param rules the rules
	 * @param engine asked for at the first call
	 */
	public ReactiveHandlerEdge(HttpRules rules, Supplier<IdempotencyEngine> engine) {
		super(rules);
		this.engine = engine;
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
				return (exchange != null && exchange.isFor(handler)) ? admitted(exchange, call)
					.flatMap((admitted) -> admitted ? handler.mono(exchange) : Mono.empty()) : handler.plainMono();
			});
		}
		return Flux.deferContextual((context) -> {
			ReactiveExchange exchange = ReactiveExchange.of(context);
			return (exchange != null && exchange.isFor(handler)) ? admitted(exchange, call)
				.flatMapMany((admitted) -> admitted ? handler.flux(exchange) : Flux.empty()) : handler.plainFlux();
		});
	}

	private Mono<Boolean> admitted(ReactiveExchange exchange, EdgeCall call) {
		return exchange.claim(Mono.defer(() -> describe(exchange, call)));
	}

	private Mono<Optional<Callable<HttpAnswer.OrRun>>> describe(ReactiveExchange exchange, EdgeCall call) {
		String key;
		try {
			key = call.needsKey()
					? rules().key(call.spec(), ReactiveCaller.lines(exchange.request(), rules().header().name()))
					: null;
		}
		catch (ProblemException ex) {
			return Mono.error(ex);
		}
		if (call.needsKey() && key == null) {
			return Mono.just(Optional.empty());
		}
		Mono<Optional<Principal>> principal = exchange.exchange()
			.getPrincipal()
			.map(Optional::of)
			.defaultIfEmpty(Optional.empty());
		ReactiveFingerprint fingerprint = new ReactiveFingerprint(rules(), exchange.exchange(), exchange.request());
		return fingerprint.of(call.spec().name())
			.flatMap((request) -> principal.map((caller) -> Optional
				.of(() -> open(call, new ReactiveCaller(caller.orElse(null), exchange.request()), key, request))));
	}

	private HttpAnswer.OrRun open(EdgeCall call, ReactiveCaller caller, @Nullable String key,
			Supplier<Fingerprint> request) {
		return HttpAnswer.open(this.engine.get(),
				call.describe(rules().identity(call.spec()), rules().scopes().of(caller), key, request), rules());
	}

}
