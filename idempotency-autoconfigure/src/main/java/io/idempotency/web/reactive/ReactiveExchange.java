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

import java.util.Locale;

import io.idempotency.IdempotencyException;
import io.idempotency.engine.OperationSpec;
import io.idempotency.web.ContentType;
import io.idempotency.web.ExchangeRun;
import io.idempotency.web.HttpAnswer;
import io.idempotency.web.HttpRules;
import io.idempotency.web.Problem;
import io.idempotency.web.ProblemException;
import io.idempotency.web.Routes;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilterChain;

/**
 * One request on its way through the filter, the dispatcher and back. At most one key is
 * claimed for it. What ends it is an answer: a recorded response, a problem, or what the
 * handler wrote, which is recorded before its first byte leaves.
 */
final class ReactiveExchange {

	private final HttpRules rules;

	private final EngineCalls calls;

	private final GuardedRequest request;

	private final HeldResponse response;

	private final ServerWebExchange exchange;

	private volatile ServerWebExchange seen;

	private volatile @Nullable ReactiveRun run;

	private volatile @Nullable HttpAnswer answer;

	private volatile boolean guarded;

	private volatile boolean keepsBody;

	private @Nullable Object claimant;

	private volatile boolean opened;

	private volatile boolean claimed;

	private volatile boolean hungUp;

	ReactiveExchange(HttpRules rules, EngineCalls calls, ServerWebExchange exchange) {
		this.rules = rules;
		this.calls = calls;
		this.request = new GuardedRequest(exchange.getRequest(), this, rules.bodies());
		this.response = new HeldResponse(exchange.getResponse(), this, rules.maxResponseBody());
		this.exchange = exchange.mutate().request(this.request).response(this.response).build();
		this.seen = this.exchange;
		exchange.getAttributes().put(ReactiveExchange.class.getName(), this);
	}

	static @Nullable ReactiveExchange of(ContextView context) {
		return context.getOrDefault(ReactiveExchange.class, null);
	}

	static @Nullable ReactiveExchange of(ServerWebExchange exchange) {
		return exchange.getAttribute(ReactiveExchange.class.getName());
	}

	/**
	 * Pass, apart from who waits for it: if the client hangs up, a handler that has its
	 * key goes on.
	 */
	Mono<Void> pass(WebFilterChain chain, ErrorPages errorPages) {
		Mono<Void> way = Mono.defer(() -> chain.filter(this.exchange))
			.onErrorResume((failure) -> failed(failure, errorPages))
			.then(Mono.defer(this::finish))
			.onErrorResume(this::failed)
			.doFinally((end) -> this.request.over());
		return Mono.create((client) -> {
			Disposable passing = way.subscribe(null, (failure) -> failed(client, failure), client::success,
					Context.of(client.contextView()).put(ReactiveExchange.class, this));
			client.onCancel(() -> {
				if (hangUp()) {
					passing.dispose();
				}
			});
		});
	}

	private void failed(MonoSink<Void> client, Throwable failure) {
		if (!this.hungUp) {
			client.error(failure);
		}
	}

	/**
	 * Note that the client is gone, and return whether nothing is to go on without it.
	 */
	private synchronized boolean hangUp() {
		this.hungUp = true;
		ReactiveRun run = this.run;
		return !this.claimed || (run != null && run.settled());
	}

	private Mono<Void> failed(Throwable failure, ErrorPages errorPages) {
		if (this.answer != null) {
			return Mono.empty();
		}
		ReactiveRun run = unsettled();
		if (run == null) {
			return Mono.error(failure);
		}
		run.wayFailed(failure);
		return errorPages.answer(this.exchange, failure);
	}

	private Mono<Void> failed(Throwable failure) {
		ReactiveRun run = unsettled();
		return (run != null) ? run.fail().then(Mono.error(failure)) : Mono.error(failure);
	}

	private Mono<Void> finish() {
		HttpAnswer answer = this.answer;
		if (answer != null) {
			return write(answer);
		}
		ReactiveRun run = unsettled();
		return (run != null)
				? run.settle(this.response).flatMap((other) -> other.map(this::write).orElseGet(this::commit))
				: Mono.empty();
	}

	private Mono<Void> commit() {
		return this.hungUp ? Mono.empty() : this.response.commit();
	}

	private Mono<Void> write(HttpAnswer answer) {
		if (this.hungUp) {
			return Mono.empty();
		}
		Locale locale = this.exchange.getLocaleContext().getLocale();
		return this.response.replace(answer.response(this.rules, (locale != null) ? locale : Locale.getDefault()),
				answer.headers(this.rules));
	}

	/** Note the exchange as the handler sees it: a filter may have named the caller. */
	void seenAs(ServerWebExchange exchange) {
		this.seen = exchange;
	}

	/**
	 * Note that the handler is guarded, before anybody reads the body.
	 * @param compared whether the body is to be compared even without a key in the header
	 */
	void guard(boolean compared) {
		this.guarded = true;
		HttpHeaders headers = this.request.getHeaders();
		this.keepsBody = (compared || headers.getFirst(this.rules.header().name()) != null)
				&& ContentType.parse(headers.getFirst(HttpHeaders.CONTENT_TYPE)).kind() != ContentType.Kind.MULTIPART;
	}

	boolean isGuarded() {
		return this.guarded;
	}

	boolean keepsBody() {
		return this.keepsBody;
	}

	/**
	 * Return whether a call of a guarded handler is the one that this request is for. A
	 * request has one operation; a call that is repeated stays the same.
	 */
	synchronized boolean isFor(Object call) {
		if (this.claimant == null) {
			this.claimant = call;
		}
		return this.claimant == call;
	}

	/**
	 * Claim the key, unless that was done already, or there is none and none is needed.
	 * @param spec the operation
	 * @param needsKey whether the key is that of the header
	 * @param call describes the call
	 * @return whether the handler is to run
	 */
	Mono<Boolean> claim(OperationSpec spec, boolean needsKey, RequestDescription.Call call) {
		if (this.opened) {
			return Mono.just(this.answer == null);
		}
		this.opened = true;
		return new RequestDescription(this.rules, this.exchange, this.request, this.seen).of(spec, needsKey, call)
			.flatMap((described) -> this.calls.open(this::begin, described).map(this::opened).defaultIfEmpty(false))
			.defaultIfEmpty(true)
			.onErrorMap(IdempotencyException.class, (ex) -> new ProblemException(Problem.of(ex)))
			.onErrorResume(ProblemException.class, (ex) -> {
				refuse(ex.about(spec.name()));
				return Mono.just(false);
			});
	}

	/** Claim the key of the header for an operation that has no method. */
	Mono<Boolean> claim(OperationSpec spec, Routes routes) {
		guard(false);
		return claim(spec, true,
				(identity, scope, key, fingerprint) -> routes.describe(spec, identity, scope, key, fingerprint.get()));
	}

	/** Nobody is told of a claim that is cut off, so a claim that began is not. */
	private synchronized boolean begin() {
		this.claimed = !this.hungUp;
		return this.claimed;
	}

	private synchronized boolean opened(HttpAnswer.OrRun opened) {
		this.response.hold();
		ExchangeRun run = opened.run();
		this.run = (run != null) ? new ReactiveRun(run, this.calls) : null;
		this.answer = opened.answer();
		this.claimed = run != null;
		return opened.answer() == null;
	}

	/**
	 * Answer with a problem, whatever becomes of the failure on its way.
	 * @param failure the problem
	 * @return the same
	 */
	ProblemException refuse(ProblemException failure) {
		if (this.answer == null) {
			this.response.hold();
			this.answer = HttpAnswer.of(failure.problem());
		}
		return failure;
	}

	/** The run of an admitted request, unless it runs without protection. */
	@Nullable ReactiveRun run() {
		return this.run;
	}

	private @Nullable ReactiveRun unsettled() {
		ReactiveRun run = this.run;
		return (run != null && !run.settled()) ? run : null;
	}

	/** Whether the response is not the handler's, or may not leave yet. */
	boolean holds() {
		return this.answer != null || unsettled() != null;
	}

	/** Whether nobody gets what is written. */
	boolean drops() {
		return this.answer != null || (this.hungUp && this.claimed);
	}

	/**
	 * Let the response through as it is written. A retry will not get it, and does not
	 * run again.
	 */
	Mono<Void> passThrough() {
		ReactiveRun run = unsettled();
		if (run == null || this.answer != null) {
			return Mono.empty();
		}
		return run.settleWithoutResponse(this.response.status())
			.doOnNext((other) -> this.answer = other.orElse(null))
			.then();
	}

}
