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
import java.util.function.Supplier;

import io.idempotency.web.SecurityTypes;
import reactor.core.publisher.Mono;

import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;

/**
 * Lets the application's exception handlers, which are around all filters, write the
 * response of a guarded handler's failure into the response that is recorded.
 */
public final class ErrorPages {

	private final Supplier<List<WebExceptionHandler>> handlers;

	/**
	 * Create the pages.
	 * @param handlers asked for at the first failure, in order
	 */
	public ErrorPages(Supplier<List<WebExceptionHandler>> handlers) {
		this.handlers = handlers;
	}

	/**
	 * Answer for a failure.
	 * @param exchange where to
	 * @param failure what the handler failed with
	 * @return done when a handler has answered; the failure itself, if it is Spring
	 * Security's to answer or nobody's
	 */
	Mono<Void> answer(ServerWebExchange exchange, Throwable failure) {
		Mono<Void> answered = Mono.error(failure);
		if (SecurityTypes.isRefusal(failure)) {
			return answered;
		}
		for (WebExceptionHandler handler : this.handlers.get()) {
			answered = answered.onErrorResume((left) -> handler.handle(exchange, left));
		}
		return answered;
	}

}
