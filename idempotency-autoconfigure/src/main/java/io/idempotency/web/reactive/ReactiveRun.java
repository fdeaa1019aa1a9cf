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
import java.util.Optional;

import io.idempotency.IdempotencyContext;
import io.idempotency.engine.Ending;
import io.idempotency.engine.Work;
import io.idempotency.web.EarlyFailures;
import io.idempotency.web.ExchangeRun;
import io.idempotency.web.HttpAnswer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.http.ResponseEntity;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * The run behind one request: watches what the handler's publisher comes to, and ends the
 * run by it.
 */
final class ReactiveRun {

	private final ExchangeRun run;

	private final EngineCalls calls;

	private volatile @Nullable Throwable failure;

	private volatile boolean perhapsRefused;

	private volatile boolean unwritten;

	private volatile boolean bodyToCome;

	ReactiveRun(ExchangeRun run, EngineCalls calls) {
		this.run = run;
		this.calls = calls;
	}

	/** Note that the handler itself begins: what was to refuse the request has not. */
	void reached() {
		this.run.reached();
	}

	/**
	 * Note that the handler begins next, and that nobody will tell when it did: what is
	 * thrown in front of it is told by its type.
	 */
	void reachedUnlessRefused() {
		this.run.reachedUnless(EarlyFailures::include);
	}

	/**
	 * Note that an exception handler answers for the arguments of the handler, or for
	 * what it threw before it returned. Nobody sees what that was.
	 * @param exceptionHandler the method that answers
	 */
	void answeredBy(Method exceptionHandler) {
		this.perhapsRefused = EarlyFailures.mayBeAnsweredBy(exceptionHandler);
	}

	/** Do a part of the work on this thread. */
	Publisher<?> within(Work work) {
		try {
			return (this.run.within(work) instanceof Publisher<?> publisher) ? publisher : Mono.empty();
		}
		catch (Throwable ex) {
			return Mono.error(ex);
		}
	}

	Context inContext(Context context) {
		return context.put(IdempotencyContext.class, this.run.context());
	}

	/** Watch what the handler returned, if it is yet to come. */
	@Nullable Object watched(@Nullable Object returned) {
		ReactiveAdapter adapter = (returned != null)
				? ReactiveAdapterRegistry.getSharedInstance().getAdapter(returned.getClass()) : null;
		if (returned == null || adapter == null) {
			this.run.returned(returned);
			return (returned != null) ? bodyWatched(returned) : null;
		}
		Publisher<?> publisher = adapter.toPublisher(returned);
		return adapter
			.fromPublisher(adapter.isMultiValue() ? watched(Flux.from(publisher)) : watched(Mono.from(publisher)));
	}

	/** Watch what the handler returned. Who subscribes again begins again. */
	Mono<Object> watched(Mono<?> returned) {
		return Mono.<Object>from(returned)
			.doOnSubscribe((subscription) -> begins())
			.doOnSuccess(this.run::returned)
			.map(this::bodyWatched)
			.doOnError(this::threw)
			.contextWrite(this::inContext);
	}

	/** Watch what the handler returned. Who subscribes again begins again. */
	Flux<Object> watched(Flux<?> returned) {
		return Flux.<Object>from(returned)
			.doOnSubscribe((subscription) -> begins())
			.doOnComplete(() -> this.run.returned(null))
			.doOnError(this::threw)
			.contextWrite(this::inContext);
	}

	/** Who returns a body that is yet to come is not done before it has come. */
	private Object bodyWatched(Object returned) {
		if (!(returned instanceof ResponseEntity<?> entity)) {
			this.bodyToCome = returned instanceof ServerResponse;
			return returned;
		}
		Object body = entity.getBody();
		ReactiveAdapter adapter = (body != null)
				? ReactiveAdapterRegistry.getSharedInstance().getAdapter(body.getClass()) : null;
		if (adapter == null || adapter.isNoValue()) {
			return returned;
		}
		this.bodyToCome = true;
		Publisher<?> publisher = adapter.toPublisher(body);
		Publisher<?> watched = adapter.isMultiValue() ? bodyWatched(Flux.from(publisher))
				: bodyWatched(Flux.from(publisher)).singleOrEmpty();
		return ResponseEntity.status(entity.getStatusCode()).headers(entity.getHeaders()).body(watched);
	}

	private Flux<?> bodyWatched(Flux<?> body) {
		return body.doOnComplete(this::bodyCame).doOnError(this::threw).contextWrite(this::inContext);
	}

	/** Note that nothing of the response is to come any more. */
	void bodyCame() {
		this.bodyToCome = false;
	}

	private void begins() {
		this.failure = null;
		this.bodyToCome = false;
	}

	void threw(Throwable failure) {
		if (this.failure == null) {
			this.failure = failure;
		}
	}

	/** Note that the response of a handler, which may have done its work, failed. */
	void responseFailed(Throwable failure) {
		if (this.failure == null && this.run.hasReturned()) {
			this.unwritten = true;
		}
		threw(failure);
	}

	/**
	 * Note that somebody between the filter and the handler failed, perhaps after the
	 * handler.
	 */
	void wayFailed(Throwable failure) {
		if (this.bodyToCome) {
			threw(failure);
		}
		else {
			responseFailed(failure);
		}
	}

	private void noteFailure() {
		Throwable failure = this.failure;
		if (failure != null) {
			this.run.threw(failure);
		}
	}

	boolean settled() {
		return this.run.settled();
	}

	/**
	 * Record the response, or decide that there is nothing to record.
	 * @param response the response
	 * @return the answer to give instead, if there is one
	 */
	Mono<Optional<HttpAnswer>> settle(HeldResponse response) {
		return this.calls.end(this.run, () -> {
			if (this.unwritten) {
				return this.run.endingUnwritten();
			}
			if (this.perhapsRefused && response.status() / 100 == 4) {
				return Ending.forgotten();
			}
			noteFailure();
			return this.run.ending(response.status(), response.headers(), response.heldBytes());
		});
	}

	/**
	 * Record that the request was carried out, before its response goes out unrecorded.
	 * @param status its status
	 * @return the answer to give instead, if there is one
	 */
	Mono<Optional<HttpAnswer>> settleWithoutResponse(int status) {
		return this.calls.end(this.run, () -> {
			noteFailure();
			return this.run.endingWithoutResponse(status);
		});
	}

	/** End a run whose failure nobody made a response of. */
	Mono<Void> fail() {
		return this.calls.end(this.run, () -> {
			if (this.unwritten || (this.failure == null && this.run.hasReturned())) {
				return this.run.endingUnwritten();
			}
			noteFailure();
			return this.run.endingInFailure();
		}).then();
	}

}
