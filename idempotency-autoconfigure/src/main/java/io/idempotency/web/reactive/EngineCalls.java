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

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.idempotency.engine.Ending;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.web.ExchangeRun;
import io.idempotency.web.HttpAnswer;
import io.idempotency.web.HttpRules;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Makes the calls to the engine. Where one has to block, because the store can do nothing
 * else or a run elsewhere is waited for, it is on threads of its own. Claims and the ends
 * of runs have different ones: who waits never keeps the one that is waited for from
 * ending. Both are bounded, and what is beyond queues.
 */
public final class EngineCalls implements AutoCloseable {

	private static final int QUEUE = 100_000;

	private static final int SECONDS_IDLE = 60;

	private final HttpRules rules;

	private final Supplier<IdempotencyEngine> engine;

	private final Scheduler claims = threads("idempotency-claim");

	private final Scheduler ends = threads("idempotency-end");

	/**
	 * Create the threads.
	 * @param rules the rules
	 * @param engine asked for at the first call
	 */
	public EngineCalls(HttpRules rules, Supplier<IdempotencyEngine> engine) {
		this.rules = rules;
		this.engine = engine;
	}

	private static Scheduler threads(String name) {
		return Schedulers.newBoundedElastic(Schedulers.DEFAULT_BOUNDED_ELASTIC_SIZE, QUEUE, name, SECONDS_IDLE, true);
	}

	/**
	 * Claim the key of a request.
	 * @param wanted asked right before, whether it is still to be claimed
	 * @param call describes the request
	 * @return what the claim came to, or nothing if it is not wanted any more
	 */
	Mono<HttpAnswer.OrRun> open(BooleanSupplier wanted, Supplier<GuardedCall> call) {
		return Mono.defer(() -> wanted.getAsBoolean()
				? answer(HttpAnswer.open(this.engine.get(), call.get(), this.rules, this.claims::schedule))
				: Mono.empty());
	}

	/**
	 * End a run.
	 * @param run the run
	 * @param ending tells how
	 * @return the answer to give instead, if there is one
	 */
	Mono<Optional<HttpAnswer>> end(ExchangeRun run, Supplier<Ending> ending) {
		return Mono.defer(() -> answer(run.end(ending.get(), this.ends::schedule)));
	}

	/**
	 * What comes next must not keep the thread of a driver: a handler that blocked it
	 * would wait for an answer that only this thread can bring. Who stops waiting, as for
	 * a client that hung up, calls nothing off: a claim or an end that began is carried
	 * out.
	 */
	private static <T> Mono<T> answer(CompletionStage<T> stage) {
		return Mono.<T>fromFuture(stage.toCompletableFuture(), true).publishOn(Schedulers.parallel());
	}

	@Override
	public void close() {
		this.claims.dispose();
		this.ends.dispose();
	}

}
