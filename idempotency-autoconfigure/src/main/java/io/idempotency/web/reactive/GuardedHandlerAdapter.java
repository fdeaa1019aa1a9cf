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

import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.idempotency.engine.OperationSpec;
import io.idempotency.method.MethodOperation;
import io.idempotency.method.MethodOperations;
import io.idempotency.web.HttpRules;
import io.idempotency.web.Routes;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

import org.springframework.core.Ordered;
import org.springframework.core.codec.CodecException;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.reactive.DispatchExceptionHandler;
import org.springframework.web.reactive.HandlerAdapter;
import org.springframework.web.reactive.HandlerResult;
import org.springframework.web.reactive.HandlerResultHandler;
import org.springframework.web.reactive.function.UnsupportedMediaTypeException;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebExchange;

/**
 * Sees the handler before anybody reads the body, and its result before a response is
 * made of it. Leaves the work to the dispatcher's other adapters.
 */
public final class GuardedHandlerAdapter implements HandlerAdapter, HandlerResultHandler, Ordered {

	private final HttpRules rules;

	private final Supplier<MethodOperations> operations;

	private final Routes routes;

	private final Supplier<List<HandlerAdapter>> adapters;

	private final Supplier<List<HandlerResultHandler>> resultHandlers;

	/**
	 * Create the adapter.
	 * @param rules the rules
	 * @param operations knows the guarded methods
	 * @param routes guards requests by their path
	 * @param adapters those of the dispatcher, in order
	 * @param resultHandlers those of the dispatcher, in order
	 */
	public GuardedHandlerAdapter(HttpRules rules, Supplier<MethodOperations> operations, Routes routes,
			Supplier<List<HandlerAdapter>> adapters, Supplier<List<HandlerResultHandler>> resultHandlers) {
		this.rules = rules;
		this.operations = operations;
		this.routes = routes;
		this.adapters = adapters;
		this.resultHandlers = resultHandlers;
	}

	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public boolean supports(Object handler) {
		return handler instanceof HandlerMethod || handler instanceof HandlerFunction;
	}

	@Override
	public Mono<HandlerResult> handle(ServerWebExchange exchange, Object handler) {
		HandlerAdapter adapter = other(this.adapters.get(), (each) -> each.supports(handler), handler);
		if (!this.rules.concerns(exchange.getRequest().getMethod().name())) {
			return adapter.handle(exchange, handler);
		}
		ReactiveExchange request = ReactiveExchange.of(exchange);
		if (request == null) {
			return handleUnknown(exchange, handler, adapter);
		}
		request.seenAs(exchange);
		return handle(exchange, request, handler, adapter)
			.map((result) -> request.isGuarded() ? new Result(result, request) : result);
	}

	private Mono<HandlerResult> handle(ServerWebExchange exchange, ReactiveExchange request, Object handler,
			HandlerAdapter adapter) {
		MethodOperation operation = operation(handler);
		if (operation != null) {
			request.guard(!operation.needsKeyOfEdge());
			return adapter.handle(exchange, handler);
		}
		OperationSpec route = route(exchange);
		if (route == null || !request.isFor(route)) {
			return adapter.handle(exchange, handler);
		}
		return request.claim(route, this.routes)
			.filter(Boolean::booleanValue)
			.flatMap((admitted) -> run(exchange, request.run(), handler, adapter));
	}

	/** A request that did not pass the filter. */
	private Mono<HandlerResult> handleUnknown(ServerWebExchange exchange, Object handler, HandlerAdapter adapter) {
		MethodOperation operation = operation(handler);
		OperationSpec spec = (operation != null) ? operation.spec() : route(exchange);
		return (spec != null) ? Mono.error(IdempotencyWebFilter.notPassed(spec)) : adapter.handle(exchange, handler);
	}

	private @Nullable MethodOperation operation(Object handler) {
		return (handler instanceof HandlerMethod method)
				? this.operations.get().of(method.getMethod(), method.getBeanType()) : null;
	}

	private @Nullable OperationSpec route(ServerWebExchange exchange) {
		return this.routes.find(exchange.getRequest().getMethod().name(),
				exchange.getRequest().getPath()::pathWithinApplication);
	}

	private static Mono<HandlerResult> run(ServerWebExchange exchange, @Nullable ReactiveRun run, Object handler,
			HandlerAdapter adapter) {
		Mono<HandlerResult> handled = Mono.defer(() -> adapter.handle(exchange, handler));
		if (run == null) {
			return handled;
		}
		run.reachedUnlessRefused();
		return handled.doOnError(run::threw)
			.contextWrite(run::inContext)
			.map((result) -> watched(run, handler, result));
	}

	private static HandlerResult watched(ReactiveRun run, Object handler, HandlerResult result) {
		if (handler instanceof HandlerMethod method && result.getHandler() instanceof HandlerMethod answering
				&& !answering.getMethod().equals(method.getMethod())) {
			run.answeredBy(answering.getMethod());
			return result;
		}
		HandlerResult watched = new HandlerResult(result.getHandler(), run.watched(result.getReturnValue()),
				result.getReturnTypeSource(), result.getBindingContext());
		DispatchExceptionHandler exceptionHandler = result.getExceptionHandler();
		return (exceptionHandler != null) ? watched.setExceptionHandler(exceptionHandler) : watched;
	}

	@Override
	public boolean supports(HandlerResult result) {
		return result instanceof Result;
	}

	@Override
	public Mono<Void> handleResult(ServerWebExchange exchange, HandlerResult result) {
		Result guarded = (Result) result;
		HandlerResult inner = guarded.result;
		return other(this.resultHandlers.get(), (each) -> each.supports(inner), inner.getHandler())
			.handleResult(exchange, inner)
			.doOnSuccess((nothing) -> guarded.written())
			.doOnError(guarded::failed)
			.contextWrite(guarded::inContext);
	}

	private <T> T other(List<T> candidates, Predicate<T> supports, Object handler) {
		for (T candidate : candidates) {
			if (candidate != this && supports.test(candidate)) {
				return candidate;
			}
		}
		throw new IllegalStateException("Nothing in this application can handle " + handler);
	}

	/** A result of a guarded handler. */
	private static final class Result extends HandlerResult {

		private final HandlerResult result;

		private final ReactiveExchange request;

		Result(HandlerResult result, ReactiveExchange request) {
			super(result.getHandler(), result.getReturnValue(), result.getReturnTypeSource(),
					result.getBindingContext());
			this.result = result;
			this.request = request;
		}

		@Override
		public @Nullable DispatchExceptionHandler getExceptionHandler() {
			return this.result.getExceptionHandler();
		}

		Context inContext(Context context) {
			ReactiveRun run = this.request.run();
			return (run != null) ? run.inContext(context) : context;
		}

		void written() {
			ReactiveRun run = this.request.run();
			if (run != null) {
				run.bodyCame();
			}
		}

		void failed(Throwable failure) {
			ReactiveRun run = this.request.run();
			if (run == null) {
				return;
			}
			if (getReturnValue() instanceof ServerResponse && !ofCodecs(failure)) {
				// Its body may still be to come, and is the handler's
				run.threw(failure);
			}
			else {
				run.responseFailed(failure);
			}
		}

		private static boolean ofCodecs(Throwable failure) {
			return failure instanceof CodecException || failure instanceof UnsupportedMediaTypeException;
		}

	}

}
