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

import io.idempotency.web.ExchangeRun;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.async.AsyncRequestTimeoutException;
import org.springframework.web.context.request.async.CallableProcessingInterceptor;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.DeferredResultProcessingInterceptor;
import org.springframework.web.context.request.async.WebAsyncManager;
import org.springframework.web.context.request.async.WebAsyncUtils;

/**
 * Tells the run of a guarded handler what becomes of the {@link Callable} that it
 * returns, or of the {@link DeferredResult}, also of one that Spring makes of a stage or
 * a reactive type.
 */
final class LaterResults implements CallableProcessingInterceptor, DeferredResultProcessingInterceptor {

	private final ServletExchange exchange;

	private final ExchangeRun run;

	private LaterResults(ServletExchange exchange, ExchangeRun run) {
		this.exchange = exchange;
		this.run = run;
	}

	/**
	 * Watch over the result of a request, should it come later.
	 * @param exchange the request, which the server may have recycled when the result
	 * comes
	 * @param run its run
	 */
	static void watch(ServletExchange exchange, ExchangeRun run) {
		LaterResults results = new LaterResults(exchange, run);
		WebAsyncManager manager = WebAsyncUtils.getAsyncManager(exchange.request());
		manager.registerCallableInterceptor(LaterResults.class, results);
		manager.registerDeferredResultInterceptor(LaterResults.class, results);
	}

	@Override
	public <T> void beforeConcurrentHandling(NativeWebRequest request, Callable<T> task) {
		this.exchange.resultComesLater(ExchangeRun::awaitsTask);
	}

	@Override
	public <T> void preProcess(NativeWebRequest request, Callable<T> task) {
		if (!this.run.begins()) {
			throw new IllegalStateException("The request was answered before its task began, which is left undone");
		}
	}

	@Override
	public <T> void postProcess(NativeWebRequest request, Callable<T> task, @Nullable Object result) {
		ended(result);
	}

	@Override
	public <T> void beforeConcurrentHandling(NativeWebRequest request, DeferredResult<T> deferred) {
		this.exchange.resultComesLater((run) -> run.awaits(false));
	}

	@Override
	public <T> void postProcess(NativeWebRequest request, DeferredResult<T> deferred, @Nullable Object result) {
		// A time-out is an answer of the framework's or the handler's, not the end of the
		// work
		if (!this.exchange.end().givenUpHere() && !(result instanceof AsyncRequestTimeoutException)) {
			ended(result);
		}
	}

	/** The framework has a failure in place of the result. */
	private void ended(@Nullable Object result) {
		if (result instanceof Throwable failure) {
			this.run.ended(null, failure);
		}
		else {
			this.run.ended(result, null);
		}
	}

}
