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

import io.idempotency.engine.Chain;
import io.idempotency.engine.Work;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The handler of one request. It is called once; who subscribes again, as an operator
 * that retries does, subscribes to what it returned.
 */
final class HandlerCall {

	private final Chain chain;

	private @Nullable Publisher<?> returned;

	HandlerCall(Chain chain) {
		this.chain = chain;
	}

	/**
	 * Call it.
	 * @param run the run, or {@code null} to do without protection
	 */
	Mono<Object> mono(@Nullable ReactiveRun run) {
		Mono<Object> called = Mono.defer(() -> Mono.from(call(run)));
		return (run != null) ? run.watched(called) : called;
	}

	/**
	 * Call it.
	 * @param run the run, or {@code null} to do without protection
	 */
	Flux<Object> flux(@Nullable ReactiveRun run) {
		Flux<Object> called = Flux.defer(() -> Flux.from(call(run)));
		return (run != null) ? run.watched(called) : called;
	}

	private synchronized Publisher<?> call(@Nullable ReactiveRun run) {
		Publisher<?> returned = this.returned;
		if (returned == null) {
			returned = (run != null) ? run.within(() -> proceed(run)) : plain();
			this.returned = returned;
		}
		return returned;
	}

	private Publisher<?> plain() {
		try {
			return (this.chain.proceed(Work::run) instanceof Publisher<?> publisher) ? publisher : Mono.empty();
		}
		catch (Throwable ex) {
			return Mono.error(ex);
		}
	}

	private @Nullable Object proceed(ReactiveRun run) throws Throwable {
		return this.chain.proceed((work) -> {
			run.reached();
			return work.run();
		});
	}

}
