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

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.idempotency.engine.Work;
import io.idempotency.web.ExchangeRun;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.http.ResponseEntity;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * Looks at what handlers return before the framework makes a response of it: a stream is
 * let through, a result that is there is noted, and one that comes later is noted when it
 * comes.
 */
final class HandlerResults {

	/** The registry asks each of its adapters. */
	private static final ClassValue<Boolean> REACTIVE = new ClassValue<>() {

		@Override
		protected Boolean computeValue(Class<?> type) {
			return ReactiveAdapterRegistry.getSharedInstance().getAdapter(type) != null;
		}

	};

	private HandlerResults() {
	}

	/**
	 * Look at a result.
	 * @param exchange the request
	 * @param run its run
	 * @param result what the handler returned
	 * @return what the framework gets
	 */
	static @Nullable Object returned(ServletExchange exchange, ExchangeRun run, @Nullable Object result) {
		Object body = (result instanceof ResponseEntity<?> entity) ? entity.getBody() : result;
		if (body instanceof ResponseBodyEmitter || body instanceof StreamingResponseBody) {
			run.returned(result);
			exchange.passThrough();
		}
		else if (body instanceof CompletionStage<?> stage) {
			run.awaits(true);
			stage.whenComplete((value, failure) -> ended(run, value, failure));
			return withItsOwn(result, stage);
		}
		else if (result instanceof Callable || result instanceof WebAsyncTask) {
			run.awaitsTask();
		}
		else if (body instanceof DeferredResult || reactive(body)) {
			run.awaits(false);
		}
		else {
			run.returned(result);
		}
		return result;
	}

	/**
	 * Spring cancels what it gets when the request times out, and then nobody would see
	 * the end of the work.
	 */
	private static @Nullable Object withItsOwn(@Nullable Object result, CompletionStage<?> stage) {
		if (stage.getClass() != CompletableFuture.class) {
			return result;
		}
		CompletableFuture<?> own = ((CompletableFuture<?>) stage).copy();
		return (result instanceof ResponseEntity<?> entity)
				? ResponseEntity.status(entity.getStatusCode()).headers(entity.getHeaders()).body(own) : own;
	}

	private static void ended(ExchangeRun run, @Nullable Object value, @Nullable Throwable failure) {
		if (failure instanceof CancellationException) {
			run.awaits(false);
		}
		else {
			run.ended(value, (failure != null) ? Work.thrownBefore(failure) : null);
		}
	}

	private static boolean reactive(@Nullable Object body) {
		return body != null && REACTIVE.get(body.getClass());
	}

}
