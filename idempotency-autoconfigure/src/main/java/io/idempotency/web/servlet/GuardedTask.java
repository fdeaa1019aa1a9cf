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
import org.springframework.web.context.request.async.CallableProcessingInterceptor;
import org.springframework.web.context.request.async.WebAsyncUtils;

/**
 * Tells a run what becomes of the {@link Callable} that its handler returned. It is one
 * request's own and, from when the task begins, asks nothing of that request: a task may
 * outlive it, and the server uses its requests again.
 */
final class GuardedTask implements CallableProcessingInterceptor {

	private final ServletExchange exchange;

	private final ExchangeRun run;

	private GuardedTask(ServletExchange exchange, ExchangeRun run) {
		this.exchange = exchange;
		this.run = run;
	}

	/**
	 * Watch over the task of a request, should its handler return one.
	 * @param exchange the request
	 * @param run its run
	 */
	static void watch(ServletExchange exchange, ExchangeRun run) {
		WebAsyncUtils.getAsyncManager(exchange.request())
			.registerCallableInterceptor(GuardedTask.class, new GuardedTask(exchange, run));
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
		if (result instanceof Throwable failure) {
			this.run.ended(null, failure);
		}
		else {
			this.run.ended(result, null);
		}
	}

}
