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

package io.idempotency.web;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

import io.idempotency.IdempotencyException;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.Opening;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What a request gets that its handler does not answer: a recorded response or a problem.
 */
public abstract sealed class HttpAnswer {

	private HttpAnswer() {
	}

	/**
	 * Refuse a request.
	 * @param problem why
	 * @return the answer
	 */
	public static HttpAnswer of(Problem problem) {
		return new Refusal(problem);
	}

	static HttpAnswer of(String operation, StoredOutcome outcome) {
		byte[] payload = outcome.payload();
		if (outcome.kind() == StoredOutcome.Kind.VALUE && payload != null) {
			try {
				return new Replay(StoredResponse.decode(payload));
			}
			catch (UnreadableResponseException ex) {
				// What is told is the same as for a response that was not kept
			}
		}
		return of(new Problem(ProblemType.RESPONSE_NOT_REPLAYABLE, operation, null));
	}

	/**
	 * Claim the key of a request.
	 * @param engine claims
	 * @param call what is asked for
	 * @param rules the rules
	 * @return the run, or the answer, or neither where the store failed and the request
	 * is to be carried out all the same
	 */
	public static OrRun open(IdempotencyEngine engine, GuardedCall call, HttpRules rules) {
		try {
			return of(engine.open(call), call, rules);
		}
		catch (IdempotencyException ex) {
			return new OrRun(of(Problem.of(ex)), null);
		}
	}

	/**
	 * Claim the key of a request, without a waiting thread where the store can do so.
	 * @param engine claims
	 * @param call what is asked for
	 * @param rules the rules
	 * @param blocking threads that may wait for the store
	 * @return completes with the run, or the answer, or neither, perhaps on a thread that
	 * must not block
	 */
	public static CompletionStage<OrRun> open(IdempotencyEngine engine, GuardedCall call, HttpRules rules,
			Executor blocking) {
		return engine.open(call, blocking)
			.thenApply((opening) -> of(opening, call, rules))
			.exceptionally((failure) -> new OrRun(of(refusal(failure)), null));
	}

	private static OrRun of(Opening opening, GuardedCall call, HttpRules rules) {
		if (opening instanceof Opening.Begun begun) {
			return new OrRun(null, new ExchangeRun(rules, call, begun.run()));
		}
		return (opening instanceof Opening.Recorded recorded)
				? new OrRun(of(call.spec().name(), recorded.outcome()), null) : new OrRun(null, null);
	}

	static Problem refusal(Throwable failure) {
		if (failure instanceof CompletionException ex && ex.getCause() instanceof IdempotencyException refusal) {
			return Problem.of(refusal);
		}
		throw (failure instanceof CompletionException ex) ? ex : new CompletionException(failure);
	}

	/**
	 * Return what is sent.
	 * @param rules the rules
	 * @param locale the language of the client
	 * @return the response
	 */
	public abstract StoredResponse response(HttpRules rules, Locale locale);

	/**
	 * Return the headers that are sent with it, besides those that were recorded.
	 * @param rules the rules
	 * @return names and values
	 */
	public abstract Map<String, String> headers(HttpRules rules);

	private static final class Replay extends HttpAnswer {

		private static final Map<String, String> REPLAYED = Map.of("Idempotent-Replayed", "true");

		private final StoredResponse recorded;

		Replay(StoredResponse recorded) {
			this.recorded = recorded;
		}

		@Override
		public StoredResponse response(HttpRules rules, Locale locale) {
			return this.recorded;
		}

		@Override
		public Map<String, String> headers(HttpRules rules) {
			return REPLAYED;
		}

	}

	private static final class Refusal extends HttpAnswer {

		private final Problem problem;

		Refusal(Problem problem) {
			this.problem = problem;
		}

		@Override
		public StoredResponse response(HttpRules rules, Locale locale) {
			return new StoredResponse(this.problem.type().status(), List.of(),
					rules.problems().json(rules.problems().detail(this.problem, locale)));
		}

		@Override
		public Map<String, String> headers(HttpRules rules) {
			Map<String, String> headers = new LinkedHashMap<>();
			rules.problems().headers(this.problem).forEach((name, values) -> headers.put(name, values.get(0)));
			return headers;
		}

	}

	/**
	 * What a claim came to.
	 *
	 * @param answer the answer, if there is one
	 * @param run the run, if the handler is to be run under protection
	 */
	public record OrRun(@Nullable HttpAnswer answer, @Nullable ExchangeRun run) {

	}

}
