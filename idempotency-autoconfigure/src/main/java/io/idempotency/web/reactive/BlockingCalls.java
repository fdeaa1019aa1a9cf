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

import java.util.concurrent.Callable;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Makes the calls to the engine that block, on threads of its own. Claims may wait for
 * another run, so the ends of runs have other threads: who waits never keeps the one that
 * is waited for from ending. Both are bounded, and what is beyond queues.
 */
public final class BlockingCalls implements AutoCloseable {

	private static final int QUEUE = 100_000;

	private static final int SECONDS_IDLE = 60;

	private final Scheduler claims = threads("idempotency-claim");

	private final Scheduler ends = threads("idempotency-end");

	private static Scheduler threads(String name) {
		return Schedulers.newBoundedElastic(Schedulers.DEFAULT_BOUNDED_ELASTIC_SIZE, QUEUE, name, SECONDS_IDLE, true);
	}

	<T> Mono<T> claim(Callable<T> claim) {
		return Mono.fromCallable(claim).subscribeOn(this.claims);
	}

	<T> Mono<T> end(Callable<T> end) {
		return Mono.fromCallable(end).subscribeOn(this.ends);
	}

	@Override
	public void close() {
		this.claims.dispose();
		this.ends.dispose();
	}

}
